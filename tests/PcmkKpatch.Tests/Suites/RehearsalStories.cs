using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;
using static PcmkKpatch.Tests.Suites.RehearsalWorld;

namespace PcmkKpatch.Tests.Suites;

/// <summary>A whole rollout without a load, that a person wishes.</summary>
public sealed class RehearsalStories
{
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
            Assert.That((Ended(node).Moves!.Drain, Ended(node).Moves!.Moved, Ended(node).Moves!.Stopped), Is.EqualTo(((TimeSpan?)null, Array.Empty<Placed>(), Array.Empty<string>())));
        }
    }

    [Test]
    public void where_nodes_are_drained_by_their_health_they_are_in_it_too()
    {
        var story = Wished(new WorldOptions { Policy = Timing.Policy with { Drain = DrainMode.Health } });

        story.UntilEnded();

        Assert.That(story.World.Nodes.Select(node => Ended(node).Verdict), Is.All.EqualTo(Verdict.Rehearsed));
        Assert.That(story.World.Nodes.SelectMany(node => Ended(node).Moves!.Moved.Select(move => move.Resource)), Does.Contain("vip"));
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
        Assert.That(Ended(slow).Moves!.Drain, Is.Null);
        Assert.That(Ended(slow).Moves!.Home, Is.Not.Null);
    }
}
