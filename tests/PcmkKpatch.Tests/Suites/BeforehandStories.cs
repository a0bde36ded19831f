using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>What is asked before a node is touched: the calendar, people's holds, whose turn it is, what a drain or a death would do.</summary>
public sealed class BeforehandStories
{
    // The simulated calendar begins on a Sunday at 02:00 UTC.
    private static WorldOptions With(Func<Policy, Policy> policy) => new() { Policy = policy(Timing.Policy with { TimeZone = "UTC" }) };

    [Test]
    public void waits_for_the_window_and_begins_when_it_opens()
    {
        var story = new Story(With(p => p with { Window = "Sun 02:20-04:00" }));

        story.World.Run(TimeSpan.FromMinutes(19));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
        Assert.That(story.A.Worker.LastSaid, Does.Contain("schedule.window"));

        story.World.Run(TimeSpan.FromMinutes(2));
        Assert.That(story.World.Nodes.Exists(n => !n.PatchIsDue() || n.Disk.Journal is { Phase: not Phase.Acquire }), Is.True, "it has begun");
        story.Until(() => Ending.AllPatched(story.World), "all are patched");
    }

    [Test]
    public void does_not_begin_what_there_is_no_time_for_until_it_is_known_how_short_a_run_is()
    {
        // Without a history a run is thought to take ten minutes and some.
        var story = new Story(With(p => p with { Window = "Sun 01:00-02:05" }));
        story.World.Run(TimeSpan.FromMinutes(1));
        Assert.That(story.A.Worker.LastSaid, Does.Contain("schedule.time-left"));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));

        story.World.Admin.ChangeParameters(story.World.Policy with { Window = "" });
        story.Until(() => Ending.AllPatched(story.World), "all are patched");
        var ended = story.World.MomentOn(story.A).Wall;
        Assert.That(ended.Minute, Is.LessThan(4));
        story.World.Nodes.ForEach(n => n.Disk.Installed = SimDisk.Patch(2));
        story.World.Admin.ChangeParameters(story.World.Policy with { Window = "Sun 01:00-02:05" });
        story.Until(() => Ending.AllPatched(story.World), "the next ones, which are known to be short, are in time");
    }

    [Test]
    public void begins_on_no_day_of_a_blackout()
    {
        var story = new Story(With(p => p with { Blackout = "2026-03-01" }));
        story.World.Run(TimeSpan.FromMinutes(10));
        Assert.That((story.Token.State, story.A.PatchIsDue()), Is.EqualTo((TokenState.Free, true)));
        Assert.That(story.A.Worker.LastSaid, Does.Contain("schedule.blackout").And.Contain("2026-03-02 00:00 UTC"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void nothing_begins_where_it_is_not_known_how_the_last_run_ended(bool rehearsal)
    {
        var story = new Story();
        story.A.Disk.Unknown = "last.json cannot be read: its format 2 is not known to this version";
        if (rehearsal)
            story.World.Admin.Rehearse();
        story.When(call => call.Port == "Token.Swap" && call.Node == story.A && story.A.Disk.Unknown is not null, _ => Assert.Fail("it takes the token"));

        story.Until(() => rehearsal ? story.B.Disk.Rehearsed.Count > 0 : !story.B.PatchIsDue(), "the others go on");
        Assert.That(story.A.Worker.LastSaid, Does.Contain("schedule.record-unknown").And.Contain("use the version that wrote it"), "a person is told");
        story.A.Disk.Unknown = null;
        story.Until(() => Ending.AllPatched(story.World), "a person has looked, and it is patched");
    }

    [Test]
    public void a_node_that_is_held_does_not_hold_up_the_others()
    {
        var story = new Story();
        story.World.Admin.Hold(story.A);

        story.Until(() => story.World.Nodes.TrueForAll(n => n == story.A || !n.PatchIsDue()) && story.Token.State == TokenState.Free, "the others are patched");
        Assert.That(story.A.Worker.LastSaid, Does.Contain("schedule.hold"));

        story.World.Admin.ClearHold(story.A);
        story.Until(() => Ending.AllPatched(story.World), "it is patched, too");
    }

    [Test]
    public void a_hold_of_all_stops_whoever_has_not_begun()
    {
        var story = new Story();
        story.Until(() => story.Token.State == TokenState.Held, "one has begun");
        story.World.Admin.Hold(null);

        story.Until(() => story.World.Nodes.Exists(n => !n.PatchIsDue()) && story.Token.State == TokenState.Free, "it ends");
        story.World.Run(TimeSpan.FromMinutes(5));

        Assert.That(story.World.Nodes.FindAll(n => !n.PatchIsDue()), Has.Count.EqualTo(1));
        story.World.Admin.ClearHold(null);
        story.Until(() => Ending.AllPatched(story.World), "all are patched");
    }

    [Test]
    public void nodes_go_in_the_order_that_was_asked_for()
    {
        var story = new Story(With(p => p with { Order = "nodec,nodea" }));
        var order = new List<string>();
        story.Until(
            () =>
            {
                order.AddRange(story.World.Nodes.Where(n => !n.PatchIsDue() && !order.Contains(n.Name)).Select(n => n.Name));
                return Ending.AllPatched(story.World);
            },
            "all are patched");
        Assert.That(order, Is.EqualTo((string[])["nodec", "nodea", "nodeb"]));
    }

    [Test]
    public void the_order_holds_through_runs_that_are_longer_than_a_turn_is_waited_for()
    {
        var story = new Story(With(p => p with { Order = "noded,nodec,nodeb,nodea", Soak = TimeSpan.FromSeconds(90) }) with { Nodes = 4 });
        var order = new List<string>();
        for (var patched = 1; patched <= 4; patched++)
        {
            story.Until(() => story.World.Nodes.Count(n => !n.PatchIsDue()) == patched, "the next one is patched");
            order.AddRange(story.World.Nodes.Where(n => !n.PatchIsDue() && !order.Contains(n.Name)).Select(n => n.Name));
        }

        Assert.That(order, Is.EqualTo((string[])["noded", "nodec", "nodeb", "nodea"]));
    }

    [Test]
    public void a_node_whose_turn_it_is_and_that_does_not_come_is_not_waited_for_for_good()
    {
        var story = new Story(With(p => p with { Order = "nodec" }));
        story.Until(() => story.World.Nodes.TrueForAll(n => n.Worker.LastSaid.StartsWith("waiting for ", StringComparison.Ordinal) || n.Disk.Journal is { Phase: not Phase.Acquire }), "all want to");
        var last = story.World.Nodes[2];
        last.Worker.Die();

        story.Until(() => story.World.Nodes.TrueForAll(n => n == last || !n.PatchIsDue()), "the others go on without it");
    }

    [Test]
    public void does_not_drain_a_node_whose_resources_have_nowhere_to_go()
    {
        var story = new Story(new WorldOptions { Nodes = 2 });
        story.World.Admin.StandbyOn(story.B);
        story.When(call => call.Port == "Cluster.SetMark", _ => Assert.Fail("it is drained"));

        story.Until(() => story.A.Disk.Last is { Verdict: Verdict.Refused }, "it is refused");

        Assert.That(story.A.Disk.Last!.Why, Does.Contain("drain.stranded").And.Contain("vip would run nowhere"));
        Assert.That(story.A.Running, Does.ContainKey("vip"));
    }

    [TestCase("vip, app, db")]
    [TestCase("*")]
    public void drains_it_where_the_administrator_allows_that(string allowed)
    {
        var story = new Story(With(p => p with { AllowStranded = allowed }) with { Nodes = 2 });
        story.World.Admin.StandbyOn(story.B);

        story.Until(() => !story.A.PatchIsDue() && story.Token.State == TokenState.Free, "it is patched");
    }

    [Test]
    public void touches_no_node_that_nothing_can_fence()
    {
        var story = new Story();
        story.World.Cluster.Membership.FencingFails = true;

        story.Until(() => story.World.Nodes.Exists(n => n.Disk.Last is { Verdict: Verdict.Refused }), "it is refused");
        Assert.That(story.World.Nodes.Find(n => n.Disk.Last is not null)!.Disk.Last!.Why, Does.Contain("fencing.device-failed"));
        Assert.That(story.World.Nodes.TrueForAll(n => n.PatchIsDue()), Is.True);

        story.World.Cluster.Membership.FencingFails = false;
        story.Until(() => Ending.AllPatched(story.World), "all are patched");
    }

    [Test]
    public void goes_on_with_a_word_where_a_gate_only_warns()
    {
        var story = new Story(With(p => p with { Gates = "fencing.device-failed=warn" }));
        story.World.Cluster.Membership.FencingFails = true;
        var told = false;
        story.When(call => call.Node.Worker.LastSaid.StartsWith("warning: ", StringComparison.Ordinal), _ => told = true);
        story.Until(() => Ending.AllPatched(story.World), "all are patched");
        Assert.That(told, Is.True);
    }

    [Test]
    public void asks_the_administrators_own_gate_last_and_begins_when_it_is_content()
    {
        var story = new Story(With(p => p with { GateCommand = "/usr/local/sbin/may-i" }));
        story.About(story.A).A.GateCommandSays = "exit code 1: the backup is running";
        story.When(call => call.Port is "Cluster.SetMark", _ => Assert.Fail("it is drained"));

        story.Until(() => story.A.Disk.Last is not null, "it is refused");
        Assert.That(story.A.Disk.Last!.Verdict, Is.EqualTo(Verdict.Refused));
        Assert.That(story.A.Disk.Last.Why, Is.EqualTo("/usr/local/sbin/may-i does not let a run begin: exit code 1: the backup is running (gate.command)"));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));

        story.A.GateCommandSays = null;
        story.World.Faults = new NoFaults();
        story.Until(() => Ending.AllPatched(story.World), "it is patched at the next try");
    }

    [Test]
    public void a_gate_of_the_administrators_that_is_not_wanted_is_not_asked()
    {
        var story = new Story();
        story.World.Nodes.ForEach(n => n.GateCommandSays = "no");
        story.When(call => call.Port == "Host.AskGate", _ => Assert.Fail("it is asked"));

        story.Until(() => Ending.AllPatched(story.World), "all are patched");
    }

    [TestCase("", Verdict.Patched)]
    [TestCase("fleet.patch-drift=refuse", Verdict.Refused)]
    public void nodes_that_differ_for_too_long_are_told_and_refused_where_that_is_wanted(string gates, Verdict verdict)
    {
        var story = new Story(With(p => p with { MaxSkew = TimeSpan.FromMinutes(5), Gates = gates }) with { Nodes = 2 });
        story.World.Admin.Hold(story.B);
        story.Until(() => !story.A.PatchIsDue() && story.Token.State == TokenState.Free, "the other one is patched");
        story.World.Run(TimeSpan.FromMinutes(10));
        var said = new List<string>();
        story.When(
            call =>
            {
                said.Add(call.Node.Worker.LastSaid);
                return false;
            },
            _ => { });

        story.World.Admin.ClearHold(story.B);
        story.Until(() => story.B.Disk.Last is not null, "its run ends");

        Assert.That(story.B.Disk.Last!.Verdict, Is.EqualTo(verdict));
        Assert.That(verdict == Verdict.Refused ? [story.B.Disk.Last.Why] : said, Has.Some.Contain("the patches in force differ: kpatch_5_14_0_362_1_1 on nodea; none on nodeb, since ").And.Contain("for longer than max_skew=300s (fleet.patch-drift)"));
    }

    [Test]
    public void nodes_that_differ_for_a_short_while_are_not_told()
    {
        var story = new Story(With(p => p with { MaxSkew = TimeSpan.FromHours(5), Gates = "fleet.patch-drift=refuse, fleet.unknown=refuse" }));
        story.Until(() => Ending.AllPatched(story.World), "all are patched");
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("verdict Refused"));
    }

    [Test]
    public void a_patch_that_is_taken_away_before_anything_was_changed_ends_the_run()
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, Phase.Gate, _ => story.A.Disk.Installed = null);

        story.Until(() => story.A.Disk.Last is { Verdict: Verdict.Refused }, "it ends");
        Assert.That(story.A.Disk.Last!.Why, Does.Contain("no longer there"));
        story.UntilEnded();
    }

    [Test]
    public void what_cannot_be_told_is_refused()
    {
        var story = new Story();
        story.About(story.A).When(call => call.Port == "Foresight.Drain", (_, _) => Fault.FailBefore);

        story.Until(() => story.A.Disk.Last is not null, "it ends");
        Assert.That(story.A.Disk.Last!.Verdict, Is.EqualTo(Verdict.Refused));
        Assert.That(story.A.Disk.Last.Why, Does.Contain("drain.forecast-unknown"));
        story.Until(() => Ending.AllPatched(story.World), "it tries again, and is patched");
    }
}
