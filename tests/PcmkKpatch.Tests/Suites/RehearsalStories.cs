using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>A whole rollout without a load, that a person wishes.</summary>
public sealed class RehearsalStories
{
    private const string First = "rehearsal1";

    // The simulated calendar begins on a Sunday at 02:00 UTC.
    private static Story Wished(WorldOptions? options = null, bool patchIsDue = false, bool ofAAlone = false)
    {
        var story = new Story(options);
        if (!patchIsDue)
            story.World.Nodes.ForEach(node => node.Disk.Installed = null);
        story.World.Admin.Rehearse(ofAAlone ? [story.A] : []);
        return story;
    }

    private static Story WishedOfA(WorldOptions? options = null) => Wished(options, ofAAlone: true);

    private static bool AllWentThrough(Story story) => story.World.Nodes.TrueForAll(node => node.Disk.HasRehearsed(First));

    private static Run Ended(SimNode node) => node.Disk.Rehearsed.First(run => run.Rehearsal!.Id == First);

    [TestCase(2)]
    [TestCase(3)]
    [TestCase(5)]
    public void every_node_goes_through_it_and_nothing_is_loaded(int nodes)
    {
        var story = Wished(new WorldOptions { Nodes = nodes, Policy = Timing.Policy with { Pause = TimeSpan.FromMinutes(10) } });

        story.UntilEnded();

        Assert.That(AllWentThrough(story), Is.True);
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
        Assert.That(story.World.Laws.Marks.Keys, Has.None.StartsWith("load").And.Not.Contain("phase Install").And.Not.Contain("phase Soak").And.Not.Contain("phase Pause").And.Not.Contain("phase Persist"));
        foreach (var node in story.World.Nodes)
        {
            Assert.That(Ended(node).Verdict, Is.EqualTo(Verdict.Rehearsed), node.Name);
            Assert.That(node.StateAttribute, Is.AnyOf("rehearsed", "idle"));
            Assert.That(node.Disk.Last, Is.Null, "it is no run to go by");
        }
    }

    [Test]
    public void where_nothing_is_to_be_drained_a_node_looks_around_and_is_home()
    {
        var story = Wished(new WorldOptions { Policy = Timing.Policy with { Drain = DrainMode.None } });
        story.When(call => call.Port is "Cluster.SetMark" or "Cluster.ClearMark", (_, call) => throw new AssertionException($"{call.Port} is called"));

        story.UntilEnded();

        Assert.That(story.World.Laws.Marks.Keys, Does.Contain("phase Verify").And.Not.Contain("phase Drain").And.Not.Contain("phase Unstandby"));
        foreach (var node in story.World.Nodes)
        {
            Assert.That(Ended(node).Verdict, Is.EqualTo(Verdict.Rehearsed), node.Name);
            Assert.That((Ended(node).Rehearsal!.Drain, Ended(node).Rehearsal!.Moved, Ended(node).Rehearsal!.Stopped), Is.EqualTo(((TimeSpan?)null, Array.Empty<Placed>(), Array.Empty<string>())));
        }
    }

    [Test]
    public void where_nodes_are_drained_by_their_health_they_are_in_it_too()
    {
        var story = Wished(new WorldOptions { Policy = Timing.Policy with { Drain = DrainMode.Health } });

        story.UntilEnded();

        Assert.That(story.World.Nodes.Select(node => Ended(node).Verdict), Is.All.EqualTo(Verdict.Rehearsed));
        Assert.That(story.World.Nodes.SelectMany(node => Ended(node).Rehearsal!.Moved.Select(move => move.Resource)), Does.Contain("vip"));
        Assert.That(story.A.Partition!.Cib.Health, Is.Empty);
    }

    [Test]
    public void failures_that_were_tolerated_before_it_are_counted_after_it()
    {
        var story = WishedOfA();
        story.World.Admin.EditToken("free failed=1:b01d:nodeb");
        var held = "";
        story.AtPhase(story.A, Phase.Drain, _ => held = story.Token.Text);

        story.UntilEnded();

        Assert.That(held, Does.StartWith("held node=nodea ").And.EndWith(" why=rehearsal failed=1:b01d:nodeb"));
        Assert.That(story.Token.Text, Is.EqualTo("free failed=1:b01d:nodeb"));
        Assert.That(Ended(story.A).Verdict, Is.EqualTo(Verdict.Rehearsed));
    }

    [Test]
    public void the_administrators_own_gate_is_asked_as_a_run_asks_it()
    {
        var story = WishedOfA(new WorldOptions { Policy = Timing.Policy with { GateCommand = "/usr/local/sbin/may-i" } });
        story.A.GateCommandSays = "exit code 1: the backup is running";
        story.When(call => call.Port == "Cluster.SetMark", _ => Assert.Fail("it is drained"));

        story.Until(() => story.A.Disk.HasRehearsed(First), "it is refused");

        Assert.That((Ended(story.A).Verdict, Ended(story.A).Why), Is.EqualTo((Verdict.Refused, "/usr/local/sbin/may-i does not let a run begin: exit code 1: the backup is running (gate.command)")));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
    }

