using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>
/// Real clusters of each release in states that are worth reading, as tests/lab/capture-golden wrote down what their tools say of them (folder Golden, a folder for each release): three
/// members, a remote node, a group, a clone, a promotable clone, a bundle, and a resource "weak" on node2.
/// </summary>
[TestFixture("2.0.5", "3.6.1")]
[TestFixture("2.1.5", "3.16.1")]
[TestFixture("3.0.0", "3.20.0")]
internal sealed class GoldenTests(string version, string featureSet)
{
    [Test]
    public void A_whole_cluster_is_whole()
    {
        var mon = Mon("whole");

        Assert.That(mon.Dc, Does.Match("^node[123]$"));
        Assert.That((mon.WithQuorum, mon.Maintenance, mon.StopAllResources, mon.Fencing), Is.EqualTo((true, false, false, (bool?)true)));
        Assert.That(mon.MixedVersion, Is.EqualTo(version == "2.0.5" ? (bool?)null : false));
        Assert.That(mon.Nodes.Select(n => (n.Name, n.IsMember, n.Online)), Is.EqualTo(((string, bool, bool)[])[("node1", true, true), ("node2", true, true), ("node3", true, true), ("node4", false, true)]));
        Assert.That(mon.Nodes.Any(n => n.Standby || n.Pending || n.Unclean || n.Maintenance || n.Unhealthy), Is.False);
        Assert.That(mon.Nodes.Where(n => n.IsMember).Select(n => n.FeatureSet).Distinct(), Is.EqualTo((string?[])[version == "2.0.5" ? null : featureSet]));
        Assert.That(Node(mon, "node1").Attributes["kpatch-state"], Is.EqualTo("idle"));
        Assert.That(mon.FenceHistory, Is.Empty);
    }

    [Test]
    public void Every_kind_of_resource_is_where_it_is()
    {
        var mon = Mon("whole");

        foreach (var id in (string[])["db", "mail", "address", "web", "fencing", "node4"])
            Assert.That(Of(mon, id).Select(r => (r.Role, r.Active, r.Nodes.Count)), Is.EqualTo(((string, bool, int)[])[("Started", true, 1)]), id);
        Assert.That(Of(mon, "address").Single().Nodes, Is.EqualTo(Of(mon, "web").Single().Nodes), "a group is together");
        Assert.That(Of(mon, "weak").Single().Nodes, Is.EqualTo((string[])["node2"]));
        Assert.That(Of(mon, "logger").SelectMany(r => r.Nodes).Order(StringComparer.Ordinal), Is.EqualTo((string[])["node1", "node2", "node3", "node4"]), "a clone is everywhere");
        Assert.That(Of(mon, "store").Count(r => r.Active), Is.EqualTo(4));
        Assert.That(Of(mon, "store").Count(r => r.Promoted), Is.EqualTo(1));
        Assert.That(mon.Resources.Where(r => r.IsFenceDevice).Select(r => r.Id), Is.EqualTo((string[])["fencing"]));
        var bundle = mon.Resources.Where(r => r.Id.StartsWith("httpd", StringComparison.Ordinal)).ToList();
        Assert.That(bundle, Is.Not.Empty);
        Assert.That(bundle.Any(r => r.Active || r.Failed), Is.False, "nothing of the bundle that is disabled runs");
    }

    [Test]
    public void Standby_is_seen_and_nothing_runs_there()
    {
        var mon = Mon("standby");

        Assert.That(mon.Nodes.Where(n => n.Standby).Select(n => n.Name), Is.EqualTo((string[])["node2", "node3"]), "of either lifetime");
        Assert.That(mon.Nodes.Where(n => n.Online).Select(n => n.Name), Is.EqualTo((string[])["node1", "node2", "node3", "node4"]));
        Assert.That(mon.Resources.Where(r => r.Active).SelectMany(r => r.Nodes).Intersect(["node2", "node3"]), Is.Empty);
    }

    [Test]
    public void A_failure_that_blocks_is_seen_and_counted()
    {
        var weak = Of(Mon("failed"), "weak").Single();

        Assert.That((weak.Failed, weak.Blocked, weak.Managed), Is.EqualTo((true, true, false)), "what is blocked is not managed");
        Assert.That(FailCounts.Read(Golden("failed.failcounts")), Is.EqualTo((FailCount[])[new("weak", "node2", 1, 1_000_000)]));
    }

