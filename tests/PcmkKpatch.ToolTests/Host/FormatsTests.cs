using System.IO.Compression;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Host;

/// <summary>
/// What each release has written, on disk, into the CIB and into node attributes, as tests/lab/capture-formats had the real program write it in a cluster (folder Formats). Every later
/// release reads it.
/// </summary>
[TestFixtureSource(nameof(Releases))]
internal sealed class FormatsTests(string release)
{
    public static IEnumerable<string> Releases => Directory.EnumerateDirectories(Folder).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal);

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Formats");

    [TestCase("load", Phase.Load, TokenState.Held)]
    [TestCase("parked", Phase.Parked, TokenState.Parked)]
    public void A_run_under_way_is_taken_up(string name, Phase phase, TokenState state)
    {
        using var folder = new TempFolder();
        using (var packed = new GZipStream(File.OpenRead(At($"run.journal.{name}.gz")), CompressionMode.Decompress))
        using (var journal = File.Create(folder.At("run.journal")))
            packed.CopyTo(journal);

        var entry = new JournalFile(folder.Path).Read();

        Assert.That(entry.Damaged, Is.Null);
        var run = entry.Run!;
        Assert.That((run.Format, run.Phase, run.Node, run.Ended), Is.EqualTo((1, phase, "node2", (DateTimeOffset?)null)));
        var token = Token(name == "load" ? "held" : name);
        Assert.That((token.State, token.Node, token.Run, token.Boot), Is.EqualTo((state, run.Node, run.Id, run.Boot)));
        Assert.That((run.Policy.RetryDelay, run.Policy.MaxFailures, run.Policy.TransitionTimeout), Is.EqualTo((TimeSpan.FromHours(1), 1, TimeSpan.FromSeconds(5))));
        Assert.That(run.Before["db"].Active, Is.EqualTo(1));
        Assert.That(run.HealthBefore, Is.Not.Null);
        Assert.That(run.MarksToDelete, Is.EqualTo((DrainMode[])[DrainMode.Standby]));
        var mark = Records.ReadAttempt(File.ReadAllBytes(At("attempt.load")));
        Assert.That((mark.Boot, mark.Patch, mark.BuildId, mark.ProvedAt), Is.EqualTo((run.Boot, run.Patch!.Name, run.Patch.BuildId, (TimeSpan?)null)));
    }

    [TestCase("patched", Verdict.Patched, false)]
    [TestCase("tolerated", Verdict.LoadRefused, true)]
    [TestCase("down", Verdict.NodeDown, false)]
    public void How_the_last_run_ended_is_known(string name, Verdict verdict, bool tolerated)
    {
        using var folder = new TempFolder();
        File.Copy(At($"last.{name}.json"), folder.At("last.json"));
        var run = new JournalFile(folder.Path).Last()!;

        Assert.That((run.Verdict, run.Tolerated, run.Phase), Is.EqualTo((verdict, tolerated, Phase.Release)));
        Assert.That(run.Ended, Is.GreaterThan(run.Taken!.Value));
        Assert.That(run.Why, Is.Not.Empty);
    }

    [Test]
    public void Which_rehearsals_are_over_is_known()
    {
        using var folder = new TempFolder();
        File.Copy(At("rehearsed.json"), folder.At("rehearsed.json"));
        var journal = new JournalFile(folder.Path);
        var wish = RehearsalWish.Parse(Text("pcmk-kpatch-rehearsal wished"));

        Assert.That((journal.Unknown(), wish.IsUnreadable), Is.EqualTo(((string?)null, false)));
        var run = journal.Rehearsed().Single();
        Assert.That((run.Rehearsal!.Id, run.Verdict), Is.EqualTo((wish.Id, Verdict.Rehearsed)));
        Assert.That(wish.Nodes, Is.EquivalentTo((string[])["node1", "node2", "node3"]));
        var outcome = RehearsalOutcome.Parse(Text("kpatch-rehearsed rehearsed"))!;
        Assert.That((outcome.Id, outcome.IsGood, outcome.Moved.Count), Is.EqualTo((wish.Id, true, run.Moves!.Moved.Count)));
        Assert.That(outcome.Drain!.Value.TotalSeconds, Is.EqualTo(run.Moves.Drain!.Value.TotalSeconds).Within(0.1));
    }

    [Test]
    public void What_is_on_probation_and_what_is_quarantined_is_known()
    {
        var probation = Records.ReadAttempt(File.ReadAllBytes(At("attempt.probation")));
        var quarantine = Records.ReadAttempt(File.ReadAllBytes(At("quarantine.json")));

        Assert.That(probation.ProvedAt, Is.GreaterThan(TimeSpan.FromHours(1)));
        Assert.That((probation.Format, quarantine.Format, quarantine.ProvedAt), Is.EqualTo((1, 1, (TimeSpan?)null)));
        Assert.That(Text("kpatch-quarantine quarantined"), Is.EqualTo(quarantine.BuildId));
    }

    [Test]
    public void Since_when_it_runs_what_it_runs_is_known()
    {
        var text = File.ReadAllText(At("since"));
        var ages = Ages.FromLines(text);

        Assert.That(ages.Lines, Is.EqualTo(text), "no line is lost");
        Assert.That((ages.Kernel!.What, ages.Patch!.What, ages.Version!.What), Is.EqualTo((Text("kpatch-kernel idle"), Text("kpatch-patch idle"), Text("kpatch-version idle"))));
        Assert.That(Ages.OfKernel(Text("kpatch-since idle")), Is.EqualTo(ages.Kernel.Since));
        Assert.That((Ages.OfPatch(Text("kpatch-since idle")), Ages.OfVersion(Text("kpatch-since idle"))), Is.EqualTo((ages.Patch.Since, ages.Version.Since)));
        Assert.That((Text("kpatch-product idle"), Text("kpatch-state idle")), Is.EqualTo((release, "idle")));
        Assert.That(Text("kpatch-state load"), Does.StartWith("load"), "by which others know that the node is away");
    }

    [Test]
    public void Every_token_is_understood()
    {
        Assert.That(Token("free"), Is.EqualTo(PcmkKpatch.Core.Cluster.Token.Free));
        var failed = Token("free after a failure");
        Assert.That((failed.State, failed.Failures.List.Single().Node, failed.Failures.List.Single().Times), Is.EqualTo((TokenState.Free, "node2", 1)));
        Assert.That(Token("held to rehearse").IsRehearsal);
        Assert.That(Token("parked").Why, Is.Not.Empty);
        Assert.That((Token("halted").State, Token("halted").Why.Length > 0), Is.EqualTo((TokenState.Halted, true)));
    }

    [Test]
    public void Every_hold_is_understood()
    {
        var holds = Lines("kpatch-hold all and node").Select(Hold.Parse).ToList();

        Assert.That(holds.Select(h => (h.IsUnreadable, h.Node, h.Reason)), Is.EquivalentTo(((bool, string?, string)[])
            [(false, null, "a 100% audit, \"quoted\""), (false, "node2", "firmware")]));
        Assert.That(holds.Single(h => h.Node is null).Until, Is.EqualTo(new DateTimeOffset(2030, 12, 1, 6, 0, 0, TimeSpan.Zero)));
    }

    [Test]
    public void What_a_node_told_of_its_last_runs_is_understood()
    {
        var history = NodeHistory.Parse(Text("pcmk-kpatch-history-node2 failed"))!;
        var failed = Records.ReadRun(File.ReadAllBytes(At("last.tolerated.json")));

        Assert.That((history.Node, history.Runs.Count), Is.EqualTo(("node2", 2)));
        Assert.That((history.Runs[0].Id, history.Runs[0].Verdict, history.Runs[0].Why, history.Runs[1].IsGood), Is.EqualTo((failed.Id, "loadrefused", failed.Why, true)));
        Assert.That(history.Runs[0].Phases.Select(phase => phase.Name), Is.EqualTo(failed.Timeline.Skip(1).Select(start => start.Phase.ToString().ToLowerInvariant())));
    }

    private string At(string name) => Path.Combine(Folder, release, name);

    private Token Token(string what) => PcmkKpatch.Core.Cluster.Token.Parse(Text($"token {what}"));

    private string Text(string what) => Lines(what).Single();

    private IEnumerable<string> Lines(string what) => File.ReadLines(At("texts.tsv")).Select(line => line.Split('\t')).Where(words => words[0] == what).Select(words => words[1]);
}