    [Test]
    public void what_a_real_run_would_only_be_told_is_no_refusal_of_it()
    {
        var story = Wished(patchIsDue: true);
        story.A.Kernel.Support = new Core.Kernel.KernelSupport(Core.Kernel.SupportState.Unsupported, "because");

        story.Until(() => story.A.Disk.HasRehearsed(First), "it ends");

        Assert.That(Ended(story.A).Rehearsal!.Warnings, Is.EqualTo((string[])["this kernel's vendor does not support live patching it in a cluster (because) (kernel.unsupported)"]));
    }

    [Test]
    public void what_a_node_went_through_is_told_to_all()
    {
        var story = Wished();
        var ran = story.World.Nodes.ToDictionary(node => node, node => node.Running.Keys.Except([SimResources.Agent]).ToList());

        story.UntilEnded();

        var told = story.World.Nodes.ToDictionary(node => node, node => RehearsalOutcome.Parse(node.RehearsedAttribute!)!);
        foreach (var (node, outcome) in told)
        {
            Assert.That((outcome.Id, outcome.IsGood, outcome.Warnings), Is.EqualTo((First, true, Array.Empty<string>())));
            Assert.That(outcome.Drain, Is.GreaterThan(TimeSpan.Zero));
            Assert.That(outcome.Home, Is.GreaterThan(TimeSpan.Zero));
            Assert.That(outcome.Moved.Select(move => move.Node), Has.None.EqualTo(node.Name));
        }

        var first = story.World.Nodes.MinBy(node => Ended(node).Ended)!;
        Assert.That(told[first].Moved.Select(move => move.Resource), Is.SubsetOf(ran[first]));
        Assert.That(told.Values.SelectMany(outcome => outcome.Moved.Select(move => move.Resource)), Does.Contain("vip"));
        Assert.That(RehearsalGates.Open(story.A.Partition!.Cib.WishRead!, story.World.Cluster.ViewOf(story.A)), Is.Empty);
    }

    [Test]
    public void a_patch_that_is_due_is_loaded_when_every_node_has_gone_through_it_and_by_itself()
    {
        var story = Wished(patchIsDue: true);
        story.When(call => call.Port == "Kernel.Load", _ => Assert.That(AllWentThrough(story), Is.True, "all first"));

        story.Until(() => Ending.AllPatched(story.World), "all are patched");

        Assert.That(story.World.Nodes.Select(node => Ended(node).Verdict), Is.All.EqualTo(Verdict.Rehearsed));
        Assert.That(story.World.Nodes.Select(node => node.Disk.Last!.Verdict), Is.All.EqualTo(Verdict.Patched));
        Assert.That(story.A.RehearsedAttribute, Does.StartWith(First), "the wish may be there still, and nobody goes through it again");
    }

