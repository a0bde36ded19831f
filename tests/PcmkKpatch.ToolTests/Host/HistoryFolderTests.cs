using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Host;

/// <summary>The records of the runs that have ended.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class HistoryFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string At => _folder.At("history");

    private HistoryFolder History => new(At);

    private string[] Ids => [.. History.Runs().Select(run => run.Id)];

    public void Dispose() => _folder.Dispose();

    private static Run Ended(int number, Verdict verdict = Verdict.Patched) =>
        Runs.Full with { Id = $"run-{number}", Verdict = verdict, Started = Runs.Full.Started.AddMinutes(number), Ended = Runs.Full.Started.AddMinutes(number + 1) };

    [Test]
    public void Where_none_has_ended_there_is_none() => Assert.That((Ids, History.Unreadable()), Is.EqualTo((Array.Empty<string>(), Array.Empty<string>())));

    [Test]
    public void What_is_kept_comes_back_whole_but_for_what_was_active_before_and_the_newest_first()
    {
        History.Keep(Ended(1));
        History.Keep(Ended(2, Verdict.Stalled));

        Assert.That(Ids, Is.EqualTo((string[])["run-2", "run-1"]));
        Assert.That(Runs.Json(History.Runs().Last()), Is.EqualTo(Runs.Json(Ended(1) with { Before = new Dictionary<string, ResourceLevel>() })));
        Assert.That(File.GetUnixFileMode(Directory.GetFiles(At)[0]), Is.EqualTo(OurFile.ForRootAlone));
    }

    [Test]
    public void A_run_that_ends_once_more_is_kept_once()
    {
        History.Keep(Ended(1));
        History.Keep(Ended(1) with { Why = "again" });
        Assert.That(History.Runs().Single().Why, Is.EqualTo("again"));
    }

    [Test]
    public void Of_runs_that_were_put_off_one_after_the_other_the_last_one_is_kept()
    {
        History.Keep(Ended(1, Verdict.Refused));
        History.Keep(Ended(2, Verdict.DrainTooSlow));
        History.Keep(Ended(3));
        History.Keep(Ended(4, Verdict.Refused));
        History.Keep(Ended(5, Verdict.Refused) with { Patch = Runs.Full.Patch! with { BuildId = "another" } });
        Assert.That(Ids, Is.EqualTo((string[])["run-5", "run-4", "run-3", "run-2"]));
    }

    [Test]
    public void A_hundred_are_kept()
    {
        for (var i = 0; i < 103; i++)
            History.Keep(Ended(i));
        Assert.That((Ids.Length, Ids[0], Ids[^1]), Is.EqualTo((100, "run-102", "run-3")));
    }

    [Test]
    public void An_id_that_is_a_path_is_a_name_here()
    {
        History.Keep(Ended(1) with { Id = "../../" + new string('x', 500) });
        Assert.That(Directory.GetFiles(At), Has.Length.EqualTo(1));
        Assert.That(_folder.Names(), Is.EqualTo((string[])["history"]));
    }

    [Test]
    public void What_cannot_be_read_is_named_and_keeps_nothing_from_being_read()
    {
        History.Keep(Ended(1));
        File.WriteAllText(Path.Combine(At, "20990101T000000Z-later.json"), Runs.Json(Ended(2)).Replace("\"format\": 1", "\"format\": 2", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(At, "20990101T000001Z-torn.json"), "{\"id\":");

        Assert.That(Ids, Is.EqualTo((string[])["run-1"]));
        Assert.That(History.Unreadable().Select(Path.GetFileName), Is.EqualTo((string[])["20990101T000000Z-later.json", "20990101T000001Z-torn.json"]));
    }

    [Test]
    public void What_cannot_be_kept_keeps_no_run_from_ending()
    {
        File.WriteAllText(At, "in the way");
        var journal = new JournalFile(_folder.Path);
        journal.Write(Ended(1));
        journal.Close(Ended(1));
        Assert.That((journal.Read().Run, journal.Last()!.Id), Is.EqualTo(((Run?)null, "run-1")));
    }

    [Test]
    public void The_journal_keeps_what_has_ended_and_no_rehearsal()
    {
        var journal = new JournalFile(_folder.Path);
        journal.Close(Ended(1));
        journal.Close(Ended(2) with { Taken = DateTimeOffset.UnixEpoch, Rehearsal = new RehearsalNotes { Id = "3f2a" } });
        journal.Close(null);
        Assert.That(Ids, Is.EqualTo((string[])["run-1"]));
    }

    // Of a release that had no such members: a record without them is a whole one.
    [Test]
    public void A_record_without_phases_and_moves_is_read()
    {
        Directory.CreateDirectory(At);
        var json = System.Text.Json.Nodes.JsonNode.Parse(Runs.Json(Ended(1)))!.AsObject();
        foreach (var name in (string[])["timeline", "moves", "started_by"])
            Assert.That(json.Remove(name), Is.True, name);
        File.WriteAllText(Path.Combine(At, "20260101T000000Z-old.json"), json.ToJsonString());

        var run = History.Runs().Single();
        Assert.That(RunSummary.Of(run with { Ended = run.Started }).Phases, Is.Empty);
        Assert.That(run.Entered(DateTimeOffset.UnixEpoch).Timeline, Has.Count.EqualTo(1));
    }
}
