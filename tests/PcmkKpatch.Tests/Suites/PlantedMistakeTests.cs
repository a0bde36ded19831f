using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;
using static PcmkKpatch.Tests.Suites.Mistakes;

namespace PcmkKpatch.Tests.Suites;

/// <summary>
/// Are the laws' checkers awake? A plausible mistake is put between the machine and its ports; the law that forbids it must speak. The
/// same story without the mistake must be lawful.
/// </summary>
public sealed class PlantedMistakeTests
{
    [Test]
    public void a_swap_in_two_steps() => Caught(
        nameof(OneNodeAtATime), (world, ports, node) => ports with { Tokens = new SwapInTwoSteps(world, node, ports.Tokens) });

    [Test]
    public void an_unstandby_that_deletes_both_lifetimes() => Caught(
        nameof(AdministratorsStandby), (world, ports, node) => ports with { Cluster = new ClearsBothLifetimes(world, node, ports.Cluster) },
        story => story.AtPhase(story.A, Phase.Drain, world => world.Admin.StandbyOn(story.A)));

    [Test]
    public void a_standby_of_somebody_else_taken_for_its_own() => Caught(
        nameof(AdministratorsStandby), (_, ports, _) => ports with { Cluster = new TakesAnyStandbyForItsOwn(ports.Cluster) },
        story => story.About(story.A).UntilPhase(story.A, Phase.Drain).World.Admin.TransientStandbyOn(story.A));

    [Test]
    public void an_unstandby_that_is_not_read_back() => Caught(
        nameof(MarkHasToken), (_, ports, _) => ports with { Cluster = new DoesNotReadBack(ports.Cluster) },
        story => story.When(call => call.Port == "Cluster.ClearMark", (_, _) => Fault.FailBefore));

    [Test]
    public void a_release_before_unstandby() => Caught(
        nameof(MarkHasToken), (_, ports, _) => ports with { Cluster = new ReleasesBeforeUnstandby(ports.Cluster, ports.Tokens) });

    [Test]
    public void quorum_that_is_not_looked_at() => Caught(
        nameof(WholeCluster), (_, ports, _) => ports with { Cluster = new DoesNotLookAtQuorum(ports.Cluster) },
        story => story.AtPhase(story.A, Phase.Drain, world =>
        {
            world.Cluster.Membership.Split([story.A]);
            world.After(TimeSpan.FromSeconds(60), world.Cluster.Membership.Heal);
        }));

    [Test]
    public void a_drain_that_is_not_waited_for() => Caught(
        nameof(DrainedBeforeLoad), (_, ports, node) => ports with { Cluster = new DoesNotWaitForTheDrain(node, ports.Cluster) });

    [Test]
    public void a_drain_by_health_that_is_not_waited_for() => Caught(
        nameof(DrainedBeforeLoad), (_, ports, node) => ports with { Cluster = new DoesNotWaitForTheDrain(node, ports.Cluster) }, policy: Timing.Policy with { Drain = DrainMode.Health });

    [Test]
    public void a_health_mark_that_is_not_read_back() => Caught(
        nameof(MarkHasToken), (_, ports, _) => ports with { Cluster = new DoesNotReadBack(ports.Cluster) },
        story => story.When(call => call.Port == "Cluster.ClearMark", (_, _) => Fault.FailBefore), Timing.Policy with { Drain = DrainMode.Health });

    [Test]
    public void a_drain_that_is_left_out() => Caught(
        nameof(DrainedBeforeLoad), (_, ports, _) => ports with { Host = new DrainsNothing(ports.Host) }, policy: Timing.Policy with { Drain = DrainMode.Health });

    [Test]
    public void a_standby_that_nobody_asked_for() => Caught(
        nameof(MarkIsWanted), (_, ports, _) => ports with { Cluster = new KnowsStandbyOnly(ports.Cluster) }, policy: Timing.Policy with { Drain = DrainMode.Health });

    [Test]
    public void a_load_while_resources_move() => Caught(
        nameof(DrainedBeforeLoad), (_, ports, node) => ports with { Cluster = new DoesNotWaitForRest(node, ports.Cluster) },
        story => story.About(story.A).AtPhase(story.A, Phase.Load, world => world.Admin.StandbyOn(story.B)), Timing.Policy with { Drain = DrainMode.None });

    [Test]
    public void a_token_that_is_remembered_and_not_read() => Caught(
        nameof(DrainedBeforeLoad), (_, ports, _) => ports with { Tokens = new RemembersTheToken(ports.Tokens) },
        story => story.AtPhase(story.A, Phase.Drain, world =>
        {
            world.Laws.TokenBroken(story.Token);
            world.Cluster.WriteToken(story.A.Partition!, Token.Free.Text);
            world.Nodes.ForEach(n => n.Disk.Installed = n == story.A ? n.Disk.Installed : null);
        }));

