using PcmkKpatch.Core;
using PcmkKpatch.Livepatch;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Livepatch;

/// <summary>The kernel's log as /dev/kmsg gives it; and the real one of this machine.</summary>
public sealed class KernelLogFileTests
{
    private const string Log = "6,10,1000,-;usb 1-1: new device\n SUBSYSTEM=usb\n DEVICE=+usb:1-1\n4,11,2000,-;WARNING: CPU: 0 PID: 1 at a.c:1\n30,12,3000,-;systemd[1]: BUG: of a daemon\n5,13,4000,c;more; and more\n";

    [Test]
    public void what_came_after_a_record_is_told_without_the_words_of_user_space() =>
        Expect(Log, after: 10, last: 13, overrun: false, "WARNING: CPU: 0 PID: 1 at a.c:1", "more; and more");

    [Test]
    public void nothing_new_is_nothing() => Expect(Log, after: 13, last: 13, overrun: false);

    [Test]
    public void a_log_whose_beginning_is_overwritten_though_it_was_not_read_is_told() =>
        Expect(Log, after: 8, last: 13, overrun: true, "usb 1-1: new device", "WARNING: CPU: 0 PID: 1 at a.c:1", "more; and more");

    [Test]
    public void records_that_were_overwritten_but_read_before_are_no_loss() =>
        Expect(Log, after: 9, last: 13, overrun: false, "usb 1-1: new device", "WARNING: CPU: 0 PID: 1 at a.c:1", "more; and more");

    [Test]
    public void records_that_are_missing_in_between_are_told() =>
        Expect("6,10,1,-;one\n6,12,1,-;three\n", after: 9, last: 12, overrun: true, "one", "three");

    [Test]
    public void records_that_are_missing_before_the_asked_for_one_are_no_loss() =>
        Expect("6,10,1,-;one\n6,12,1,-;three\n6,13,1,-;four\n", after: 12, last: 13, overrun: false, "four");

    [TestCase("")]
    [TestCase("no record\n")]
    [TestCase("a,b,c;d\n")]
    [TestCase("4,;x\n")]
    public void what_is_no_record_is_passed_over(string text) => Expect(text, after: -1, last: -1, overrun: false);

    [Test]
    public void a_flood_takes_no_more_memory_than_it_may()
    {
        var flood = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"4,{i},1,-;line {i}\n"));
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "kmsg");
        File.WriteAllText(file, flood);

        var read = KernelLogFile.ReadAfter(-1, file);

        Assert.That((read.LastSequence, read.Lines.Count, read.Overrun), Is.EqualTo((9_999L, 4096, false)));
    }

    [Test]
    public void a_log_that_cannot_be_opened_is_said() =>
        Assert.That(() => KernelLogFile.ReadAfter(-1, "/nowhere/kmsg"), Throws.TypeOf<ToolFailedException>().With.Message.Contains("/nowhere/kmsg"));

    [Test]
    public void the_log_of_this_machine_is_read_to_its_end()
    {
        var all = KernelLogFile.ReadAfter(-1);
        var rest = KernelLogFile.ReadAfter(all.LastSequence);

        Assert.That(all.LastSequence, Is.GreaterThan(0));
        Assert.That(rest.LastSequence, Is.GreaterThanOrEqualTo(all.LastSequence));
        Assert.That(rest.Overrun, Is.False);
        Assert.That(rest.Lines, Has.Count.LessThan(all.Lines.Count));
    }

    private static void Expect(string text, long after, long last, bool overrun, params string[] lines)
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "kmsg");
        File.WriteAllText(file, text);
        var read = KernelLogFile.ReadAfter(after, file);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.LastSequence, Is.EqualTo(last));
            Assert.That(read.Overrun, Is.EqualTo(overrun));
            Assert.That(read.Lines, Is.EqualTo(lines));
        }
    }
}
