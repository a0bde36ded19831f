using NUnit.Framework;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Tests.Cluster;

public sealed class BaselineTests
{
    private static readonly ClusterView s_before = With(
        Views.Resource("vip", "a"), Views.Resource("web", "a"), Views.Resource("web", "b"), Views.Resource("db", "a", "Promoted"), Views.Resource("db", "b", "Unpromoted"), Views.Resource("spare", null));

    [Test]
    public void the_same_view_lacks_nothing() => Assert.That(Missing(s_before), Is.Empty);

    [Test]
    public void a_resource_that_runs_on_another_node_is_not_missing() => Assert.That(
        Missing(Instead("vip", Views.Resource("vip", "b"))), Is.Empty);

    [Test]
    public void a_resource_that_stopped_is_missing() => Assert.That(
        Missing(Instead("vip", Views.Resource("vip", null))), Is.EqualTo(new[] { "vip is active 0 of 1 times" }));

    [Test]
    public void an_instance_of_a_clone_that_stopped_is_missing() => Assert.That(
        Missing(Instead("web", Views.Resource("web", "a"), Views.Resource("web", null))), Is.EqualTo(new[] { "web is active 1 of 2 times" }));

    [Test]
    public void a_promotion_that_is_gone_is_missing() => Assert.That(
        Missing(Instead("db", Views.Resource("db", "a", "Unpromoted"), Views.Resource("db", "b", "Unpromoted"))), Is.EqualTo(new[] { "db is promoted 0 of 1 times" }));

    [Test]
    public void a_promotion_that_moved_is_not_missing() => Assert.That(
        Missing(Instead("db", Views.Resource("db", "a", "Unpromoted"), Views.Resource("db", "b", "Promoted"))), Is.Empty);

    [Test]
    public void a_resource_that_failed_since_then_is_missing() => Assert.That(
        Missing(Instead("vip", Views.Resource("vip", "b") with { Failed = true })), Is.EqualTo(new[] { "vip is failed or blocked" }));

    [Test]
    public void a_resource_that_had_failed_before_is_not_missing()
    {
        var before = Baseline.Of(Instead("vip", Views.Resource("vip", "a") with { Failed = true }));

        Assert.That(Baseline.Missing(before, Instead("vip", Views.Resource("vip", "a") with { Blocked = true })), Is.Empty);
    }

    [Test]
    public void what_the_administrator_took_away_meanwhile_is_not_missing()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Missing(Instead("vip")), Is.Empty, "deleted");
            Assert.That(Missing(Instead("vip", Views.Resource("vip", null) with { Disabled = true })), Is.Empty, "disabled");
            Assert.That(Missing(Instead("vip", Views.Resource("vip", null) with { Managed = false })), Is.Empty, "unmanaged");
        }
    }

    [Test]
    public void what_another_node_lacks_that_the_administrator_took_away_meanwhile_is_not_missing()
    {
        var stopped = Instead("web", Views.Resource("web", "a"), Views.Resource("web", null));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Missing(Where(stopped, "b", n => n with { Standby = true })), Is.Empty, "in standby");
            Assert.That(Missing(Where(stopped, "b", n => n with { Maintenance = true })), Is.Empty, "in maintenance");
            Assert.That(Missing(Where(stopped, "b", n => n with { Standby = true, Online = false })), Is.Not.Empty, "lost");
            Assert.That(Missing(Where(stopped, "c", n => n with { Standby = true })), Is.Not.Empty, "where there was none");
            Assert.That(Missing(Where(Instead("web", Views.Resource("web", null), Views.Resource("web", null)), "b", n => n with { Standby = true })), Is.Not.Empty, "here, too");
        }
    }

    [Test]
    public void where_an_earlier_version_did_not_note_it_every_instance_is_asked_for()
    {
        var before = Baseline.Of(s_before).ToDictionary(p => p.Key, p => p.Value with { Nodes = null });
        var stopped = Instead("web", Views.Resource("web", "a"), Views.Resource("web", null));

        Assert.That(Baseline.Missing(before, Where(stopped, "b", n => n with { Standby = true })), Is.Not.Empty);
    }

    [Test]
    public void a_resource_that_was_added_meanwhile_is_no_matter() => Assert.That(
        Missing(s_before with { Resources = [.. s_before.Resources, Views.Resource("new", null)] }), Is.Empty);

    [Test]
    public void what_is_active_on_a_node_is_named_once_and_in_order()
    {
        var view = With(Views.Resource("web", "a"), Views.Resource("db", "a"), Views.Resource("web", "a"), Views.Resource("vip", "b"), Views.Resource("off", null));

        Assert.That(view.ActiveOn("a"), Is.EqualTo(new[] { "db", "web" }));
    }

    private static ClusterView Where(ClusterView view, string node, Func<NodeView, NodeView> become) =>
        view with { Nodes = [.. view.Nodes.Select(n => n.Name == node ? become(n) : n)] };

    private static ClusterView With(params ResourceView[] resources) => Views.Cluster with { Resources = resources };

    private static ClusterView Instead(string id, params ResourceView[] resources) =>
        s_before with { Resources = [.. s_before.Resources.Where(r => r.Id != id), .. resources] };

    private static IReadOnlyList<string> Missing(ClusterView now) => Baseline.Missing(Baseline.Of(s_before), now);
}
