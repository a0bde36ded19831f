using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Tests.Gates;

public sealed class ClusterGatesTests
{
    private static readonly TestCaseData[] s_troubles =
    [
        Case("cluster.self", v => v with { LocalNode = "elsewhere" }),
        Case("cluster.remote", v => With(v, "a", n => n with { IsMember = false })),
        Case("cluster.dc", v => v with { Dc = null }),
        Case("cluster.quorum", v => v with { QuorumByCib = false }),
        Case("cluster.quorum-membership", v => v with { QuorumByMembership = false }),
        Case("cluster.maintenance", v => v with { Maintenance = true }),
        Case("cluster.stop-all", v => v with { StopAllResources = true }),
        Case("cluster.unclean", v => With(v, "b", n => n with { Unclean = true, Online = false })),
        Case("cluster.unclean", v => With(v, "b", n => n with { Unclean = true })),
        Case("cluster.pending", v => With(v, "b", n => n with { Pending = true })),
        Case("cluster.member-offline", v => With(v, "b", n => n with { Online = false })),
        Case("cluster.node-maintenance", v => With(v, "b", n => n with { Maintenance = true })),
        Case("cluster.node-maintenance", v => With(v, "a", n => n with { Maintenance = true })),
    ];

    [Test]
    public void a_whole_cluster_is_let_through() => Assert.That(ClusterGates.Judge(Views.Cluster), Is.Empty);

    [Test]
    public void a_node_in_standby_is_no_trouble() =>
        Assert.That(ClusterGates.Judge(With(Views.Cluster, "b", n => n with { Standby = true })), Is.Empty);

    [Test]
    public void a_remote_node_that_is_off_is_no_trouble()
    {
        var remote = Views.Node("r") with { IsMember = false, Online = false };

        Assert.That(ClusterGates.Judge(Views.Cluster with { Nodes = [.. Views.Cluster.Nodes, remote] }), Is.Empty);
    }

    [TestCase(null, "a is not patched: it is a remote node, which only a person patches")]
    [TestCase("vm", "a is not patched: it is a guest of vm: a container has its node's kernel, and a virtual machine's own only a person patches")]
    public void why_a_node_is_never_patched_is_said(string? guestOf, string why)
    {
        var view = With(Views.Cluster, "a", n => n with { IsMember = false, GuestOf = guestOf });

        Assert.That(ClusterGates.Judge(view).Select(r => r.Why), Is.EqualTo(new[] { why }));
        Assert.That(Views.Cluster.Nodes[0].WhyNotPatched, Is.Null);
    }

    [TestCaseSource(nameof(s_troubles))]
    public void each_trouble_is_refused_by_its_name(string id, Func<ClusterView, ClusterView> change)
    {
        var refusals = ClusterGates.Judge(change(Views.Cluster)).ToList();

        Assert.That(refusals.Select(r => r.Id), Is.EqualTo(new[] { id }));
        Assert.That(refusals[0].Why + refusals[0].Remedy, Is.Not.Empty);
        Assert.That(refusals[0].NeedsPerson, Is.False, "a cluster may mend by itself");
    }

    private static TestCaseData Case(string id, Func<ClusterView, ClusterView> change) => new TestCaseData(id, change).SetArgDisplayNames(id);

    private static ClusterView With(ClusterView view, string node, Func<NodeView, NodeView> change) =>
        view with { Nodes = [.. view.Nodes.Select(n => n.Name == node ? change(n) : n)] };
}
