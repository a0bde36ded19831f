using NUnit.Framework;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Rollout;

public sealed class RolloutHistoryTests
{
    private static readonly DateTimeOffset s_day = new(2026, 1, 31, 0, 0, 0, TimeSpan.Zero);

    // A run of ten minutes.
    private static PastRun Ended(string node, string? build, double hour, string verdict = "patched", string? id = null) => new(node, new RunSummary
    {
        Id = id ?? $"{node}@{hour}",
        Verdict = verdict,
        Began = s_day.AddHours(hour),
        Ended = s_day.AddHours(hour).AddMinutes(10),
        Build = build,
        Patch = build is null ? null : $"kpatch_{build}",
    });

    private static Run Record(string id, double hour, Verdict verdict = Verdict.Patched, string build = "b1", string node = "n1") => new()
    {
        Id = id,
        Node = node,
        Boot = "boot",
        Started = s_day.AddHours(hour - 1),
        Taken = s_day.AddHours(hour),
        Ended = s_day.AddHours(hour).AddMinutes(10),
        Phase = Phase.Release,
        PhaseSince = TimeSpan.Zero,
        Policy = Parameters.Defaults,
        Patch = new PatchModule("/k.ko", $"kpatch_{build}", build, "5.14.0", true),
        Verdict = verdict,
        Timeline = [new(Phase.Acquire, s_day.AddHours(hour - 1)), new(Phase.Gate, s_day.AddHours(hour)), new(Phase.Standby, s_day.AddHours(hour).AddSeconds(1)), new(Phase.Drain, s_day.AddHours(hour).AddSeconds(3)), new(Phase.Unstandby, s_day.AddHours(hour).AddMinutes(5)), new(Phase.Confirm, s_day.AddHours(hour).AddMinutes(6))],
    };

    private static string Grouped(params PastRun[] runs) =>
        string.Join(" | ", RolloutHistory.Of(runs).Select(rollout => string.Join(' ', rollout.Runs.Select(run => run.Summary.Id))));

    [Test]
    public void without_runs_there_is_no_rollout() => Assert.That(RolloutHistory.Of([]), Is.Empty);

    [Test]
    public void the_runs_of_one_build_are_one_rollout_in_the_order_of_their_begins() =>
        Assert.That(Grouped(Ended("n2", "b1", 2), Ended("n1", "b1", 1), Ended("n3", "b1", 3)), Is.EqualTo("n1@1 n2@2 n3@3"));

    [Test]
    public void who_had_its_runs_started_is_named_once_and_who_did_not_say_is_not()
    {
        PastRun By(string node, string? by)
        {
            var run = Ended(node, "b1", 1);
            return run with { Summary = run.Summary with { By = by } };
        }

        Assert.That(RolloutHistory.Of([By("n1", "the agent"), By("n2", null), By("n3", "anna, with debug-start"), By("n4", "the agent")]).Single().StartedBy, Is.EqualTo((string[])["the agent", "anna, with debug-start"]));
    }

    [Test]
    public void a_build_that_goes_on_after_a_week_is_the_same_rollout() =>
        Assert.That(Grouped(Ended("n1", "b1", 1), Ended("n2", "b1", 2, "stalled"), Ended("n2", "b1", 170), Ended("n3", "b1", 171)), Is.EqualTo("n1@1 n2@2 n2@170 n3@171"));

    [Test]
    public void nodes_with_other_kernels_have_other_builds_in_one_rollout() =>
        Assert.That(Grouped(Ended("n1", "b1", 1), Ended("n2", "b2", 2), Ended("n3", "b1", 3)), Is.EqualTo("n1@1 n2@2 n3@3"));

    [Test]
    public void the_next_patch_of_a_node_is_the_next_rollout_however_soon() =>
        Assert.That(Grouped(Ended("n1", "b1", 1), Ended("n2", "b1", 2), Ended("n1", "b2", 3), Ended("n2", "b2", 4)), Is.EqualTo("n1@1 n2@2 | n1@3 n2@4"));

