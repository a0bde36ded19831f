using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>
/// Remote nodes and the guests of bundles as the real crm_mon and the real scheduler have them, in a cluster at rest (Cibs/remotes.xml): the remote node "far" with
/// "desk" on it, by its connection on n1; the bundle "shop" with a replica on each member; the bundle "lone" with one replica, on n1.
/// </summary>
internal sealed class RemoteNodeTests
{
    private CibFile _cib = null!;

    [SetUp]
    public void Begin() => _cib = new CibFile("remotes");

    [TearDown]
    public void End() => _cib.Dispose();

    [TestCase("far", "it is a remote node, which only a person patches")]
    [TestCase("shop-2", "it is a guest of shop-podman-2: a container has its node's kernel, and a virtual machine's own only a person patches")]
    [TestCase("n1", null)]
    public void Every_node_says_why_it_is_not_patched(string name, string? why) => Assert.That(View().Node(name)!.WhyNotPatched, Is.EqualTo(why));

    [Test]
    public void A_drain_migrates_the_connection_and_leaves_alone_what_runs_on_the_remote_node()
    {
        var forecast = Foreseen(() => new PacemakerForesight().Drain("n1", DrainMode.Standby));
        Assert.That(forecast.Pending, Is.Empty);
        Assert.That(forecast.Migrations, Is.EqualTo((Move[])[new("far", "n1", "n2")]));
        Assert.That(forecast.Moves, Is.EqualTo((Move[])[new("lone-podman-0", "n1", "n2")]));
        Assert.That(forecast.Stops.Concat(forecast.Promotions).Select(s => s.Resource), Has.None.EqualTo("desk"));
        Assert.That(forecast.Elsewhere.Select(m => m.Resource), Has.None.EqualTo("desk"));
        Assert.That(forecast.Fences, Is.Empty);
    }

    [Test]
    public void A_replica_that_stops_with_its_node_does_not_keep_it_from_being_drained()
    {
        var forecast = Foreseen(() => new PacemakerForesight().Drain("n1", DrainMode.Standby));
        Assert.That(forecast.Stops, Is.EquivalentTo((Placed[])[new("till", "shop-2"), new("shop-podman-2", "n1"), new("shop-2", "n1")]));
        Assert.That(ForecastGates.JudgeDrain(forecast, View(), []), Is.Empty);
    }

    [Test]
    public void Nor_does_it_speak_against_the_nodes_death()
    {
        var forecast = Foreseen(() => new PacemakerForesight().Loss("n1"));
        Assert.That(forecast.Moves.Concat(forecast.Migrations).Select(m => (m.Resource, m.From)), Is.EquivalentTo(((string, string)[])[("far", "n1"), ("lone-podman-0", "n1")]));
        Assert.That(ForecastGates.JudgeLoss(forecast, View(), []), Is.Empty);
    }

    [Test]
    public void A_bundle_without_another_home_keeps_its_node_from_being_drained_unless_it_may_stop()
    {
        foreach (var node in (string[])["n2", "n3"])
            _cib.Add("configuration/constraints", $"<rsc_location id=\"lone-{node}\" rsc=\"lone\" node=\"{node}\" score=\"-INFINITY\"/>");
        var forecast = Foreseen(() => new PacemakerForesight().Drain("n1", DrainMode.Standby));
        Assert.That(ForecastGates.JudgeDrain(forecast, View(), []).Single().ToString(), Does.Contain("lone would run nowhere").And.Contain("drain.stranded"));
        Assert.That(ForecastGates.JudgeDrain(forecast, View(), ["lone"]), Is.Empty);
    }

    [Test]
    public void What_a_failed_stop_would_fence_is_told_of_connections_and_containers_too() =>
        Assert.That(Foreseen(() => CrmSimulateTests.FailedStop("n1")).Select(p => p.Resource), Does.Contain("shop-podman-2").And.Contain("lone-podman-0"));

    private static ClusterView View()
    {
        var mon = CrmMon.Ask();
        return new ClusterView
        {
            LocalNode = "n1",
            Dc = mon.Dc,
            QuorumByCib = mon.WithQuorum,
            QuorumByMembership = true,
            Maintenance = mon.Maintenance,
            StopAllResources = mon.StopAllResources,
            Settled = true,
            Nodes = mon.Nodes,
            Resources = mon.Resources,
        };
    }

    // With a /run of the test's own.
    private static T Foreseen<T>(Func<T> ask)
        where T : class
    {
        T? answer = null;
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.At("scratch"));
        MountNamespace.Run(folder.At("scratch"), [], () => answer = ask());
        return answer!;
    }
}
