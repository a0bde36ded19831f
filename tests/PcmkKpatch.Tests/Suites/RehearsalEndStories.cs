using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;
using static PcmkKpatch.Tests.Suites.RehearsalWorld;

namespace PcmkKpatch.Tests.Suites;

/// <summary>How a rehearsal ends where it is not let go through: called off, found not well, killed, or wished and told again by an old configuration.</summary>
public sealed class RehearsalEndStories
{
    [Test]
    public void a_node_on_which_not_all_comes_back_halts_the_rollout()
    {
        var story = WishedOfA();
        story.AtPhase(story.A, Phase.Unstandby, world => world.Cluster.Resources.WillNotStart.Add("db"));

        story.Until(() => story.A.Disk.HasRehearsed(First), "it ends");

        Assert.That(Ended(story.A).Verdict, Is.EqualTo(Verdict.NotSettled));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
    }

    [Test]
    public void called_off_in_the_drain_the_node_comes_home_and_nothing_is_halted()
    {
        var story = WishedOfA();
        story.AtPhase(story.A, Phase.Drain, world => world.Admin.CancelRehearsal());

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Ended(story.A).Verdict, Is.EqualTo(Verdict.Cancelled));
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
            Assert.That(story.InOurStandby(story.A), Is.False);
            Assert.That(story.World.Nodes.FindAll(node => node.Disk.Rehearsed.Count > 0), Is.EqualTo((SimNode[])[story.A]));
        }
    }

    [TestCase("rehearsal v2 of a later version")]
    [TestCase(null)]
    public void called_off_at_the_gate_nothing_is_changed(string? instead)
    {
        var story = WishedOfA();
        story.AtPhase(story.A, Phase.Gate, world => world.Admin.Configure("writes over it", c => c with { Rehearsal = instead }));
        story.UntilEnded();

        Assert.That(Ended(story.A).Verdict, Is.EqualTo(Verdict.Cancelled));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("phase Standby"));
    }

    [Test]
    public void a_wish_that_this_version_does_not_know_keeps_nobody_from_anything()
    {
        var story = new Story();
        story.World.Admin.Configure("writes a later version's wish", c => c with { Rehearsal = "rehearsal v2 id=r nodes=nodea by=b since=s" });

        story.Until(() => Ending.AllPatched(story.World), "all are patched");

        Assert.That(story.World.Nodes.TrueForAll(node => node.Disk.Rehearsed.Count == 0), Is.True);
        Assert.That(story.A.Partition!.Cib.Configuration.Rehearsal, Does.StartWith("rehearsal v2"));
    }

    [Test]
    public void a_wish_that_is_too_old_drains_nobody_and_keeps_nobody_from_anything()
    {
        var story = new Story();
        var longAgo = story.World.MomentOn(story.A).Wall - Core.Schedule.RehearsalWish.GoodFor - TimeSpan.FromDays(1);
        story.World.Admin.Configure("pushes a configuration of old", c => c with { Rehearsal = Core.Schedule.RehearsalWish.Of("old", ["nodea", "nodeb"], "anna", longAgo).Text });

        story.UntilEnded();

        Assert.That(Ending.AllPatched(story.World), Is.True);
        Assert.That(story.World.Nodes.TrueForAll(node => node.Disk.Rehearsed.Count == 0), Is.True);
    }

    [Test]
    public void an_old_configuration_brings_back_a_wish_that_nobody_goes_through_again()
    {
        var story = Wished();
        var old = story.A.Partition!.Cib.Configuration;
        story.UntilEnded();
        story.World.Admin.CancelRehearsal();
        story.World.Admin.Rehearse();
        story.Until(() => story.World.Nodes.TrueForAll(node => node.Disk.Rehearsed.Count == 2) && story.Token.State == TokenState.Free, "a second one");

        story.World.Admin.Push(old with { Token = story.Token.Text });
        story.When(call => call.Port == "Cluster.SetMark", _ => Assert.Fail("it is gone through again"));
        story.World.Run(TimeSpan.FromMinutes(3));

        Assert.That(story.World.Nodes.TrueForAll(node => node.Disk.Rehearsed.Count == 2), Is.True);

        story.World.Faults = new NoFaults();
        story.World.Nodes.ForEach(node => node.Disk.Installed = SimDisk.Patch(1));
        story.Until(() => Ending.AllPatched(story.World), "and keeps nobody from anything");
    }

    [Test]
    public void an_old_token_of_a_rehearsal_that_has_ended_is_given_back()
    {
        var story = Wished();
        Configuration? old = null;
        story.AtPhase(story.A, Phase.Drain, _ => old = story.A.Partition!.Cib.Configuration);
        story.UntilEnded();

        story.World.Admin.Push(old!);
        story.UntilEnded();

        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
        Assert.That(story.A.Disk.Rehearsed, Has.Count.EqualTo(1));
        Assert.That(Ended(story.A).Verdict, Is.EqualTo(Verdict.Rehearsed));
    }

    [Test]
    public void an_old_token_is_given_back_by_a_node_that_waits_for_its_turn_in_another_one()
    {
        var story = Wished();
        Configuration? old = null;
        story.AtPhase(story.A, Phase.Drain, _ => old = story.A.Partition!.Cib.Configuration);
        story.UntilEnded();
        story.World.Admin.CancelRehearsal();
        story.World.Admin.Rehearse();
        story.World.Admin.Hold(null);
        story.Until(() => story.A.Worker.LastSaid.Contains("schedule.hold", StringComparison.Ordinal), "it waits");

        story.World.Admin.EditToken(old!.Token);
        story.World.Admin.ClearHold(null);
        story.UntilEnded();

        Assert.That(story.World.Nodes.TrueForAll(node => node.Disk.HasRehearsed("rehearsal2")), Is.True);
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
    }

    [Test]
    public void a_patch_that_somebody_loads_meanwhile_is_found()
    {
        var story = WishedOfA();
        story.AtPhase(story.A, Phase.Drain, _ => story.A.Kernel.LoadAtBoot(SimDisk.Patch(1)));

        story.Until(() => story.A.Disk.HasRehearsed(First), "it ends");

        Assert.That(Ended(story.A).Verdict, Is.EqualTo(Verdict.Unhealthy));
        Assert.That(Ended(story.A).Why, Is.EqualTo("kpatch_5_14_0_362_1_1 was loaded meanwhile, and not by this rehearsal"));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
    }

    [TestCase(Phase.Verify, "not well when it was drained: /check: disk full", true)]
    [TestCase(Phase.Confirm, "not well when its resources were back: /check: disk full", true)]
    [TestCase(Phase.Gate, "/check: disk full (health.check)", false)]
    public void the_administrators_check_is_asked_as_a_run_asks_it(Phase phase, string why, bool halts)
    {
        var story = WishedOfA(new WorldOptions { Policy = Timing.Policy with { HealthCheck = "/check" } });
        story.AtPhase(story.A, phase, _ => story.A.HealthCheckSays = "disk full");

        story.Until(() => story.A.Disk.HasRehearsed(First), "it ends");

        Assert.That(Ended(story.A).Why, Is.EqualTo(why));
        Assert.That(Ended(story.A).Verdict, Is.EqualTo(halts ? Verdict.Unhealthy : Verdict.Refused));
        Assert.That(story.InOurStandby(story.A), Is.False);
    }

    [Test]
    public void a_health_that_cannot_be_seen_is_waited_for_and_then_told()
    {
        var story = WishedOfA(new WorldOptions { Faults = new Always("Health.Since", Fault.FailBefore) });

        story.Until(() => story.A.Disk.HasRehearsed(First), "it ends");

        Assert.That(Ended(story.A).Verdict, Is.EqualTo(Verdict.Unhealthy));
        Assert.That(Ended(story.A).Why, Does.StartWith("it cannot be seen whether the node is well: "));
    }

    [Test]
    public void a_standby_that_somebody_cleared_ends_it()
    {
        var story = WishedOfA();
        story.AtPhase(story.A, Phase.Verify, world => world.Cluster.SetTransient(story.A, null, Writer.Administrator));

        story.Until(() => story.A.Disk.HasRehearsed(First), "it ends");

        Assert.That(Ended(story.A).Verdict, Is.EqualTo(Verdict.TakenAway));
    }

    [Test]
    public void an_abort_ends_it_on_the_drained_node()
    {
        var story = WishedOfA();
        story.AtPhase(story.A, Phase.Verify, world => world.Admin.Abort(story.A));

        story.Until(() => story.A.Disk.HasRehearsed(First), "it ends");

        Assert.That((Ended(story.A).Verdict, story.Token.State), Is.EqualTo((Verdict.Aborted, TokenState.Halted)));
    }

    [Test]
    public void a_node_that_goes_down_in_it_comes_home_and_halts_the_rollout()
    {
        var story = Wished();
        story.When(call => call.Node == story.A && story.A.Disk.Journal?.Phase == Phase.Drain, (_, _) => Fault.PowerOffBefore);
        story.UntilEnded();

        Assert.That((Ended(story.A).Verdict, story.Token.State), Is.EqualTo((Verdict.NodeDown, TokenState.Halted)));

        story.World.Admin.Resume();
        story.UntilEnded();
        Assert.That(AllWentThrough(story), Is.True, "the others go through it when a person has resumed");
    }

    [Test]
    public void a_node_that_goes_down_while_it_waits_goes_through_it_when_it_is_back()
    {
        var story = Wished();
        SimNode? Waiting() => story.World.Nodes.Find(node => node.Disk.Journal is { Phase: Phase.Acquire } && node.Disk.Rehearsed.Count == 0);
        story.Until(() => story.Token.IsRehearsal && Waiting() is not null, "one is in it, another one waits");
        var waiting = Waiting()!;
        waiting.PowerOff("a power cut");
        story.UntilEnded();
        story.World.Admin.Resume();
        story.UntilEnded();

        Assert.That(Ended(waiting).Verdict, Is.EqualTo(Verdict.Rehearsed));
    }

    [Test]
    public void an_agent_that_is_stopped_at_the_gate_goes_through_it_when_it_is_started()
    {
        var story = WishedOfA();
        story.AtPhase(story.A, Phase.Gate, _ => story.A.AgentStopped());
        story.Until(() => story.World.Laws.Marks.ContainsKey("verdict AgentStopped"), "it gives the token back");
        Assert.That(story.A.Disk.Rehearsed, Is.Empty);

        story.A.AgentStarted();
        story.UntilEnded();

        Assert.That(Ended(story.A).Verdict, Is.EqualTo(Verdict.Rehearsed));
    }

    [Test]
    public void a_journal_that_is_lost_in_it_halts_the_rollout()
    {
        var story = WishedOfA();
        story.Until(() => story.InOurStandby(story.A), "it is in standby");
        story.A.Disk.LoseJournal(damaged: false);
        story.UntilEnded();

        Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
        Assert.That(story.A.Disk.Last!.Verdict, Is.EqualTo(Verdict.JournalLost));
    }

    [Test]
    public void a_node_of_a_rehearsal_that_has_left_the_cluster_is_not_waited_for()
    {
        var story = new Story();
        story.World.Admin.Configure("wishes a rehearsal of a node that is gone", c => c with { Rehearsal = Core.Schedule.RehearsalWish.Of("gone", ["noded"], "anna", story.World.MomentOn(story.A).Wall).Text });

        story.Until(() => Ending.AllPatched(story.World), "all are patched");
    }
}