    [Test]
    public void another_build_of_another_node_more_than_a_day_later_is_the_next_rollout()
    {
        Assert.That(Grouped(Ended("n1", "b1", 0), Ended("n2", "b2", 24)), Is.EqualTo("n1@0 n2@24"), "a day after its end");
        Assert.That(Grouped(Ended("n1", "b1", 0), Ended("n2", "b2", 24.2)), Is.EqualTo("n1@0 | n2@24.2"));
    }

    [Test]
    public void a_build_of_an_earlier_rollout_does_not_come_back_to_it() =>
        Assert.That(Grouped(Ended("n1", "b1", 1), Ended("n1", "b2", 2), Ended("n1", "b1", 3)), Is.EqualTo("n1@1 | n1@2 | n1@3"));

    [Test]
    public void a_run_that_came_to_no_patch_belongs_to_what_is_near() =>
        Assert.That(Grouped(Ended("n1", null, 0.5, "refused"), Ended("n1", "b1", 1), Ended("n2", null, 2, "journallost"), Ended("n2", null, 40, "nodedown")), Is.EqualTo("n1@0.5 n1@1 n2@2 | n2@40"));

    [Test]
    public void two_runs_of_one_moment_are_in_a_fixed_order() =>
        Assert.That(Grouped(Ended("n2", "b1", 1), Ended("n1", "b1", 1)), Is.EqualTo(Grouped(Ended("n1", "b1", 1), Ended("n2", "b1", 1))));

    [Test]
    public void a_run_is_known_once_and_by_its_whole_record()
    {
        var record = PastRun.Of(Record("a", 1), s_day);
        var runs = RolloutHistory.Each([Ended("n1", "b1", 1, id: "a"), record, Ended("n2", "b1", 1, id: "a")]);
        Assert.That(runs.Select(run => (run.Node, run.Record is not null)), Is.EqualTo(((string, bool)[])[("n1", true), ("n2", false)]));
    }

    [Test]
    public void a_run_that_has_ended_is_not_open_because_its_journal_is_still_there()
    {
        var runs = RolloutHistory.Each([PastRun.Of(Record("a", 1) with { Ended = null }, s_day), PastRun.Of(Record("a", 1), s_day)]);
        Assert.That(runs.Single().IsOpen, Is.False);
    }

    [Test]
    public void of_runs_that_were_put_off_one_after_the_other_the_last_one_counts() =>
        Assert.That(Grouped(Ended("n1", "b1", 1, "refused"), Ended("n2", "b1", 1.5, "refused"), Ended("n1", "b1", 2, "draintooslow"), Ended("n1", "b1", 3), Ended("n1", "b1", 4, "refused"), Ended("n1", "b2", 5, "refused")),
            Is.EqualTo("n2@1.5 n1@2 n1@3 n1@4 | n1@5"));

    [TestCase("patched", "patched", "patched")]
    [TestCase("patched", "refused", "put off")]
    [TestCase("refused", "stalled", "failed")]
    [TestCase("patched", "admired", "failed", TestName = "a verdict of a later version is no good one")]
    public void a_rollout_ended_as_its_nodes_did(string first, string second, string outcome) =>
        Assert.That(new PastRollout([Ended("n1", "b1", 1, first), Ended("n2", "b1", 2, second)]).Outcome, Is.EqualTo(outcome));

    [Test]
    public void the_last_run_of_a_node_counts()
    {
        var rollout = new PastRollout([Ended("n1", "b1", 1, "stalled"), Ended("n2", "b1", 2), Ended("n1", "b1", 3)]);
        Assert.That((rollout.Outcome, rollout.Summary), Is.EqualTo(("patched", "kpatch_b1: patched on n1, n2")));
        Assert.That(rollout.Sentence, Is.EqualTo("kpatch_b1: patched on n1, n2; began 2026-01-31 01:00:00 UTC, took 2 h 10 min"));
    }

