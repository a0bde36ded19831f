using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Watch;

namespace PcmkKpatch.Tests.Watch;

public sealed class ProgressTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 27, 5, 30, 0, TimeSpan.Zero);
    private static readonly Policy s_policy = Parameters.Defaults with { Soak = TimeSpan.FromMinutes(1), Pause = TimeSpan.FromMinutes(10) };

    [TestCase(0, "no resources still active")]
    [TestCase(1, "1 resource still active")]
    [TestCase(7, "7 resources still active")]
    public void of_a_drain_what_is_still_active(int active, string said) => Assert.That(Progress.Of(Phase.Drain, active, null, null, null), Is.EqualTo(said));

    [Test]
    public void of_a_load_the_tasks_that_have_not_crossed_over_on_this_node_alone()
    {
        Assert.That(Progress.Of(Phase.Load, 0, Here(transition: 3), s_policy, null), Is.EqualTo("3 tasks to cross over"));
        Assert.That(Progress.Of(Phase.Load, 0, Here(transition: 1), s_policy, null), Is.EqualTo("1 task to cross over"));
        Assert.That(Progress.Of(Phase.Load, 0, Here(transition: 0), s_policy, null), Is.Null);
        Assert.That(Progress.Of(Phase.Load, 0, null, s_policy, null), Is.Null);
    }

    [Test]
    public void of_a_soak_what_is_left_exactly_on_this_node_and_at_most_on_one_that_was_in_it_before()
    {
        Assert.That(Progress.Of(Phase.Soak, 0, Here(inPhase: 48), Parameters.Defaults, null), Is.EqualTo("12 s left"), "by what the run goes by");
        Assert.That(Progress.Of(Phase.Soak, 0, null, s_policy, TimeSpan.FromSeconds(20)), Is.EqualTo("40 s left"));
        Assert.That(Progress.Of(Phase.Soak, 0, null, s_policy, null), Is.EqualTo("at most 60 s left"));
        Assert.That(Progress.Of(Phase.Soak, 0, null, null, null), Is.Null);
        Assert.That(Progress.Of(Phase.Soak, 0, Here(inPhase: 75), s_policy, null), Is.EqualTo("0 s left"));
    }

    [Test]
    public void of_a_pause_the_same() => Assert.That(Progress.Of(Phase.Pause, 0, null, s_policy, TimeSpan.FromMinutes(1)), Is.EqualTo("9 min left"));

    [Test]
    public void of_the_way_home_what_is_to_come_back()
    {
        Assert.That(Progress.Of(Phase.Confirm, 0, Here(missing: 2), s_policy, null), Is.EqualTo("2 resources to come back"));
        Assert.That(Progress.Of(Phase.Confirm, 0, Here(), s_policy, null), Is.Null);
        Assert.That(Progress.Of(Phase.Confirm, 4, null, s_policy, null), Is.Null);
    }

    [TestCase(0, "0 s")]
    [TestCase(89.2, "90 s")]
    [TestCase(90, "2 min")]
    [TestCase(3600, "60 min")]
    [TestCase(5400, "1.5 h")]
    [TestCase(-5, "0 s")]
    public void times_are_short(double seconds, string said) => Assert.That(Progress.About(TimeSpan.FromSeconds(seconds)), Is.EqualTo(said));

    [Test]
    public void what_is_expected_is_what_is_left_of_this_run_and_the_runs_to_come()
    {
        var view = Cluster(("a", "drain"), ("b", "waiting for a, which has the token"), ("c", "due"), ("d", "patched"));
        var token = Token.Held("a", "r", "b", s_now.AddSeconds(-60));
        var expected = Expectation.Of(view, token, [History(540), History(100), History(90)], TimeSpan.FromSeconds(20), s_now)!;

        Assert.That(expected, Is.EqualTo(new Expectation(1, 4, TimeSpan.FromSeconds(120 - 60 + (2 * 121)))));
        Assert.That(expected.Words(s_now), Is.EqualTo("1 of 4 nodes done; the end is expected at 05:35 UTC, in 6 min, by earlier runs"));
    }

    [Test]
    public void a_run_that_takes_longer_than_those_before_may_end_at_any_time()
    {
        var view = Cluster(("a", "drain"), ("b", "patched"));

        Assert.That(Expectation.Of(view, Token.Held("a", "r", "b", s_now.AddHours(-1)), [History(60)], TimeSpan.Zero, s_now)!.Left, Is.EqualTo(TimeSpan.Zero));
        Assert.That(Expectation.Of(view, Token.Held("a", "r", "b", s_now.AddHours(1)), [History(60)], TimeSpan.Zero, s_now)!.Left, Is.EqualTo(TimeSpan.FromMinutes(1)), "a holder whose clock is ahead");
    }

    [Test]
    public void without_a_run_that_ended_well_it_is_not_known()
    {
        var expected = Expectation.Of(Cluster(("a", "load"), ("b", "due")), Token.Held("a", "r", "b", s_now), [], TimeSpan.Zero, s_now)!;

        Assert.That(expected.Words(s_now), Is.EqualTo("0 of 2 nodes done; when it ends is not known: no run has ended well yet"));
    }

    [Test]
    public void what_is_gone_by_is_the_last_good_run_of_each_node_without_its_pause()
    {
        var paused = new NodeHistory("a",
        [
            Summary(9) with { Verdict = "stalled" },
            Summary(100) with { Phases = [new("load", TimeSpan.FromSeconds(1)), new("pause", TimeSpan.FromSeconds(30)), new("persist", TimeSpan.FromSeconds(90))] },
            Summary(5),
        ]);
        TimeSpan? Left(params NodeHistory[] histories) => Expectation.Of(Cluster(("a", "drain")), Token.Held("a", "r", "b", s_now), histories, TimeSpan.Zero, s_now)!.Left;

        Assert.That(Left(paused), Is.EqualTo(TimeSpan.FromSeconds(40)));
        Assert.That(Left(new NodeHistory("a", [Summary(100) with { Phases = [new("pause", TimeSpan.FromSeconds(70))] }])), Is.EqualTo(TimeSpan.FromSeconds(70)));
        Assert.That(Left(new NodeHistory("a", [Summary(100) with { Phases = [new("pause", TimeSpan.FromSeconds(700))] }])), Is.EqualTo(TimeSpan.FromSeconds(100)), "what was not written by us");
        Assert.That(Left(new NodeHistory("a", [Summary(100) with { Verdict = "refused" }]), new NodeHistory("b", [])), Is.Null);
    }

    [Test]
    public void where_no_rollout_goes_on_nothing_is_expected()
    {
        var view = Cluster(("a", "due"));

        foreach (var token in (Token?[])[null, Token.Free, Token.Halted("a", "r", "b", s_now, "why"), Token.Parked("a", "r", "b", s_now, "why"), Token.HeldToRehearse("a", "r", "b", s_now)])
            Assert.That(Expectation.Of(view, token, [History(60)], TimeSpan.Zero, s_now), Is.Null);
    }

    [TestCase("drain: rehearsal", Phase.Drain)]
    [TestCase("load", Phase.Load)]
    [TestCase("parked: look", Phase.Parked)]
    [TestCase("patched", null)]
    [TestCase("waiting: cluster.pending", null)]
    [TestCase("7", null)]
    [TestCase("", null)]
    public void the_phase_that_a_node_says(string state, Phase? phase) => Assert.That(WatchedNode.PhaseOf(state), Is.EqualTo(phase));

    [TestCase("drain", true, Tone.Busy)]
    [TestCase("patched", true, Tone.Good)]
    [TestCase("idle", true, Tone.Plain)]
    [TestCase("refused: gate", true, Tone.Plain)]
    [TestCase("stalled: tasks", true, Tone.Bad)]
    [TestCase("needs attention: look", true, Tone.Bad)]
    [TestCase("parked: look", true, Tone.Bad)]
    [TestCase("patched", false, Tone.Bad)]
    public void what_a_node_is_about(string state, bool online, Tone tone)
    {
        var node = Node("a", state) with { Online = online };

        Assert.That(WatchedNode.Of(node, Views.Cluster, null, _ => null).Tone, Is.EqualTo(tone));
    }

    [Test]
    public void a_node_that_is_away_says_nothing_and_a_remote_one_why_it_is_never_patched()
    {
        var away = WatchedNode.Of(Node("a", "patched") with { Online = false, Unclean = true }, Views.Cluster, null, _ => "x");
        var remote = WatchedNode.Of(Views.Node("r") with { IsMember = false }, Views.Cluster, null, _ => "x");

        Assert.That((away.Cluster, away.Patch, away.State, away.Progress), Is.EqualTo(("unclean", "unknown", "unknown", (string?)null)));
        Assert.That(remote.State, Does.StartWith("not patched: it is a remote node"));
    }

    [Test]
    public void no_look_is_made_before_it_may_be_afforded()
    {
        var pace = new Pace(0.02, TimeSpan.FromSeconds(2));
        Assert.That(pace.Until(TimeSpan.Zero), Is.EqualTo(TimeSpan.Zero));

        pace.Looked(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(10));
        Assert.That(pace.Until(TimeSpan.FromSeconds(1)), Is.EqualTo(TimeSpan.FromSeconds(2)), "as often as is asked for at the most");

        pace.Looked(TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(100));
        Assert.That(pace.Until(TimeSpan.FromSeconds(3)), Is.EqualTo(TimeSpan.FromSeconds(2)), "a tenth of a second is a fiftieth of five");
        Assert.That(pace.Until(TimeSpan.FromSeconds(6)), Is.EqualTo(TimeSpan.Zero));
    }

    private static NodeHistory History(int seconds) => new("a", [Summary(seconds)]);

    private static RunSummary Summary(int seconds) => new() { Id = "r", Verdict = "patched", Began = s_now.AddDays(-1), Ended = s_now.AddDays(-1).AddSeconds(seconds) };

    private static RunHere Here(int transition = -1, double inPhase = 0, int missing = 0) => new(
        new Run { Id = "r", Node = "a", Boot = "b", Started = s_now, Phase = Phase.Soak, PhaseSince = TimeSpan.Zero, Policy = s_policy },
        TimeSpan.FromSeconds(inPhase), transition < 0 ? null : new PatchTransition(transition, []), missing);

    private static ClusterView Cluster(params (string Name, string State)[] nodes) => Views.Cluster with { Nodes = [.. nodes.Select(n => Node(n.Name, n.State))] };

    private static NodeView Node(string name, string state) => Views.Node(name) with { Attributes = new Dictionary<string, string> { ["kpatch-state"] = state } };
}