    [Test]
    public void a_mark_that_is_not_synced() => Caught(
        nameof(NoSecondLoad), (_, ports, _) => ports with { Attempts = new MarkIsNotSynced(ports.Attempts) },
        story => story.A.NextLoad = LoadOutcome.PanicInLoad);

    [Test]
    public void a_mark_that_is_tidied_away() => Caught(
        nameof(NoSecondLoad), (_, ports, _) => ports with { Attempts = new DoesNotQuarantine(ports.Attempts) },
        story =>
        {
            story.About(story.A).A.NextLoad = LoadOutcome.PanicInLoad;
            story.UntilEnded();
            story.World.Admin.Resume();
        });

    [Test]
    public void a_reboot_that_is_not_noticed() => Caught(
        nameof(NoSecondLoad), (_, ports, _) => ports with { Host = new DoesNotNoticeAReboot(ports.Host) },
        story => story.About(story.A).A.NextLoad = LoadOutcome.PanicInLoad);

    [TestCase(LoadOutcome.Stall, nameof(TroubleStaysDrained))]
    [TestCase(LoadOutcome.Refuse, nameof(PatchedIsRead))]
    public void a_kernel_that_is_not_read_after_the_load(LoadOutcome outcome, string law) => Caught(
        law, (_, ports, _) => ports with { Kernel = new DoesNotReadTheKernel(ports.Kernel) },
        story => story.About(story.A).A.NextLoad = outcome);

    [Test]
    public void a_kernel_that_complains_and_is_not_listened_to([Values(LoadOutcome.Warn, LoadOutcome.WarnInSoak)] LoadOutcome outcome) => Caught(
        nameof(TroubleStaysDrained), (_, ports, _) => ports with { Health = new DoesNotLookAtTheHealth(ports.Health) },
        story => story.About(story.A).A.NextLoad = outcome);

    [Test]
    public void a_patch_without_probation() => Caught(
        nameof(NoSecondLoad), (_, ports, _) => ports with { Attempts = new KnowsNoProbation(ports.Attempts) },
        story => story.About(story.A).A.NextLoad = LoadOutcome.PanicLate);

    [Test]
    public void an_older_patch_left_where_it_is_loaded_at_boot() => Caught(
        nameof(PersistedIsProved), (_, ports, _) => ports with { Boot = new LeavesTheOlderAtBoot(ports.Boot) },
        story =>
        {
            story.About(story.A).A.Disk.Boot.Modules.Add(SimDisk.Patch(0));
            story.A.Disk.Boot.Enabled = true;
        });

    [Test]
    public void a_reboot_that_nobody_asked_for() => Caught(
        nameof(RebootIsAskedFor), (_, ports, _) => ports with { Host = new TakesRollbackForAReboot(ports.Host) },
        story => story.About(story.A).A.NextLoad = LoadOutcome.Warn);

    [Test]
    public void a_patch_remembered_and_not_read_on_the_way_home() => Caught(
        nameof(PatchedIsRead), (_, ports, node) => ports with { Kernel = new RemembersThatItIsInForce(node, ports.Kernel) },
        story => story.About(story.A).AtPhase(story.A, Phase.Confirm, _ => story.A.Kernel.LoadAtBoot(SimDisk.Patch(2))));

    [Test]
    public void a_parked_node_that_does_not_look_at_the_token_again() => Caught(
        nameof(Ending), (_, ports, _) => ports with { Tokens = new RemembersWhatItParked(ports.Tokens) },
        story =>
        {
            story.About(story.A).A.NextLoad = LoadOutcome.Warn;
            story.UntilEnded();
            story.World.Admin.EditToken(Token.Free.Text);
        });

    [Test]
    public void a_failure_that_does_not_halt() => Caught(
        nameof(FailureHalts), (_, ports, _) => ports with { Tokens = new FailureDoesNotHalt(ports.Tokens) },
        story => story.About(story.A).A.NextLoad = LoadOutcome.Refuse);

    [Test]
    public void a_journal_that_forgets_a_phase([Values] Phase phase)
    {
        if (phase == Phase.Install)
            Caught(nameof(Ending), Forgets(phase), story => story.About(story.A).A.Disk.Installed = SimDisk.Packaged(1));
        else if (phase == Phase.Rollback)
            Caught(nameof(Ending), Forgets(phase), story => story.About(story.A).A.NextLoad = LoadOutcome.Warn, Timing.Policy with { Rollback = Rollback.Unload });
        else if (phase == Phase.Pause)
            Caught(nameof(Ending), Forgets(phase), policy: Timing.Policy with { Pause = TimeSpan.FromSeconds(5) });
        else if (phase == Phase.Reverse)
            Caught(nameof(Ending), Forgets(phase), story => story.About(story.A).A.NextLoad = LoadOutcome.Stall);
        else if (phase == Phase.Parked)
            Caught(nameof(Ending), Forgets(phase), story => story.About(story.A).A.NextLoad = LoadOutcome.Warn);
        else
            Caught(nameof(Ending), Forgets(phase));
    }

