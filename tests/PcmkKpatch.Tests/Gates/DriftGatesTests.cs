using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Tests.Gates;

public sealed class DriftGatesTests
{
    private static readonly DateTimeOffset s_midnight = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
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

    [Test]
    public void versions_that_the_nodes_publish_are_compared_too()
    {
        static NodeView With(string name, string? version) => version is null ? Node(name) : Saying(Node(name), DriftGates.VersionAttribute, version);
        Expect(Of(With("a", "pacemaker 2.1.5 corosync 3.1.7"), With("b", "pacemaker 2.1.5 corosync 3.1.7")));
        Expect(Of(With("a", "pacemaker 2.1.5 corosync 3.1.7"), With("b", "pacemaker 2.1.5 corosync 3.1.8")), (DriftGates.Version, "the versions of the cluster's software differ: pacemaker 2.1.5 corosync 3.1.7 on a; pacemaker 2.1.5 corosync 3.1.8 on b"));
        Expect(Of(With("a", "pacemaker 2.1.5 corosync 3.1.7"), With("b", null)), (DriftGates.Unknown, "b did not say what version of the cluster's software it has"));
    }

    // a and b have the old patch, c has the new one since 03:00 and d since 05:00: so they differ since 03:00, however long a and b have theirs.
    [Test]
    public void they_differ_since_the_second_value_came_into_being()
    {
        var view = Of(Since("a", "kpatch_1_1", 1), Since("b", "kpatch_1_1", 7), Since("c", "kpatch_1_2", 3), Since("d", "kpatch_1_2", 5));
        Assert.That(DriftGates.Find(view).Single().Since, Is.EqualTo(s_midnight.AddHours(3)));
        Assert.That(DriftGates.Find(view).Single().ToString(), Is.EqualTo("the patches in force differ: kpatch_1_1 on a, b; kpatch_1_2 on c, d, since 2026-03-01 03:00 UTC"));
        Assert.That(DriftGates.Find(Of(Since("a", "none", 1), Since("b", "kpatch_1_1", 3), Since("c", "kpatch_1_2", 6))).Single().Since, Is.EqualTo(s_midnight.AddHours(6)), "with three of them since the last");
        Assert.That(DriftGates.Find(Of(Since("a", "none", 1), Since("b", "kpatch_1_1", 3), Node("c", patch: "none"))).Single().Since, Is.EqualTo(s_midnight.AddHours(3)), "one that does not say since when has another of its value speak for it");
    }

    [Test]
    public void only_what_lasts_too_long_is_complained_of()
    {
        var view = Of(Since("a", "none", 1), Since("b", "kpatch_1_1", 3));
        Assert.That(Judge(view, TimeSpan.FromHours(2), 5), Is.Empty);
        Assert.That(Judge(view, TimeSpan.FromHours(2), 6), Is.EqualTo((string[])["the patches in force differ: kpatch_1_1 on b; none on a, since 2026-03-01 03:00 UTC, for longer than max_skew=7200s (fleet.patch-drift)"]));
        Assert.That(Judge(view, TimeSpan.FromHours(2), 1), Is.Empty, "another node's clock may be ahead");
        Assert.That(Judge(view, TimeSpan.Zero, 5000), Is.Empty, "nobody asked");
        Assert.That(Judge(s_same, TimeSpan.FromSeconds(1), 5000), Is.Empty);
    }

    [Test]
    public void each_kind_has_its_own_word_and_what_to_do()
    {
        static NodeView Old(NodeView node) => Saying(node, DriftGates.SinceAttribute, "kernel=2026-01-01T00:00:00Z patch=2026-01-01T00:00:00Z version=2026-01-01T00:00:00Z");
        var view = Of(Old(Node("a") with { FeatureSet = "1" }), Old(Node("b", patch: "none") with { FeatureSet = "2" }), Old(Node("c", kernel: "5.14.0-2") with { FeatureSet = "1" }), Views.Node("d") with { FeatureSet = "1" });
        var refusals = DriftGates.Judge(view, TimeSpan.FromDays(7), s_midnight).ToList();
        Assert.That(refusals.Select(r => r.Id), Is.EqualTo((string[])["fleet.unknown", "fleet.kernel-drift", "fleet.patch-drift", "fleet.version-drift"]));
        Assert.That(refusals.Select(r => r.Remedy), Is.Unique.And.All.Not.Empty);
        Assert.That(refusals[1].Why, Does.EndWith(", for longer than max_skew=7d"));
    }

    [TestCase("")]
    [TestCase("patch=")]
    [TestCase("patch=yesterday")]
    [TestCase("kernel=2026-01-01T00:00:00Z")]
    public void what_differs_and_does_not_say_since_when_is_unknown(string since)
    {
        var view = Of(Since("a", "none", 1), Saying(Node("b"), DriftGates.SinceAttribute, since));
        Assert.That(Judge(view, TimeSpan.FromHours(2), 6), Is.EqualTo((string[])["the patches in force differ: kpatch_1_1 on b; none on a, and it is not known since when (fleet.unknown)"]));
    }

    private static IEnumerable<string> Judge(ClusterView view, TimeSpan longest, int hour) => DriftGates.Judge(view, longest, s_midnight.AddHours(hour)).Select(r => r.ToString());

    private static NodeView Since(string name, string patch, int hour) => Saying(Node(name, patch: patch), DriftGates.SinceAttribute, new Ages().Seen("5.14.0-1", patch, s_midnight.AddHours(hour)).Text);

    private static NodeView Saying(NodeView node, string attribute, string value) => node with { Attributes = new Dictionary<string, string>(node.Attributes) { [attribute] = value } };

    private static void Expect(ClusterView view, params (string Id, string Why)[] drifts) => Assert.That(DriftGates.Find(view).Select(d => (d.Id, d.Why)), Is.EqualTo(drifts));

    private static ClusterView Of(params NodeView[] nodes) => Views.Cluster with { Nodes = nodes };

    private static NodeView Node(string name, string kernel = "5.14.0-1", string patch = "kpatch_1_1") =>
        Views.Node(name) with { Attributes = new Dictionary<string, string> { [DriftGates.KernelAttribute] = kernel, [DriftGates.PatchAttribute] = patch } };
}
