using PcmkKpatch.Core;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Host;

/// <summary>Files of our own on a disk that is full or read-only.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class FullDiskTests : IDisposable
{
    private readonly SmallDisk _disk = new SmallDisk(kilobytes: 512);

    private JournalFile Journal => new(_disk.At(""));

    public void Dispose() => _disk.Dispose();

    [Test]
    public void The_first_write_of_a_run_fails_on_a_full_disk_and_leaves_nothing_behind()
    {
        _disk.Fill();
        Assert.That(() => Journal.Write(Runs.Full), Throws.TypeOf<ToolFailedException>().With.Message.Contains("No space left"));
        Assert.That(_disk.Names(), Is.Empty);
        Assert.That(Journal.Read(), Is.EqualTo(new JournalEntry(null)));
        _disk.Empty();
        Journal.Write(Runs.Full);
        Assert.That(Journal.Read().Run, Is.Not.Null);
    }

    [Test]
    public void A_disk_with_room_for_half_a_journal_is_as_good_as_full()
    {
        File.WriteAllBytes(_disk.At("other"), new byte[300 * 1024]);
        Assert.That(() => Journal.Write(Runs.Full), Throws.TypeOf<ToolFailedException>());
        Assert.That(_disk.Names(), Is.EqualTo((string[])["other"]));
    }

    [Test]
    public void Once_begun_a_run_is_journalled_to_its_end_on_a_full_disk()
    {
        Journal.Write(Runs.InPhase(Phase.Acquire));
        _disk.Fill();
        for (var phase = Phase.Gate; phase <= Phase.Release; phase++)
        {
            Journal.Write(Runs.Long((int)phase) with { Phase = phase });
            Assert.That(Journal.Read().Run!.Phase, Is.EqualTo(phase));
        }

        Journal.Close(Runs.Full with { Verdict = Verdict.Patched });
        Assert.That(Journal.Read(), Is.EqualTo(new JournalEntry(null)));
        Assert.That(_disk.Names(), Has.None.EndWith(".new"));
    }

    [Test]
    public void A_full_disk_keeps_the_last_record_that_was_there()
    {
        Journal.Close(Runs.Full with { Why = "the one before" });
        Journal.Write(Runs.Full);
        _disk.Fill();
        Journal.Close(Runs.Full with { Why = "the new one" });
        Assert.That(Journal.Last()!.Why, Is.EqualTo("the one before"));
    }

    // What is not kept would be gone through again.
    [Test]
    public void A_rehearsal_that_cannot_be_kept_is_not_over()
    {
        var ended = Runs.Full with { Taken = DateTimeOffset.UnixEpoch, Verdict = Verdict.Rehearsed, Rehearsal = new RehearsalNotes { Id = "3f2a" } };
        Journal.Write(ended);
        _disk.Fill();
        Assert.That(() => Journal.Close(ended), Throws.TypeOf<ToolFailedException>().With.Message.Contains("No space left"));
        Assert.That((Journal.Read().Run!.Rehearsal!.Id, Journal.Rehearsed().Count), Is.EqualTo(("3f2a", 0)));
        _disk.Empty();
        Journal.Write(ended);
        Journal.Close(ended);
        Assert.That((Journal.Read().Run, Journal.Rehearsed().Single().Id), Is.EqualTo(((Run?)null, ended.Id)));
    }

    [Test]
    public void A_read_only_disk_fails_every_write_and_no_read()
    {
        Journal.Write(Runs.InPhase(Phase.Drain));
        _disk.MakeReadOnly();
        Assert.That(() => Journal.Write(Runs.Full), Throws.TypeOf<ToolFailedException>().With.Message.Contains("Read-only"));
        Assert.That(() => Journal.Close(Runs.Full), Throws.TypeOf<ToolFailedException>());
        Assert.That(Journal.Read().Run!.Phase, Is.EqualTo(Phase.Drain));
    }

    [Test]
    public void Replacing_a_file_on_a_full_disk_leaves_the_old_one_and_nothing_else()
    {
        Posix.Replace(_disk.At("file"), "old"u8);
        _disk.Fill();
        Assert.That(() => Posix.Replace(_disk.At("file"), "new, and longer"u8), Throws.TypeOf<ToolFailedException>().With.Message.Contains("No space left"));
        Assert.That(File.ReadAllText(_disk.At("file")), Is.EqualTo("old"));
        Assert.That(_disk.Names(), Is.EqualTo((string[])["file"]));
    }

    [Test]
    public void Replacing_a_file_on_a_read_only_disk_leaves_the_old_one()
    {
        Posix.Replace(_disk.At("file"), "old"u8);
        _disk.MakeReadOnly();
        Assert.That(() => Posix.Replace(_disk.At("file"), "new"u8), Throws.TypeOf<ToolFailedException>());
        Assert.That(() => Posix.Delete(_disk.At("file")), Throws.TypeOf<ToolFailedException>());
        Assert.That(File.ReadAllText(_disk.At("file")), Is.EqualTo("old"));
    }

    [Test]
    public void Deleting_on_a_full_disk_succeeds_and_twice_is_no_error()
    {
        Posix.Replace(_disk.At("file"), "old"u8);
        _disk.Fill();
        Posix.Delete(_disk.At("file"));
        Posix.Delete(_disk.At("file"));
        Assert.That(_disk.Names(), Is.Empty);
    }
}