    [Test]
    public void a_wish_that_comes_when_the_token_is_taken_finds_a_real_run_that_gives_it_back()
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, Phase.Gate, world => world.Admin.Rehearse());

        story.Until(() => story.A.Disk.Last is not null, "the real run ends");
        Assert.That((story.A.Disk.Last!.Verdict, story.A.Disk.Last.Why), Is.EqualTo((Verdict.Refused, "a rehearsal goes on since 2026-03-01T02:00:00Z by a person; to go through it: nodea, nodeb, nodec (rehearsal.under-way)")));

        story.Until(() => AllWentThrough(story), "all go through it");
        story.Until(() => Ending.AllPatched(story.World), "the real run goes on");
    }

    [Test]
    public void a_run_that_was_past_its_gate_when_the_wish_came_is_finished_first()
    {
        var story = new Story();
        story.About(story.A).UntilPhase(story.A, Phase.Drain);
        story.World.Admin.Rehearse();

        story.Until(() => story.A.Disk.Last is { Verdict: Verdict.Patched }, "it is finished");
        Assert.That(story.A.Disk.Rehearsed, Is.Empty);
        story.Until(() => AllWentThrough(story), "then all go through it");
    }

    [Test]
    public void one_node_alone_goes_through_it_and_the_others_wait_with_what_is_due()
    {
        var story = new Story();
        story.World.Admin.Rehearse(story.B);
        story.When(call => call.Port == "Kernel.Load", _ => Assert.That(story.B.Disk.HasRehearsed(First), Is.True, "it first"));

        story.Until(() => Ending.AllPatched(story.World), "all are patched");

        Assert.That(story.World.Nodes.FindAll(node => node.Disk.Rehearsed.Count > 0), Is.EqualTo((SimNode[])[story.B]));
    }

    [Test]
    public void what_the_gates_of_the_patch_would_say_is_noted_and_refuses_nothing()
    {
        var story = Wished(patchIsDue: true);
        story.World.Nodes.ForEach(node => node.Disk.Quarantined.Add(node.Disk.Installed!.BuildId));

        story.Until(() => AllWentThrough(story), "all go through it");

        Assert.That(Ended(story.A).Rehearsal!.Warnings, Has.Some.EqualTo("a real run would be refused: kpatch_5_14_0_362_1_1 was on trial when this node went down (patch.quarantined)"));
        Assert.That(Ended(story.A).Verdict, Is.EqualTo(Verdict.Rehearsed));
    }

    [Test]
    public void so_is_a_patch_that_cannot_be_used()
    {
        var story = Wished();
        story.A.Disk.Unusable = new Refusal("patch.unreadable", "it is no module", "look at it");

        story.Until(() => AllWentThrough(story), "all go through it");

        Assert.That(Ended(story.A).Rehearsal!.Warnings, Is.EqualTo((string[])["a real run would be refused: it is no module (patch.unreadable)"]));
        Assert.That(Ended(story.B).Rehearsal!.Warnings, Is.Empty);
    }

    [Test]
    public void a_hold_holds_for_a_rehearsal_too()
    {
        var story = Wished();
        story.World.Admin.Hold(story.A);
        story.Until(() => story.B.Disk.HasRehearsed(First) && story.A.Worker.LastSaid.Contains("schedule.hold", StringComparison.Ordinal), "it waits for that, and holds nobody up");
        Assert.That(story.A.Disk.Rehearsed, Is.Empty);

        story.World.Admin.ClearHold(story.A);
        story.Until(() => AllWentThrough(story), "it goes through it");
    }

    [Test]
    public void so_does_a_window()
    {
        var story = Wished(new WorldOptions { Policy = Timing.Policy with { TimeZone = "UTC", Window = "Sun 02:10-04:00" } });
        story.World.Run(TimeSpan.FromMinutes(9));
        Assert.That(story.World.Nodes.TrueForAll(node => node.Disk.Rehearsed.Count == 0 && node.Worker.LastSaid.Contains("schedule.window", StringComparison.Ordinal)), Is.True);
        story.Until(() => AllWentThrough(story), "the window opens");
    }

    [Test]
    public void a_node_that_backs_off_from_its_last_run_is_rehearsed_all_the_same()
    {
        var story = new Story(new WorldOptions { Policy = Timing.Policy with { RetryDelay = TimeSpan.FromHours(1) } });
        story.About(story.A).AtPhase(story.A, Phase.Gate, world => world.Admin.MaintenanceOn(null));
        story.Until(() => story.A.Disk.Last is { Verdict: Verdict.Refused }, "it is refused");
        story.World.Admin.UndoConfiguration();

        story.World.Admin.Rehearse();

        story.Until(() => AllWentThrough(story), "all go through it");
    }

    [Test]
    public void a_resource_with_nowhere_to_go_is_found_at_the_gate_and_the_node_is_not_drained()
    {
        var story = new Story(new WorldOptions { Nodes = 2 });
        story.World.Nodes.ForEach(node => node.Disk.Installed = null);
        story.World.Admin.StandbyOn(story.B);
        story.World.Admin.Rehearse(story.A);
        story.When(call => call.Port == "Cluster.SetMark", _ => Assert.Fail("it is drained"));

        story.Until(() => story.A.Disk.HasRehearsed(First), "it is refused");

        Assert.That(Ended(story.A).Verdict, Is.EqualTo(Verdict.Refused));
        Assert.That(Ended(story.A).Why, Does.Contain("drain.stranded"));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
    }

    [Test]
    public void a_drain_that_is_too_slow_is_told_and_the_others_go_on()
    {
        var story = Wished();
        story.World.Cluster.Resources.WillNotStop.Add("db");
        bool IsSlow(SimNode node) => node.Disk.HasRehearsed(First) && Ended(node).Verdict == Verdict.DrainTooSlow;
        story.Until(() => story.World.Nodes.Exists(IsSlow), "one gives up");
        var slow = story.World.Nodes.Find(IsSlow)!;
        story.World.Admin.MendResources();
        story.UntilEnded();

        Assert.That(AllWentThrough(story), Is.True);
        Assert.That(story.World.Nodes.Where(node => node != slow).Select(node => Ended(node).Verdict), Is.All.EqualTo(Verdict.Rehearsed));
        Assert.That(Ended(slow).Rehearsal!.Drain, Is.Null);
        Assert.That(Ended(slow).Rehearsal!.Home, Is.Not.Null);
    }

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
        story.World.Admin.Configure("wishes a rehearsal of a node that is gone", c => c with { Rehearsal = Core.Schedule.RehearsalWish.Of("gone", ["noded"], "anna", DateTimeOffset.UnixEpoch).Text });

        story.Until(() => Ending.AllPatched(story.World), "all are patched");
    }
}
