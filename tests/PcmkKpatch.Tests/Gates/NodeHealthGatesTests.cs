using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Tests.Gates;

public sealed class NodeHealthGatesTests
{
    private static readonly ClusterView s_view = Views.Cluster with
    {
        Resources =
        [
            Views.Resource("kpatch", "a") with { Agent = "ocf::pcmk:kpatch", Container = "kpatch-clone" }, Views.Resource("kpatch", "b") with { Agent = "ocf:pcmk:kpatch", Container = "kpatch-clone" },
            Views.Resource("web", "a"), Views.Resource("db", "b"),
        ],
    };

    private static readonly HealthRules s_rules = new() { FeatureSet = "3.15.0", Strategy = "migrate-on-red", Staying = ["kpatch-clone"] };

    [TestCase("migrate-on-red")]
    [TestCase("only-green")]
    [TestCase("Only-Green")]
    public void a_cluster_that_drains_unhealthy_nodes_is_let_through(string strategy) =>
        Assert.That(NodeHealthGates.Judge("a", s_view, s_rules with { Strategy = strategy }), Is.Empty);

    [TestCase("none")]
    [TestCase("progressive")]
    [TestCase("custom")]
    [TestCase("")]
    [TestCase("bogus")]
    public void a_strategy_that_may_leave_something_there_is_refused_with_what_to_type(string strategy)
    {
        var refusal = Expect("drain.health-strategy", s_rules with { Strategy = strategy });

        Assert.That(refusal.Remedy, Does.StartWith("pcs property set node-health-strategy=migrate-on-red"));
    }

    [TestCase("3.11.0")]
    [TestCase("3.0.14")]
    public void a_cluster_too_old_to_leave_the_agent_there_is_refused(string featureSet) => Expect("drain.health-release", s_rules with { FeatureSet = featureSet });

    [TestCase("3.15.0")]
    [TestCase("3.16.2")]
    [TestCase("3.20.0")]
    [TestCase("4.0.0")]
    public void later_ones_are_let_through(string featureSet) => Assert.That(NodeHealthGates.Judge("a", s_view, s_rules with { FeatureSet = featureSet }), Is.Empty);

    [Test]
    public void an_agent_that_would_be_stopped_is_refused_with_what_to_type()
    {
        var refusal = Expect("drain.health-agent", s_rules with { Staying = ["web"] });

        Assert.That(refusal.Remedy, Is.EqualTo("pcs resource meta kpatch-clone allow-unhealthy-nodes=true"));
    }

    [Test]
    public void a_cluster_without_the_agent_has_nothing_to_leave_there() =>
        Assert.That(NodeHealthGates.Judge("a", s_view with { Resources = [Views.Resource("web", "a")] }, s_rules with { Staying = [] }), Is.Empty);

    [Test]
    public void what_cannot_be_told_is_refused()
    {
        Expect("drain.health-unknown", s_rules with { FeatureSet = null });
        Expect("drain.health-unknown", s_rules with { FeatureSet = "new" });
        Expect("drain.health-unknown", s_rules with { Strategy = null });
        Assert.That(Expect("drain.health-unknown", s_rules with { Staying = [], Unsure = ["kpatch-clone"] }).Remedy, Does.Contain("pcs resource meta kpatch-clone"));
        Assert.That(Expect("drain.health-unknown", s_rules with { Unsure = ["web"] }).Remedy, Does.Contain("pcs resource meta web"));
    }

    [Test]
    public void what_is_active_elsewhere_does_not_matter() => Assert.That(NodeHealthGates.Judge("a", s_view, s_rules with { Unsure = ["db"] }), Is.Empty);

    private static Refusal Expect(string id, HealthRules rules)
    {
        var refusals = NodeHealthGates.Judge("a", s_view, rules).ToList();
        Assert.That(refusals.Select(r => r.Id), Is.EqualTo(new[] { id }));
        Assert.That(GateLevels.Settable.Keys, Does.Not.Contain(id));
        return refusals[0];
    }
}
