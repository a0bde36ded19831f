using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Tests.Simulation;

namespace PcmkKpatch.Tests.Suites;

/// <summary>Is the simulated world one that the facts about the real one describe?</summary>
public sealed class SimulatorTests
{
    [Test]
    public void the_same_seed_gives_the_same_world()
    {
        var (first, second) = (Chaotic(7), Chaotic(7));

        Assert.That(second.Trace.ToString(), Is.EqualTo(first.Trace.ToString()));
        Assert.That(second.Trace.ToString(), Is.Not.EqualTo(Chaotic(8).Trace.ToString()));
    }

    [Test]
    public void standby_stops_our_own_agent_too_and_everything_else_moves()
    {
        var world = Quiet();
        world.Admin.StandbyOn(world.Nodes[0]);
        world.Run(TimeSpan.FromSeconds(10));

        Assert.That(world.Nodes[0].Running, Is.Empty);
        Assert.That(world.Nodes[0].Wanted, Is.Null);
        Assert.That(world.Nodes.SelectMany(n => n.Running.Keys).Count(id => id is "vip" or "app"), Is.EqualTo(2));
        Assert.That(world.Nodes.SelectMany(n => n.Running.Values).Count(role => role == "Promoted"), Is.EqualTo(1));
    }

    [Test]
    public void a_lost_node_is_first_unnoticed_then_unclean_then_fenced_and_comes_back_with_another_boot_id()
    {
        var world = Quiet();
        var (here, lost) = (world.Nodes[0], world.Nodes[2]);
        lost.PowerOff("power cut");
        NodeView Seen() => world.Cluster.ViewOf(here).Node(lost.Name)!;

        Assert.That(Seen().Online, Is.True);
        world.Run(Timing.TokenTimeout);
        Assert.That(Seen().Unclean, Is.True);
        world.Run(Timing.Fencing);
        Assert.That(Seen().IsSafelyDown, Is.True);
        world.Run(TimeSpan.FromSeconds(30));
        Assert.That(Seen().Online, Is.True);
        Assert.That(lost.BootId, Is.EqualTo("nodec.boot2"));
    }

    [TestCase(false, null)]
    [TestCase(true, "y")]
    public void a_transient_standby_is_purged_with_its_node_unless_the_purge_loses_its_race(bool purgeLost, string? after)
    {
        var world = Quiet(new WorldOptions { PurgeLost = purgeLost });
        // Nobody clears it: its node has no patch to load, and so no worker.
        var node = world.Nodes[1];
        world.Cluster.SetTransient(node, "y", Writer.Cluster);
        node.PowerOff("power cut");
        world.Run(TimeSpan.FromSeconds(17.5));

        Assert.That(world.Cluster.CibOf(world.Nodes[0]).Transient.GetValueOrDefault(node.Name), Is.EqualTo(after));
    }

    [Test]
    public void the_smaller_side_of_a_split_loses_quorum_and_the_side_without_the_dc_is_the_last_to_know()
    {
        var world = Quiet();
        var (dc, other) = (world.Nodes[0], world.Nodes[1]);
        world.Cluster.Membership.Split([dc]);

        world.Run(Timing.TokenTimeout);
        Assert.That(world.Cluster.ViewOf(dc) is { QuorumByMembership: false, QuorumByCib: false }, Is.True);
        Assert.That(world.Cluster.ViewOf(other) is { QuorumByMembership: true, Settled: false }, Is.True);
        Assert.That(world.Cluster.ViewOf(other).Node(dc.Name)!.Online, Is.True, "its CIB is older than the split");

        world.Run(Timing.Election);
        Assert.That(world.Cluster.ViewOf(other).Node(dc.Name)!.Unclean, Is.True);
    }

    [Test]
    public void where_two_sides_meet_the_cib_that_was_changed_more_often_wins()
    {
        var world = Quiet();
        world.Cluster.Membership.Split([world.Nodes[0]]);
        world.Cluster.SetPermanent(world.Nodes[0], world.Nodes[0], "on", Writer.Administrator);
        world.Cluster.SetPermanent(world.Nodes[1], world.Nodes[1], "on", Writer.Administrator);
        world.Cluster.SetPermanent(world.Nodes[1], world.Nodes[2], "on", Writer.Administrator);
        world.Cluster.Membership.Heal();

        Assert.That(world.Cluster.CibOf(world.Nodes[0]).Configuration.Standby.Keys, Is.EquivalentTo(new[] { "nodeb", "nodec" }));
    }

    private static World Quiet(WorldOptions? options = null)
    {
        var world = new World(options ?? new WorldOptions());
        world.Nodes.ForEach(n => n.Disk.Installed = null);
        world.Run(TimeSpan.FromSeconds(5));
        return world;
    }

    private static World Chaotic(int seed)
    {
        var world = new World(new WorldOptions { Seed = seed, Faults = new Chaos(new Random(seed)) });
        world.Run(TimeSpan.FromSeconds(60));
        return world;
    }
}
