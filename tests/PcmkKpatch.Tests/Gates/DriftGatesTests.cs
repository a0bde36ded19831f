using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Tests.Gates;

public sealed class DriftGatesTests
{
    private static readonly ClusterView s_same = Of(Node("a"), Node("b"), Node("c"));

    [Test]
    public void nodes_that_run_the_same_do_not_drift() => Assert.That(DriftGates.Find(s_same), Is.Empty);

    [Test]
    public void kernels_that_differ_are_told_with_their_nodes() =>
        Expect(Of(Node("b"), Node("a"), Node("c", kernel: "5.14.0-2")), (DriftGates.Kernel, "the kernels differ: 5.14.0-1 on a, b; 5.14.0-2 on c"));

    [Test]
    public void patches_are_compared_between_nodes_of_one_kernel()
    {
        Expect(Of(Node("a"), Node("b", patch: "none")), (DriftGates.Patch, "the patches in force differ: kpatch_1_1 on a; none on b"));
        Expect(Of(Node("a"), Node("b", kernel: "5.14.0-2", patch: "kpatch_2_1")), (DriftGates.Kernel, "the kernels differ: 5.14.0-1 on a; 5.14.0-2 on b"));
    }

    [Test]
    public void versions_differ_where_the_nodes_or_the_DC_say_so()
    {
        Expect(Of(Node("a") with { FeatureSet = "3.16.2" }, Node("b") with { FeatureSet = "3.19.0" }), (DriftGates.Version, "the versions of Pacemaker differ: feature set 3.16.2 on a; 3.19.0 on b"));
        Expect(s_same with { MixedVersion = true }, (DriftGates.Version, "the versions of Pacemaker differ, says the DC"));
        Expect(Of(Node("a") with { FeatureSet = "3.16.2" }, Node("b") with { FeatureSet = "3.16.2" }) with { MixedVersion = false });
    }

    [Test]
    public void a_node_that_does_not_tell_is_unknown()
    {
        Expect(Of(Node("a"), Node("b"), Views.Node("c")), (DriftGates.Unknown, "c did not say what kernel and patch it runs"));
        Expect(Of(Node("a"), Node("b", kernel: " ")), (DriftGates.Unknown, "b did not say what kernel and patch it runs"));
        Expect(Of(Node("a"), Node("b", patch: "")), (DriftGates.Unknown, "b did not say what kernel and patch it runs"));
        Expect(Of(Node("a") with { FeatureSet = "3.16.2" }, Node("b")), (DriftGates.Unknown, "b did not say what version of Pacemaker it runs"));
    }

    [Test]
    public void what_nodes_have_said_that_are_not_there_now_is_old_and_does_not_count()
    {
        var other = Node("c", kernel: "5.14.0-2", patch: "none") with { FeatureSet = "3.19.0" };

        Expect(Of(Node("a"), Node("b"), other with { Online = false }));
        Expect(Of(Node("a"), Node("b"), other with { Pending = true }));
        Expect(Of(Node("a"), Node("b"), other with { IsMember = false }));
    }

    private static void Expect(ClusterView view, params (string Id, string Why)[] drifts) => Assert.That(DriftGates.Find(view).Select(d => (d.Id, d.Why)), Is.EqualTo(drifts));

    private static ClusterView Of(params NodeView[] nodes) => Views.Cluster with { Nodes = nodes };

    private static NodeView Node(string name, string kernel = "5.14.0-1", string patch = "kpatch_1_1") =>
        Views.Node(name) with { Attributes = new Dictionary<string, string> { [DriftGates.KernelAttribute] = kernel, [DriftGates.PatchAttribute] = patch } };
}