    [Test]
    public void what_each_node_came_to_is_said()
    {
        var rollout = new PastRollout([Ended("n1", "b1", 1), Ended("n2", "b2", 2, "stalled"), Ended("n3", "b1", 3, "refused"), Ended("n4", "b1", 4)]);
        Assert.That(rollout.Summary, Is.EqualTo("kpatch_b1, kpatch_b2: patched on n1, n4; stalled on n2; refused on n3"));
        Assert.That(rollout.Patches.Select(patch => (patch.Name, string.Join(' ', patch.Nodes))), Is.EqualTo(((string, string)[])[("kpatch_b1", "n1 n3 n4"), ("kpatch_b2", "n2")]));
        Assert.That(new PastRollout([Ended("n1", null, 1, "journallost")]).Summary, Is.EqualTo("no patch was come to: journallost on n1"));
    }

    [Test]
    public void a_run_that_goes_on_is_told_as_far_as_it_came()
    {
        var now = s_day.AddHours(1).AddMinutes(3);
        var run = PastRun.Of(Record("a", 1, Verdict.Undecided) with { Ended = null, Phase = Phase.Drain }, now);
        Assert.That((run.IsUnderWay, run.Word, run.Took, new PastRollout([run]).Outcome), Is.EqualTo((true, "under way", TimeSpan.FromMinutes(3), "under way")));

        var parked = PastRun.Of(Record("a", 1, Verdict.ReversalStalled) with { Ended = null, Phase = Phase.Parked }, now);
        Assert.That((parked.IsUnderWay, parked.Word, new PastRollout([parked]).Outcome), Is.EqualTo((false, "parked, reversalstalled", "failed")));
    }

    [Test]
    public void how_long_each_phase_took_and_how_long_the_node_was_away()
    {
        var run = PastRun.Of(Record("a", 1), s_day);
        Assert.That(run.Phases.Select(phase => (phase.Name, phase.Took.TotalSeconds)), Is.EqualTo(((string, double)[])[("gate", 1), ("standby", 2), ("drain", 297), ("unstandby", 60), ("confirm", 240)]));
        Assert.That((run.Away, run.Waited), Is.EqualTo(((TimeSpan?)TimeSpan.FromSeconds(359), (TimeSpan?)TimeSpan.FromHours(1))));

        var stuck = PastRun.Of(Record("a", 1) with { Timeline = [new(Phase.Standby, s_day.AddHours(1).AddSeconds(30))] }, s_day);
        Assert.That(stuck.Away, Is.EqualTo(TimeSpan.FromSeconds(570)), "one that never came home was away to the end");
        Assert.That((Ended("n1", "b", 1).Away, Ended("n1", "b", 1).Waited), Is.EqualTo(((TimeSpan?)null, (TimeSpan?)null)), "where nothing was noted nothing is said");
    }

    [Test]
    public void a_clock_that_was_set_meanwhile_gives_no_time_below_nothing_nor_above_all()
    {
        var at = s_day.AddHours(1);
        var run = PastRun.Of(Record("a", 1) with { Timeline = [new(Phase.Standby, at.AddMinutes(8)), new(Phase.Drain, at.AddMinutes(2)), new(Phase.Unstandby, at.AddMinutes(1)), new(Phase.Confirm, at.AddMinutes(50))], Ended = at.AddMinutes(5) }, s_day);
        Assert.That(run.Phases.Select(phase => phase.Took.TotalMinutes), Is.EqualTo((double[])[0, 0, 4, 0]));
        Assert.That((run.Away, run.Took), Is.EqualTo(((TimeSpan?)TimeSpan.Zero, TimeSpan.FromMinutes(5))));
    }

    [Test]
    public void what_the_nodes_told_is_a_rollout()
    {
        var told = ((string[])["n1", "n2"]).Select((node, i) => NodeHistory.Parse(NodeHistory.Text(node, [Record(node, i, node: node)]))!);
        var rollout = RolloutHistory.Of(told.SelectMany(PastRun.Of)).Single();
        Assert.That((rollout.Summary, rollout.LastOfEach[1].Away), Is.EqualTo(("kpatch_b1: patched on n1, n2", (TimeSpan?)TimeSpan.FromSeconds(359))));
    }
}