    [Test]
    public void a_real_run_under_the_name_of_a_rehearsal() => Caught(
        nameof(RehearsalIsOne), (_, ports, _) => ports with { Rehearsals = new LooksForNoRehearsal(ports.Rehearsals) },
        story =>
        {
            story.World.Admin.Rehearse();
            story.World.Admin.Hold(story.B);
            story.World.After(TimeSpan.FromMinutes(2), () => story.World.Admin.ClearHold(story.B));
        });

    [Test]
    public void a_wish_that_is_only_looked_for_before_the_token_is_taken() => Caught(
        nameof(RehearsalIsOne), (_, ports, node) => ports with { Rehearsals = new LooksForOneOnlyAtFirst(node, ports.Rehearsals) },
        story => story.About(story.A).When(call => call.Port == "Token.Swap" && call.Node == story.A, world => world.Admin.Rehearse()));

    [Test]
    public void a_rehearsal_that_a_node_forgets() => Caught(
        nameof(RehearsalIsOne), (_, ports, _) => ports with { Journal = new ForgetsRehearsals(ports.Journal) }, story => story.World.Admin.Rehearse());

    [Test]
    public void lockspaces_that_are_not_looked_for() => Caught(
        nameof(NoFenceForALockspace), (_, ports, _) => ports with { Lockspaces = new LooksForNoLockspaces(ports.Lockspaces) }, MountedForAWhile, shared: true);

    [Test]
    public void lockspaces_that_are_looked_for_only_at_the_gate() => Caught(
        nameof(NoFenceForALockspace), (_, ports, node) => ports with { Lockspaces = new LooksForLockspacesOnce(node, ports.Lockspaces) },
        story => story.When(call => call.Node == story.A && call.Port == "Journal.Write" && story.A.Disk.Journal?.Phase == Phase.Gate, _ => MountedForAWhile(story)), shared: true);

    [Test]
    public void lockspaces_that_are_not_looked_for_before_a_reboot() => Caught(
        nameof(NoFenceForALockspace), (_, ports, _) => ports with { Lockspaces = new LooksForNoLockspaces(ports.Lockspaces) },
        story =>
        {
            story.About(story.A).A.NextLoad = LoadOutcome.WarnInSoak;
            story.UntilPhase(story.A, Phase.Soak);
            MountedForAWhile(story);
        }, Timing.Policy with { Drain = DrainMode.None, Rollback = Rollback.Reboot, Gates = "dlm.drain=warn" }, shared: true);

    [Test]
    public void lockspaces_that_are_taken_for_joined_again() => Caught(
        nameof(HomeWithItsLocks), (_, ports, node) => ports with { Lockspaces = new BelievesTheClusterOfLocks(node, ports.Lockspaces) },
        story => InTroubleWhenHome(story, SharedTrouble.NotMounted), shared: true);

    [Test]
    public void a_write_that_fails_and_is_taken_for_done([Values(SharedTrouble.NotWritable, SharedTrouble.StandsStill)] SharedTrouble trouble) => Caught(
        nameof(HomeWithItsLocks), (_, ports, _) => ports with { Lockspaces = new WritesNothing(ports.Lockspaces) },
        story => InTroubleWhenHome(story, trouble), Timing.Policy with { WriteProbe = true }, shared: true);

    private static void InTroubleWhenHome(Story story, SharedTrouble trouble)
    {
        story.AtPhase(story.A, Phase.Confirm, _ => story.A.SharedTrouble = trouble);
        story.World.After(TimeSpan.FromMinutes(3), () => story.A.SharedTrouble = SharedTrouble.None);
    }

    private static void MountedForAWhile(Story story)
    {
        var name = story.World.Admin.Mount(story.A)!;
        story.World.After(TimeSpan.FromMinutes(3), () => story.World.Admin.Unmount(story.A, name));
    }

    private static Func<World, Ports, SimNode, Ports> Forgets(Phase phase) =>
        (_, ports, _) => ports with { Journal = new JournalForgets(ports.Journal, phase) };

    private static void Caught(string law, Func<World, Ports, SimNode, Ports> plant, Action<Story>? tell = null, Policy? policy = null, bool shared = false)
    {
        Assert.DoesNotThrow(() => Tell((_, ports, _) => ports, tell, policy, shared), "the story without the mistake");
        var caught = Assert.Throws<LawBrokenException>(() => Tell(plant, tell, policy, shared));
        Assert.That(caught!.Law, Is.EqualTo(law), caught.Message);
        Count.AddMistakeCaught();
    }

    private static void Tell(Func<World, Ports, SimNode, Ports> plant, Action<Story>? tell, Policy? policy, bool shared)
    {
        World? world = null;
        var story = new Story(new WorldOptions { Shared = shared, Policy = policy ?? Timing.Policy, Plant = (ports, node) => plant(world!, ports, node) });
        world = story.World;
        tell?.Invoke(story);
        story.UntilEnded();
    }
}
