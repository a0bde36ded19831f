using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Rollout;

public sealed class RehearsalOutcomeTests
{
    private static readonly Run s_run = new()
    {
        Id = "run",
        Node = "n1",
        Boot = "boot",
        Started = DateTimeOffset.UnixEpoch,
        Taken = DateTimeOffset.UnixEpoch,
        Phase = Phase.Release,
        PhaseSince = TimeSpan.Zero,
        Policy = Parameters.Defaults,
        Verdict = Verdict.Rehearsed,
        Why = "it went, as a run would",
        Rehearsal = new RehearsalNotes { Id = "3f2a", Warnings = ["a left-over, \"ban\" = (drain.leftover-constraint)", "ünïcode"] },
        Moves = new MoveNotes
        {
            Drain = TimeSpan.FromSeconds(12.34),
            Home = TimeSpan.FromSeconds(7),
            Moved = [new("vip", "n2"), new("d/b,", "n 3")],
            Stopped = ["web"],
            Back = ["vip", "web"],
        },
    };

    [Test]
    public void its_text_is_what_it_always_was() => Assert.That(
        RehearsalOutcome.Of(s_run with { Moves = s_run.Moves! with { Moved = [new("vip", "n2")] }, Rehearsal = s_run.Rehearsal! with { Warnings = [] } })!.ToString(),
        Is.EqualTo("3f2a rehearsed drain=12.3 home=7.0 moved=vip/n2 stopped=web back=vip,web why=it%20went%2C%20as%20a%20run%20would warnings="));

    [Test]
    public void what_is_written_is_read_again()
    {
        var read = RehearsalOutcome.Parse(RehearsalOutcome.Of(s_run)!.ToString())!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That((read.Id, read.Verdict, read.IsGood, read.Why), Is.EqualTo(("3f2a", "rehearsed", true, s_run.Why)));
            Assert.That((read.Drain, read.Home), Is.EqualTo(((TimeSpan?)TimeSpan.FromSeconds(12.3), (TimeSpan?)TimeSpan.FromSeconds(7))));
            Assert.That(read.Moved, Is.EqualTo(s_run.Moves!.Moved));
            Assert.That(read.Stopped, Is.EqualTo(s_run.Moves!.Stopped));
            Assert.That(read.Back, Is.EqualTo(s_run.Moves!.Back));
            Assert.That(read.Warnings, Is.EqualTo(s_run.Rehearsal!.Warnings));
            Assert.That(read.ToString(), Does.Match("^[A-Za-z0-9 =%,/._:-]+$"), "attrd_updater takes it");
        }
    }

    [Test]
    public void what_did_not_come_to_pass_is_not_there()
    {
        var read = RehearsalOutcome.Parse(RehearsalOutcome.Of(s_run with { Verdict = Verdict.DrainTooSlow, Why = "", Moves = null, Rehearsal = new RehearsalNotes { Id = "3f2a" } })!.ToString())!;
        Assert.That((read.Verdict, read.IsGood, read.Why, read.Drain, read.Home, read.Moved.Count), Is.EqualTo(("draintooslow", false, "", (TimeSpan?)null, (TimeSpan?)null, 0)));
    }

    [Test]
    public void it_does_not_grow_without_bound()
    {
        var many = Enumerable.Range(0, 1000).Select(i => $"resource-number-{i}").ToList();
        var moves = new MoveNotes { Moved = [.. many.Select(id => new Placed(id, "n2"))], Stopped = many, Back = many };
        var notes = s_run.Rehearsal! with { Warnings = [.. many.Select(_ => new string('w', 1000))] };
        Assert.That(RehearsalOutcome.Of(s_run with { Moves = moves, Rehearsal = notes, Why = new string('y', 1000) })!.ToString(), Has.Length.LessThan(3000));
    }

    [TestCase("")]
    [TestCase("3f2a")]
    [TestCase(" rehearsed")]
    [TestCase("3f2a ")]
    public void another_text_is_no_outcome(string text) => Assert.That(RehearsalOutcome.Parse(text), Is.Null);

    [Test]
    public void what_a_later_version_says_is_read_as_far_as_it_is_known()
    {
        var read = RehearsalOutcome.Parse("3f2a admired drain=soon home=99999999999999 moved=vip,db/n2 mood=good")!;
        Assert.That((read.Id, read.Verdict, read.Drain, read.Home, read.IsGood), Is.EqualTo(("3f2a", "admired", (TimeSpan?)null, (TimeSpan?)TimeSpan.FromSeconds(int.MaxValue), false)));
        Assert.That(read.Moved, Is.EqualTo((Placed[])[new("db", "n2")]));
    }

    [Test]
    public void a_real_run_has_none() => Assert.That(RehearsalOutcome.Of(s_run with { Rehearsal = null }), Is.Null);

    [TestCase("3f2a", "3f2a")]
    [TestCase("3f2b", "3f2b")]
    [TestCase("3f2c", "3f2b")]
    [TestCase(null, "3f2b")]
    public void the_one_that_is_wished_is_told_or_else_the_last(string? wished, string told)
    {
        var (later, wish) = (s_run with { Rehearsal = new RehearsalNotes { Id = "3f2b" } }, wished is null ? null : RehearsalWish.Of(wished, ["n1"], "b", DateTimeOffset.UnixEpoch));
        Assert.That(RehearsalOutcome.Told([later, s_run], wish), Does.StartWith(told + " "));
        Assert.That(RehearsalOutcome.Told([], wish), Is.Empty);
    }

    [TestCase("NaN")]
    [TestCase("Infinity")]
    [TestCase("-Infinity")]
    [TestCase("-1")]
    public void a_time_that_is_none_makes_nobody_stumble(string time) => Assert.That(RehearsalOutcome.Parse($"3f2a rehearsed drain={time}")!.Drain, Is.Null.Or.EqualTo(TimeSpan.FromSeconds(int.MaxValue)));

    [Test]
    public void a_run_counts_that_had_the_token_and_was_not_given_up_for_the_agents_sake()
    {
        Assert.That(RehearsalNotes.Counts(s_run), Is.True);
        Assert.That(RehearsalNotes.Counts(s_run with { Verdict = Verdict.Refused }), Is.True);
        Assert.That(RehearsalNotes.Counts(s_run with { Verdict = Verdict.AgentStopped }), Is.False);
        Assert.That(RehearsalNotes.Counts(s_run with { Taken = null }), Is.False);
        Assert.That(RehearsalNotes.Counts(s_run with { Rehearsal = null }), Is.False);
    }

    [Test]
    public void the_last_ones_are_kept_each_once_without_what_only_a_run_needs()
    {
        IReadOnlyList<Run> kept = [];
        for (var i = 0; i < 20; i++)
            kept = RehearsalNotes.Keep(kept, s_run with { Id = $"run{i}", Evidence = ["a line"], Before = new Dictionary<string, ResourceLevel> { ["vip"] = new(1, 0, true) } });
        kept = RehearsalNotes.Keep(kept, s_run with { Id = "run18" });

        Assert.That(kept.Select(run => run.Id), Is.EqualTo((string[])["run18", "run19", "run17", "run16", "run15", "run14", "run13", "run12"]));
        Assert.That(kept.Sum(run => run.Evidence.Count + run.Before.Count), Is.Zero);
    }
}
