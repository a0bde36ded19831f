using NUnit.Framework;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Rollout;

public sealed class NodeHistoryTests
{
    private static readonly DateTimeOffset s_taken = new(2026, 1, 31, 22, 15, 0, TimeSpan.Zero);

    private static readonly Run s_run = new()
    {
        Id = "run",
        Node = "n1",
        Boot = "boot",
        Started = s_taken.AddHours(-2),
        Taken = s_taken,
        Ended = s_taken.AddSeconds(90),
        StartedBy = "anna, with debug-start",
        Phase = Phase.Release,
        PhaseSince = TimeSpan.Zero,
        Policy = Parameters.Defaults,
        Patch = new PatchModule("/k/p2.ko", "kpatch_2", "abc2", "5.14.0", true) { Package = "kpatch-patch-5_14_0-1-2.x86_64" },
        PatchesBefore = ["kpatch_1 abc1 True"],
        Timeline = [new(Phase.Acquire, s_taken.AddHours(-2)), new(Phase.Gate, s_taken), new(Phase.Drain, s_taken.AddSeconds(1.52)), new(Phase.Load, s_taken.AddSeconds(12))],
        Moves = new MoveNotes { Moved = [new("vip", "n2"), new("d/b,", "n 3")], Stopped = ["web"], Back = ["vip"] },
        Verdict = Verdict.Stalled,
        Why = "the patch transition did not end in 60 s: \"1\" = 1, <b>",
        Evidence = ["1 init:\n schedule+0x1", "ünïcode"],
    };

    private static RunSummary[] Read(params Run[] runs) => [.. NodeHistory.Parse(NodeHistory.Text("n1", runs))!.Runs];

