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

    private static readonly ClusterView s_unhealthy = Views.Cluster with { Nodes = [Views.Node("a") with { Unhealthy = true }, Views.Node("b")] };

    [Test]
    public void a_drained_node_is_let_through() => Assert.That(DrainGates.Judge(s_drained, DrainMode.Standby, []), Is.Empty);

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

    [Test]
    public void in_standby_nothing_may_stay()
    {
        Expect("drain.active", s_drained with { Resources = [Agent("a")] });
        Assert.That(DrainGates.Judge(s_drained with { Resources = [Agent("a")] }, DrainMode.Standby, ["kpatch-clone"]).Select(r => r.Id), Is.EqualTo(new[] { "drain.active" }));
    }

    [Test]
    public void on_an_unhealthy_node_our_agent_may_stay_and_what_is_allowed_to()
    {
        var view = s_unhealthy with { Resources = [Agent("a"), Views.Resource("ping", "a") with { Container = "ping-clone" }, Views.Resource("vip", "b")] };

        Assert.That(DrainGates.Judge(view, DrainMode.Health, ["ping-clone", "kpatch-clone"]), Is.Empty);
        Assert.That(Expect("drain.active", view, DrainMode.Health, "ping").Why, Does.EndWith(": ping"), "it is the container that counts");
    }

    [Test]
    public void a_node_that_the_cluster_takes_for_healthy_is_refused()
    {
        Expect("drain.health", s_unhealthy with { Nodes = [Views.Node("a")] }, DrainMode.Health);
        Assert.That(DrainGates.Judge(s_drained, DrainMode.Health, []), Is.Empty, "an administrator's standby drains it as well");
    }

    [Test]
    public void an_unhealthy_node_is_not_in_standby() => Expect("drain.standby", s_unhealthy);

    [Test]
    public void where_nothing_is_drained_the_cluster_must_be_at_rest()
    {
        var view = Views.Cluster with { Resources = [Agent("a"), Views.Resource("vip", "a")] };

        Assert.That(DrainGates.Judge(view, DrainMode.None, []), Is.Empty);
        Expect("drain.unsettled", view with { Settled = false }, DrainMode.None);
        Expect("drain.offline", view with { Nodes = [Views.Node("a") with { Online = false }] }, DrainMode.None);
    }

    private static ResourceView Agent(string node) => Views.Resource("kpatch", node) with { Agent = "ocf:pcmk:kpatch", Container = "kpatch-clone" };

    private static Refusal Expect(string id, ClusterView view, DrainMode mode = DrainMode.Standby, params string[] staying)
    {
        var refusals = DrainGates.Judge(view, mode, staying).ToList();
        Assert.That(refusals.Select(r => r.Id), Is.EqualTo(new[] { id }));
        return refusals[0];
    }
}
