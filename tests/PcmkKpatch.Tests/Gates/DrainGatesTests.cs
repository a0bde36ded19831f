using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Tests.Gates;

public sealed class DrainGatesTests
{
    private static readonly ClusterView s_drained = Views.Cluster with
    {
        Nodes = [Views.Node("a") with { Standby = true }, Views.Node("b")],
        Resources = [Views.Resource("vip", "b"), Views.Resource("web", null)],
    };

    [Test]
    public void a_drained_node_is_let_through() => Assert.That(DrainGates.Judge(s_drained), Is.Empty);

    [Test]
    public void a_node_that_is_not_in_standby_is_refused() => Expect("drain.standby", s_drained with { Nodes = [Views.Node("a")] });

    [Test]
    public void a_node_that_is_offline_is_refused() => Expect("drain.offline", s_drained with { Nodes = [Views.Node("a") with { Online = false }] });

    [Test]
    public void a_node_that_the_cluster_does_not_know_is_refused() => Expect("drain.offline", s_drained with { LocalNode = "elsewhere" });

    [Test]
    public void a_cluster_that_still_moves_is_refused() => Expect("drain.unsettled", s_drained with { Settled = false });

    [Test]
    public void a_resource_still_active_here_is_refused_by_its_name()
    {
        var refusal = Expect("drain.active", s_drained with { Resources = [Views.Resource("vip", "a")], Settled = false });

        Assert.That(refusal.Why, Is.EqualTo("1 resource still active here: vip"));
    }

    [Test]
    public void many_resources_still_active_are_counted_and_some_are_named()
    {
        var refusal = Expect("drain.active", s_drained with { Resources = [.. Enumerable.Range(1, 6).Select(i => Views.Resource($"r{i}", "a"))] });

        Assert.That(refusal.Why, Is.EqualTo("6 resources still active here: r1, r2, r3, r4 …"));
    }

    private static Refusal Expect(string id, ClusterView view)
    {
        var refusals = DrainGates.Judge(view).ToList();
        Assert.That(refusals.Select(r => r.Id), Is.EqualTo(new[] { id }));
        return refusals[0];
    }
}