    [Test]
    public void A_node_that_has_left_is_safely_down_and_one_that_lost_its_power_is_not()
    {
        var (left, lost) = (Node(Mon("offline"), "node3"), Node(Mon("unclean"), "node3"));

        Assert.That((left.Online, left.Unclean, left.IsSafelyDown), Is.EqualTo((false, false, true)));
        Assert.That((lost.Online, lost.Unclean, lost.IsSafelyDown), Is.EqualTo((false, true, false)));
        Assert.That(Mon("offline").Nodes.Where(n => n.Online).Select(n => n.Name), Is.EqualTo((string[])["node1", "node2", "node4"]));
    }

    [Test]
    public void A_node_on_its_way_into_the_cluster_is_seen()
    {
        var joining = Node(Mon("pending"), "node3");

        Assert.That((joining.Pending, joining.IsSafelyDown), Is.EqualTo((true, false)));
        Assert.That(Mon("pending").Nodes.Where(n => n.Pending).Select(n => n.Name), Is.EqualTo((string[])["node3"]));
    }

    [Test]
    public void A_fence_is_in_the_history()
    {
        Assert.That(Mon("fenced").FenceHistory!.Select(f => (f.Target, f.Action, f.Result, f.Completed is null)).Distinct(), Is.EqualTo(((string, string, FenceResult, bool)[])[("node3", "reboot", FenceResult.Succeeded, false)]));
    }

    [Test]
    public void The_CIB_is_taken_apart()
    {
        var cib = new WholeCib(File.ReadAllBytes(At("whole.cib")));

        Assert.That(cib.States.Select(s => s.Name).Order(StringComparer.Ordinal), Is.EqualTo((string[])["node1", "node2", "node3", "node4"]));
        Assert.That(HealthConfig.Parse(cib.WithoutHistories()).FeatureSet, Is.EqualTo(featureSet));
        Assert.That(FenceConfig.Parse(cib.WithoutHistories()).Devices["fencing"].Names("node2"), Is.True);
        Assert.That(LeftOvers.Read(cib.WithoutHistories()), Is.Empty);
        foreach (var state in cib.States)
            Assert.That(cib.WithoutHistory(state), Does.Contain(WholeCib.InPlaceOfHistory).And.Not.Contain("lrm_rsc_op"), state.Name);
    }

    [Test]
    public void A_cluster_at_rest_has_nothing_planned_and_a_drain_moves_all_but_clones()
    {
        Assert.That(Graph("whole"), Is.Empty);
        var forecast = Forecast.OfDrain("node2", Graph("whole"), Graph("drained"));
        var active = Mon("whole").Resources.Where(r => r.Active && r.Nodes.Contains("node2")).Select(r => r.Id).Distinct().ToList();

        Assert.That((forecast.Fences.Count, forecast.Pending.Count, forecast.Stops.Count), Is.EqualTo((0, 0, 0)));
        Assert.That(forecast.StopsOfClones, Is.EquivalentTo((string[])["logger", "store"]));
        Assert.That(
            forecast.Moves.Concat(forecast.Migrations).Select(m => m.Resource).Order(StringComparer.Ordinal),
            Is.EqualTo(active.Except(["logger", "store"]).Order(StringComparer.Ordinal)));
        Assert.That(active, Does.Contain("weak"));
    }

    private static IEnumerable<ResourceView> Of(CrmMon mon, string id) => mon.Resources.Where(r => r.Id.Split(':')[0] == id);

    private static NodeView Node(CrmMon mon, string name) => mon.Nodes.Single(n => n.Name == name);

    private CrmMon Mon(string state) => CrmMon.Parse(new StringReader(Golden($"{state}.crm_mon")));

    private IReadOnlyList<PlannedAction> Graph(string state) => PcmkKpatch.Pacemaker.Graph.Read(new StringReader(Golden($"{state}.graph")));

    private string Golden(string what) => File.ReadAllText(At(what));

    private string At(string what) => Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", version, $"{what}.xml");
}