    [Test]
    public void what_is_written_is_read_again()
    {
        var text = NodeHistory.Text("n 1", [s_run]);
        var read = NodeHistory.Parse(text)!;
        var run = read.Runs.Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Node, Is.EqualTo("n 1"));
            Assert.That((run.Id, run.Verdict, run.Why, run.Began, run.Ended, run.By), Is.EqualTo(("run", "stalled", s_run.Why, s_taken, s_taken.AddSeconds(90), "anna, with debug-start")));
            Assert.That((run.Patch, run.Build, run.Kernel, run.Package, run.Tries), Is.EqualTo(("kpatch_2", "abc2", "5.14.0", "kpatch-patch-5_14_0-1-2.x86_64", 0)));
            Assert.That(run.From, Is.EqualTo((string[])["kpatch_1"]));
            Assert.That(run.Phases, Is.EqualTo((PhaseMark[])[new("gate", TimeSpan.Zero), new("drain", TimeSpan.FromSeconds(1.5)), new("load", TimeSpan.FromSeconds(12))]), "the wait for the token is none of it");
            Assert.That(run.Moved, Is.EqualTo(s_run.Moves!.Moved));
            Assert.That((run.Stopped, run.Back, run.Evidence), Is.EqualTo((s_run.Moves.Stopped, s_run.Moves.Back, s_run.Evidence)));
            Assert.That(text, Does.Match("^[A-Za-z0-9 =%,/._:-]+$"), "it needs no quoting in XML");
        }
    }

    [Test]
    public void its_text_is_what_it_always_was() => Assert.That(
        NodeHistory.Text("n1", [s_run with { Moves = null, Evidence = [], Why = "it hung" }]),
        Is.EqualTo("history v1 node=n1 run=run verdict=stalled began=2026-01-31T22:15:00Z ended=2026-01-31T22:16:30Z by=anna%2C%20with%20debug-start patch=kpatch_2 build=abc2 kernel=5.14.0"
            + " package=kpatch-patch-5_14_0-1-2.x86_64 from=kpatch_1 tries=0 phases=gate/0.0,drain/1.5,load/12.0 why=it%20hung moved= stopped= back= evidence="));

    [Test]
    public void a_good_run_needs_no_evidence_and_one_without_a_patch_or_a_token_is_told_too()
    {
        var runs = Read(s_run with { Verdict = Verdict.Patched }, s_run with { Patch = null, PatchesBefore = null, Taken = null, Timeline = [], StartedBy = null, Verdict = Verdict.Refused, Tries = 7 });

        Assert.That((runs[0].IsGood, runs[0].IsPutOff, runs[0].Evidence.Count), Is.EqualTo((true, false, 0)));
        Assert.That((runs[1].IsPutOff, runs[1].Patch, runs[1].Build, runs[1].By, runs[1].Tries, runs[1].Began), Is.EqualTo((true, (string?)null, (string?)null, (string?)null, 7, s_run.Started)));
    }

    [Test]
    public void a_clock_that_was_set_back_in_the_run_gives_no_time_below_nothing()
    {
        var run = Read(s_run with { Ended = s_taken.AddHours(-1), Timeline = [new(Phase.Load, s_taken.AddHours(-1))] }).Single();

        Assert.That((run.Ended, run.Phases[0].After), Is.EqualTo((s_taken, TimeSpan.Zero)));
    }

    [Test]
    public void what_is_too_long_loses_the_details_of_the_older_runs_first()
    {
        var much = s_run with { Evidence = [.. Enumerable.Range(0, 24).Select(i => $"{i}{string.Concat(Enumerable.Repeat("x ", 250))}")] };
        Assert.That(Read(much).Single().Evidence, Has.Count.EqualTo(4), "a few lines of one run have room");
        var runs = Read(s_run, much with { Id = "b" }, much with { Id = "c" }, much with { Id = "d" });

        Assert.That(runs.Select(run => run.Id), Is.EqualTo((string[])["run", "b", "c"]), "three at most");
        Assert.That((runs[0].Moved.Count, runs[1].Evidence.Count), Is.EqualTo((2, 4)));
        Assert.That((runs[2].Moved.Count, runs[2].Why), Is.EqualTo((0, s_run.Why)), "its end is still told");
    }

    [Test]
    public void it_never_gets_longer_whatever_is_in_it()
    {
        var hostile = new string('東', 5000);
        var much = s_run with { Id = hostile, Why = hostile, StartedBy = hostile, Timeline = [.. Enumerable.Repeat(new PhaseStart(Phase.Confirm, s_taken), 64)], Patch = s_run.Patch! with { Name = hostile } };
        var text = NodeHistory.Text("n1", [much, much, much]);

        Assert.That(text, Has.Length.LessThanOrEqualTo(NodeHistory.LongestText));
        Assert.That(NodeHistory.Parse(text)!.Node, Is.EqualTo("n1"));
    }

    [TestCase("")]
    [TestCase("history v2 node=n1 run=a")]
    [TestCase("history v1 node=")]
    [TestCase("history v1 run=a")]
    public void another_form_is_none(string text) => Assert.That(NodeHistory.Parse(text), Is.Null);

    [TestCase("history v1 node=n1", 0)]
    [TestCase("history v1 node=n1 verdict=patched", 0)]
    [TestCase("history v1 node=n1 run=a verdict=patched began=yesterday ended=2026-01-31T22:15:00Z", 0)]
    [TestCase("history v1 node=n1 run=a verdict=patched began=2026-01-31T22:15:01Z ended=2026-01-31T22:15:00Z", 0)]
    [TestCase("history v1 node=n1 run=a verdict= began=2026-01-31T22:15:00Z ended=2026-01-31T22:15:00Z", 0)]
    [TestCase("history v1 node=n1 run=a verdict=admired began=2026-01-31T22:15:00Z ended=2026-01-31T22:15:00Z new=word phases=a/b,c,d/-1,e/2 moved=x tries=-3", 1)]
    public void what_is_no_run_in_it_is_left_out(string text, int runs)
    {
        var read = NodeHistory.Parse(text)!;
        Assert.That(read.Runs, Has.Count.EqualTo(runs));
        Assert.That(read.Runs.SelectMany(run => run.Phases), runs == 0 ? Is.Empty : Is.EqualTo((PhaseMark[])[new("e", TimeSpan.FromSeconds(2))]));
        Assert.That(read.Runs.Select(run => (run.Moved.Count, run.Tries)), Is.All.EqualTo((0, 0)));
    }
}
