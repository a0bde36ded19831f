using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>Clusters with a shared file system: what the cluster has mounted, and what a person has mounted beside it.</summary>
public sealed class LockspaceStories
{
    private const string Fenced = "fenced for a lockspace";

    private static WorldOptions Shared(Policy? policy = null) => new() { Shared = true, Policy = policy ?? Timing.Policy };

    private static readonly Policy s_undrained = Timing.Policy with { Drain = DrainMode.None, Gates = "dlm.drain=warn" };

    [Test]
    public void a_rollout_goes_through_a_cluster_with_a_shared_file_system([Values(DrainMode.Standby, DrainMode.Health)] DrainMode drain)
    {
        var story = new Story(Shared(Timing.Policy with { Drain = drain }));
        story.When(call => call.Port == "Kernel.Load", (_, call) => call.Node.Locks().IsEmpty ? Fault.None : throw new AssertionException($"{call.Node} loads with {SimResources.FileSystem} mounted"));

        story.Until(() => Ending.AllPatched(story.World), "all are patched");

        Assert.That(story.World.Nodes.TrueForAll(n => n.Running.ContainsKey(SimResources.FileSystem)), Is.True);
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain(Fenced));
    }

    [Test]
    public void a_file_system_that_a_person_has_mounted_keeps_the_node_from_its_drain_until_it_is_gone([Values(DrainMode.Standby, DrainMode.Health)] DrainMode drain)
    {
        var story = new Story(Shared(Timing.Policy with { Drain = drain }));
        var name = story.World.Admin.Mount(story.A)!;

        story.Until(() => story.A.Disk.Last is not null, "it is refused");
        Assert.That(story.A.Disk.Last!.Verdict, Is.EqualTo(Verdict.Refused));
        Assert.That(story.A.Disk.Last.Why, Does.StartWith($"the lockspace {name} (gfs2 of /dev/{name} on /mnt/{name}) is here").And.EndsWith("(dlm.unmanaged)"));
        story.Until(() => story.World.Nodes.Where(n => n != story.A).All(n => !n.PatchIsDue() && n.Disk.Journal is null), "the others are patched");
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain(Fenced));

        story.World.Admin.Unmount(story.A, name);
        story.Until(() => Ending.AllPatched(story.World), "it is patched too");
    }

    [Test]
    public void one_that_is_mounted_after_the_gate_is_seen_in_the_moment_before_the_standby()
    {
        var story = new Story(Shared());
        story.About(story.A).AtPhase(story.A, Phase.Standby, world => world.Admin.Mount(story.A));
        story.Until(() => story.A.Disk.Last is not null, "it is home");

        Assert.That(story.A.Disk.Last!.Why, Does.Contain("(dlm.unmanaged)"));
        Assert.That((story.A.Disk.Last.Verdict, story.Token.State), Is.EqualTo((Verdict.Refused, TokenState.Free)));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain(Fenced).And.Not.Contain("phase Drain"));
    }

    [Test]
    public void one_that_comes_in_the_midst_of_the_drain_has_the_drain_taken_back_at_once_and_a_person_told()
    {
        var story = new Story(Shared());
        // So that the daemon of the locks is not stopped yet: the file system goes before it.
        story.World.Cluster.Resources.WillNotStop.Add(SimResources.FileSystem);
        story.About(story.A).UntilPhase(story.A, Phase.Drain);
        var name = story.World.Admin.Mount(story.A)!;

        story.Until(() => story.A.Worker.LastSaid.Contains("the drain is taken back", StringComparison.Ordinal), "a person is told");
        Assert.That(story.A.Worker.LastSaid, Does.Contain($"umount /mnt/{name}").And.Contain("killall -TERM dlm_controld"));
        story.Until(() => !story.InOurStandby(story.A), "its standby is gone");
        story.World.Cluster.Resources.WillNotStop.Clear();
        story.Until(() => story.A.Disk.Last is not null, "it is home");

        Assert.That(story.A.Disk.Last!.Verdict, Is.EqualTo(Verdict.Refused));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain(Fenced).And.Not.Contain("load"));

        story.World.Admin.Unmount(story.A, name);
        story.Until(() => Ending.AllPatched(story.World), "it is patched");
    }

    [Test]
    public void where_that_comes_too_late_the_node_is_fenced_and_its_run_ends_as_that_of_any_node_that_went_down()
    {
        var story = new Story(Shared());
        story.About(story.A).When(
            call => call.Node == story.A && story.A.Disk.Journal?.Phase == Phase.Drain && !story.A.Running.ContainsKey(SimResources.FileSystem), world =>
            {
                world.Admin.Mount(story.A);
                world.Faults = new Unreadable(story.A, Phase.Drain);
            });

        story.UntilEnded();

        Assert.That(story.World.Laws.Marks.Keys, Does.Contain(Fenced).And.Not.Contain("load"));
        Assert.That((story.A.Disk.Last!.Verdict, story.Token.State), Is.EqualTo((Verdict.NodeDown, TokenState.Halted)));
    }

    [Test]
    public void a_node_without_a_drain_is_refused_where_others_would_wait_for_its_locks_and_let_through_where_that_may_be()
    {
        var story = new Story(Shared(Timing.Policy with { Drain = DrainMode.None }));
        story.About(story.A).Until(() => story.A.Disk.Last is not null, "it is refused");
        Assert.That(story.A.Disk.Last!.Why, Does.EndWith("(dlm.drain)"));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("load"));

        story.World.Admin.ChangeParameters(s_undrained);
        story.Until(() => story.A.Worker.LastSaid.Contains("warning: shared (gfs2", StringComparison.Ordinal) || Ending.AllPatched(story.World), "it begins");
        story.Until(() => Ending.AllPatched(story.World), "it is patched");
        Assert.That(story.World.Laws.Marks["load, drained by None"], Is.EqualTo(1));
    }

    [Test]
    public void a_node_is_not_rebooted_from_under_a_file_system_that_a_person_has_mounted()
    {
        var story = new Story(Shared(s_undrained with { Rollback = Rollback.Reboot }));
        story.About(story.A).A.NextLoad = LoadOutcome.WarnInSoak;
        story.UntilPhase(story.A, Phase.Soak).World.Admin.Mount(story.A);

        story.UntilEnded();

        Assert.That(story.A.Disk.Journal?.Phase, Is.EqualTo(Phase.Parked));
        Assert.That(story.A.Worker.LastSaid, Does.Contain("and not rebooted, for the lockspace").And.Contain("(dlm.unmanaged)"));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("phase Rollback"));
    }

    [Test]
    public void a_node_that_was_not_drained_is_rebooted_where_the_cluster_can_stop_everything()
    {
        var story = new Story(Shared(s_undrained with { Rollback = Rollback.Reboot }));
        story.About(story.A).A.NextLoad = LoadOutcome.WarnInSoak;

        story.Until(() => story.A.Disk.Last is not null, "it is back");

        Assert.That(story.A.Disk.Last!.Why, Does.EndWith("; rebooted without the patch"));
    }

    [Test]
    public void locks_that_cannot_be_read_in_the_moment_before_the_standby_are_waited_for_and_then_refuse()
    {
        var story = new Story(Shared());
        story.About(story.A).World.Faults = new Unreadable(story.A, Phase.Standby);
        story.Until(() => story.A.Disk.Last is not null, "it gives up");

        Assert.That((story.A.Disk.Last!.Verdict, story.A.Disk.Last.Why), Is.EqualTo((Verdict.Refused, "what this node locks together with others cannot be told: Lockspaces.See: simulated: failed, nothing done (dlm.unknown)")));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("phase Drain"));
    }

    [Test]
    public void locks_that_cannot_be_read_in_the_drain_are_waited_for_as_long_as_the_drain_may_take()
    {
        var story = new Story(Shared());
        story.About(story.A).World.Faults = new Unreadable(story.A, Phase.Drain);
        story.Until(() => story.A.Disk.Last is not null, "it gives up");

        Assert.That(story.A.Disk.Last!.Verdict, Is.EqualTo(Verdict.DrainTooSlow));
        Assert.That(story.A.Disk.Last.Why, Does.StartWith("not drained in 30 s: what this node locks together with others cannot be told"));
    }

    private sealed class Unreadable(SimNode node, Phase phase) : IFaults
    {
        public Fault At(World world, PortCall call) => call.Node == node && call.Port == "Lockspaces.See" && node.Disk.Journal?.Phase == phase ? Fault.FailBefore : Fault.None;
    }
}
