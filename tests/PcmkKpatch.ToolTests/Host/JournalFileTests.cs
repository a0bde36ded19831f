using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Host;

/// <summary>The journal on real file systems: torn, full, read-only, damaged.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class JournalFileTests : IDisposable
{
    private const int SlotSize = 128 * 1024;
    private readonly TempFolder _folder = new();

    private string Path => _folder.At("run.journal");

    private JournalFile Journal => new(_folder.At(""));

    public void Dispose() => _folder.Dispose();

    [Test]
    public void Where_nothing_was_written_there_is_no_run_and_nothing_is_damaged()
    {
        Assert.That(Journal.Read(), Is.EqualTo(new JournalEntry(null)));
        Assert.That((Journal.Last(), Journal.Unknown()), Is.EqualTo(((Run?)null, (string?)null)));
        Assert.That(new JournalFile("/nowhere/at/all").Read(), Is.EqualTo(new JournalEntry(null)));
    }

    [Test]
    public void Rehearsals_are_kept_apart_from_the_last_run_and_come_back_whole()
    {
        var rehearsal = Runs.Full with
        {
            Id = "rehearsal-run",
            Taken = DateTimeOffset.UnixEpoch,
            Ended = DateTimeOffset.UnixEpoch.AddHours(2),
            Moves = new MoveNotes { Drain = TimeSpan.FromSeconds(1.5), Moved = [new("vip", "n2")] },
            Rehearsal = new RehearsalNotes { Id = "3f2a", Warnings = ["東京"] },
        };
        Assert.That((Journal.Rehearsed(), Journal.LastEnded()), Is.EqualTo((Array.Empty<Run>(), (Run?)null)));
        Journal.Close(Runs.Full with { Ended = DateTimeOffset.UnixEpoch.AddHours(1) });
        Journal.Close(rehearsal);
        Journal.Close(rehearsal with { Id = "stopped", Verdict = Verdict.AgentStopped });

        Assert.That(Journal.Last()!.Id, Is.EqualTo(Runs.Full.Id));
        Assert.That(Runs.Json(Journal.Rehearsed().Single()), Is.EqualTo(Runs.Json(rehearsal with { Before = new Dictionary<string, PcmkKpatch.Core.Cluster.ResourceLevel>() })));
        Assert.That(Journal.LastEnded()!.Id, Is.EqualTo("rehearsal-run"));
        Journal.Close(Runs.Full with { Id = "later", Ended = DateTimeOffset.UnixEpoch.AddHours(3) });
        Assert.That(Journal.LastEnded()!.Id, Is.EqualTo("later"));
    }

    [TestCase("")]
    [TestCase("{}")]
    [TestCase("null")]
    [TestCase("[{\"id\":3}]")]
    public void Rehearsals_that_cannot_be_read_are_none_and_the_next_one_is_kept(string text)
    {
        File.WriteAllText(_folder.At("rehearsed.json"), text);
        Assert.That(Journal.Rehearsed(), Is.Empty);
        Assert.That(Journal.Unknown(), Does.StartWith($"{_folder.At("rehearsed.json")} cannot be read: "));
        Journal.Close(Runs.Full with { Taken = DateTimeOffset.UnixEpoch, Rehearsal = new RehearsalNotes { Id = "3f2a" } });
        Assert.That((Journal.Rehearsed().Count, Journal.Unknown()), Is.EqualTo((1, (string?)null)));
    }

    [Test]
    public void A_run_comes_back_as_it_was_written()
    {
        Journal.Write(Runs.Full);
        Assert.That(Runs.Json(Journal.Read().Run), Is.EqualTo(Runs.Json(Runs.Full)));
        Assert.That(Journal.Read().Run!.Why, Is.EqualTo(Runs.Full.Why));
        Assert.That(Journal.Read().Run!.Before["web"], Is.EqualTo(Runs.Full.Before["web"]));
    }

    [Test]
    public void The_newest_of_many_writes_counts_and_the_file_does_not_grow()
    {
        for (var i = 1; i <= 9; i++)
        {
            Journal.Write(Runs.InPhase((Phase)i));
            Assert.That(Journal.Read().Run!.Phase, Is.EqualTo((Phase)i));
            Assert.That(new FileInfo(Path).Length, Is.EqualTo(2 * SlotSize));
        }

        Assert.That(_folder.Names(), Is.EqualTo((string[])["run.journal"]));
    }

    // It fitted at the gate. What the drain moved is noted when the node is in standby, and must not keep it there.
    [Test]
    public void What_is_noted_for_people_never_keeps_a_run_from_being_journalled()
    {
        var begun = Runs.Full with { Before = Enumerable.Range(0, 500).ToDictionary(i => $"resource-{i}", i => new PcmkKpatch.Core.Cluster.ResourceLevel(1, 0, true, ["node1"])) };
        Journal.Write(begun);
        var drained = begun with { Phase = Phase.Load, Moves = new MoveNotes { Drain = TimeSpan.FromSeconds(2), Moved = [.. Enumerable.Range(0, 2000).Select(i => new PcmkKpatch.Core.Cluster.Placed($"resource-{i}", "node2"))] } };
        Assert.That(Runs.Json(drained).Length, Is.GreaterThan(SlotSize));

        Journal.Write(drained);

        var read = Journal.Read().Run!;
        Assert.That((read.Phase, read.Before.Count, read.Moves!.Drain, read.Moves.Moved.Count), Is.EqualTo((Phase.Load, 500, (TimeSpan?)TimeSpan.FromSeconds(2), 0)));
    }

    [Test]
    public void Only_root_can_read_it()
    {
        Journal.Write(Runs.Full);
        Journal.Close(Runs.Full);
        Journal.Write(Runs.Full);
        var files = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories);
        Assert.That(files, Has.Length.EqualTo(3));
        Assert.That(files.Select(File.GetUnixFileMode), Is.All.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void Closing_clears_the_run_and_keeps_it_as_the_last_one()
    {
        Journal.Write(Runs.Full);
        Journal.Close(Runs.Full with { Verdict = Verdict.Patched });
        Assert.That(Journal.Read(), Is.EqualTo(new JournalEntry(null)));
        Assert.That(Journal.Last()!.Verdict, Is.EqualTo(Verdict.Patched));
        Assert.That(_folder.Names(), Is.EqualTo((string[])["history", "last.json"]));
        Journal.Close(null);
        Assert.That(Journal.Last()!.Verdict, Is.EqualTo(Verdict.Patched), "closing nothing forgets nothing");
    }

    // A crash in the middle of a write: any number of its sectors reached the disk, from the front, from the back, or some.
    [Test]
    public void A_write_torn_at_any_sector_leaves_the_run_before_it_or_the_new_one()
    {
        foreach (var writesBefore in (int[])[1, 2, 3])
        {
            File.Delete(Path);
            for (var i = 1; i <= writesBefore; i++)
                Journal.Write(Runs.Long(i));
            var before = File.ReadAllBytes(Path);
            Journal.Write(Runs.Long(writesBefore + 1));
            var after = File.ReadAllBytes(Path);
            var changed = Enumerable.Range(0, after.Length / 512).Where(s => !before.AsSpan(s * 512, 512).SequenceEqual(after.AsSpan(s * 512, 512))).ToList();
            Assert.That(changed, Has.Count.GreaterThan(10), "the test needs a write of several sectors");
            for (var n = 0; n <= changed.Count; n++)
            {
                Mixed(before, after, changed.Take(n));
                AssertIsOneOf(writesBefore, n == changed.Count, $"the first {n} sectors");
                Mixed(before, after, changed.Skip(n));
                AssertIsOneOf(writesBefore, n == 0, $"all but the first {n} sectors");
                Mixed(before, after, changed.Where((_, i) => i != n));
                AssertIsOneOf(writesBefore, n == changed.Count, $"all but sector {n}");
            }
        }
    }

    [Test]
    public void The_first_write_torn_is_damaged_or_nothing_and_the_next_one_succeeds()
    {
        Journal.Write(Runs.Full);
        var whole = File.ReadAllBytes(Path);
        foreach (var length in (int[])[0, 1, 511, 512, SlotSize, SlotSize + 127, SlotSize + 128, SlotSize + 600, (2 * SlotSize) - 1])
        {
            File.WriteAllBytes(Path, whole[..length]);
            var entry = Journal.Read();
            if (entry.Run is null)
                Assert.That(entry.Damaged, Is.EqualTo($"{Path} is damaged"), $"cut to {length}");
            Journal.Write(Runs.InPhase(Phase.Drain));
            Assert.That(Journal.Read().Run?.Phase, Is.EqualTo(Phase.Drain), $"cut to {length}");
        }
    }

    [Test]
    public void One_damaged_byte_costs_at_most_the_newest_write()
    {
        Journal.Write(Runs.InPhase(Phase.Gate));
        Journal.Write(Runs.InPhase(Phase.Standby));
        var sound = File.ReadAllBytes(Path);
        var random = new Random(20260131);
        for (var i = 0; i < 200; i++)
        {
            var bytes = sound.ToArray();
            bytes[(random.Next(2) * SlotSize) + random.Next(900)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(Path, bytes);
            Assert.That(Journal.Read().Run?.Phase, Is.EqualTo(Phase.Gate).Or.EqualTo(Phase.Standby));
        }
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(100)]
    [TestCase(2 * SlotSize)]
    [TestCase(5 * SlotSize)]
    public void Garbage_is_damaged_never_a_run_and_is_set_aside_when_closed(int size)
    {
        var garbage = new byte[size];
        new Random(1).NextBytes(garbage);
        File.WriteAllBytes(Path, garbage);
        Assert.That(Journal.Read(), Is.EqualTo(new JournalEntry(null, $"{Path} is damaged")));
        Journal.Close(null);
        Assert.That(Journal.Read(), Is.EqualTo(new JournalEntry(null)));
        Assert.That(File.ReadAllBytes(Path + ".damaged"), Is.EqualTo(garbage), "kept for whoever looks into it");
    }

    [TestCase("pcmk-kpatch journal 5 -1 x")]
    [TestCase("pcmk-kpatch journal 5 999999999 x")]
    [TestCase("pcmk-kpatch journal 99999999999999999999 2 x")]
    [TestCase("pcmk-kpatch journal 5 0 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [TestCase("pcmk-kpatch journal")]
    public void A_header_that_lies_is_no_run(string header)
    {
        File.WriteAllBytes(Path, Encoding.ASCII.GetBytes(header.PadRight(2 * SlotSize)));
        Assert.That(Journal.Read().Run, Is.Null);
        Assert.That(Journal.Read().Damaged, Is.Not.Null);
    }

    [Test]
    public void A_record_of_a_later_format_is_refused_and_says_so()
    {
        Journal.Write(Runs.Full with { Format = 2 });
        Assert.That(Journal.Read().Run, Is.Null);
        Assert.That(Journal.Read().Damaged, Does.Contain("format 2 is not known"));
    }

    [TestCase("{", "{\"kind\": \"later\", ")]
    [TestCase("\"policy\": {", "\"policy\": {\"later\": 1, ")]
    [TestCase("\"rehearsal\": {", "\"rehearsal\": {\"later\": null, ")]
    public void What_a_later_version_noted_beside_is_not_passed_over(string at, string with)
    {
        var json = Runs.Json(Runs.Full with { Rehearsal = new RehearsalNotes { Id = "3f2a" } });
        Assert.That(Runs.Json(Records.ReadRun(Encoding.UTF8.GetBytes(json))), Is.EqualTo(json));
        var place = json.IndexOf(at, StringComparison.Ordinal);
        var later = json[..place] + with + json[(place + at.Length)..];
        Assert.That(() => Records.ReadRun(Encoding.UTF8.GetBytes(later)), Throws.InstanceOf<JsonException>());
        File.WriteAllText(_folder.At("last.json"), later);
        Assert.That(Journal.Last(), Is.Null);
        Assert.That(Journal.Unknown(), Does.StartWith($"{_folder.At("last.json")} cannot be read: "));
        File.Delete(_folder.At("last.json"));
        File.WriteAllText(_folder.At("rehearsed.json"), $"[{json}, {later}]");
        Assert.That(Journal.Rehearsed(), Is.Empty);
        Assert.That(Journal.Unknown(), Does.StartWith($"{_folder.At("rehearsed.json")} cannot be read: "));
        Assert.That(File.ReadAllText(_folder.At("rehearsed.json")), Is.EqualTo($"[{json}, {later}]"));
    }

    [Test]
    public void What_an_earlier_version_did_not_write_is_as_in_a_run_that_begins()
    {
        var begun = new Run { Id = "", Node = "", Boot = "", Started = default, Phase = Phase.Load, PhaseSince = default, Policy = PcmkKpatch.Core.Ocf.Parameters.Defaults };
        var whole = JsonNode.Parse(Runs.Json(begun))!.AsObject();
        var required = (string[])["id", "node", "boot", "started", "phase", "phase_since", "policy"];
        foreach (var name in whole.Select(member => member.Key).Except(required).ToList())
        {
            var without = whole.DeepClone().AsObject();
            Assert.That(without.Remove(name), Is.True);
            Assert.That(Runs.Json(Read(without)), Is.EqualTo(Runs.Json(begun)), name);
        }

        foreach (var name in whole["policy"]!.AsObject().Select(member => member.Key).ToList())
        {
            var without = whole.DeepClone().AsObject();
            Assert.That(without["policy"]!.AsObject().Remove(name), Is.True);
            Assert.That(Runs.Json(Read(without)), Is.EqualTo(Runs.Json(begun)), name);
        }

        foreach (var name in required)
        {
            var without = whole.DeepClone().AsObject();
            without.Remove(name);
            Assert.That(() => Read(without), Throws.InstanceOf<JsonException>(), name);
        }

        static Run Read(JsonObject run) => Records.ReadRun(Encoding.UTF8.GetBytes(run.ToJsonString()));
    }

    [Test]
    public void A_run_of_a_huge_cluster_is_refused_before_anything_is_written()
    {
        Journal.Write(Runs.Full);
        var huge = Runs.Full with { Why = new string('x', SlotSize) };
        Assert.That(() => Journal.Write(huge), Throws.TypeOf<ToolFailedException>().With.Message.Contains("too many resources"));
        Assert.That(Runs.Json(Journal.Read().Run), Is.EqualTo(Runs.Json(Runs.Full)));
    }

    [TestCase("")]
    [TestCase("{")]
    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("[1,2]")]
    [TestCase("{\"format\": 7}")]
    public void Garbage_for_the_last_run_is_no_last_run(string text)
    {
        File.WriteAllText(_folder.At("last.json"), text);
        Assert.That(Journal.Last(), Is.Null);
        Assert.That(Journal.Unknown(), Is.Not.Null);
    }

    [Test]
    public void What_cannot_be_read_at_all_is_a_failure()
    {
        Directory.CreateDirectory(Path);
        Assert.That(() => Journal.Read(), Throws.TypeOf<ToolFailedException>().With.Message.StartsWith(Path));
        Assert.That(() => Journal.Write(Runs.Full), Throws.TypeOf<ToolFailedException>());
    }

    [Test]
    public void A_link_in_the_way_is_not_followed()
    {
        var elsewhere = _folder.At("elsewhere");
        File.CreateSymbolicLink(Path, elsewhere);
        Assert.That(() => Journal.Write(Runs.Full), Throws.TypeOf<ToolFailedException>());
        Assert.That(File.Exists(elsewhere), Is.False);
        File.WriteAllText(elsewhere, "precious");
        Assert.That(() => Journal.Write(Runs.Full), Throws.TypeOf<ToolFailedException>());
        File.CreateSymbolicLink(_folder.At("last.json.new"), elsewhere);
        Journal.Close(Runs.Full);
        Assert.That(File.ReadAllText(elsewhere), Is.EqualTo("precious"));
    }

    [Test]
    public void A_folder_that_is_missing_is_a_failure() =>
        Assert.That(() => new JournalFile("/nowhere").Write(Runs.Full), Throws.TypeOf<ToolFailedException>().With.Message.Contains("/nowhere/run.journal"));

    private void Mixed(byte[] before, byte[] after, IEnumerable<int> sectors)
    {
        var mixed = before.ToArray();
        foreach (var sector in sectors)
            after.AsSpan(sector * 512, 512).CopyTo(mixed.AsSpan(sector * 512));
        File.WriteAllBytes(Path, mixed);
    }

    private void AssertIsOneOf(int before, bool isWhole, string what)
    {
        var read = Journal.Read().Run;
        Assert.That(read, Is.Not.Null, what);
        Assert.That(Runs.Json(read), Is.EqualTo(Runs.Json(Runs.Long(isWhole ? before + 1 : before))), what);
    }
}
