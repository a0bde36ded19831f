using System.Text;
using PcmkKpatch.Core.Notices;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Host;

/// <summary>What this program writes to systemd's journal, read back from the real one.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class NativeJournalTests : IDisposable
{
    private static readonly Notice s_halted = new(Event.RolloutHalted, "n1", "Invalid module format")
    {
        Run = Runs.Full with { Phase = Phase.Release, Evidence = ["first line", "second = line"] },
        By = "anna",
    };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public void A_notice_has_its_id_its_weight_and_its_fields() => WithJournal(() =>
    {
        Assert.That(JournalEntries.Write("n1: the run ended", s_halted.Entry.Weight, s_halted), Is.True);

        var entry = RealJournal.Entries().Single();
        Assert.That(entry, Is.SupersetOf(new Dictionary<string, string>
        {
            ["MESSAGE"] = "n1: the run ended",
            ["MESSAGE_ID"] = "015e6c11ca8546638b184fc1faa0de36",
            ["PRIORITY"] = "3",
            ["PCMK_KPATCH_EVENT"] = "rollout-halted",
            ["PCMK_KPATCH_NODE"] = "n1",
            ["PCMK_KPATCH_RUN"] = "run-1",
            ["PCMK_KPATCH_PHASE"] = "release",
            ["PCMK_KPATCH_VERDICT"] = "stalled",
            ["PCMK_KPATCH_PATCH"] = "kpatch_1",
            ["PCMK_KPATCH_BY"] = "anna",
            ["PCMK_KPATCH_WHY"] = "Invalid module format",
            ["PCMK_KPATCH_EVIDENCE"] = "first line\nsecond = line",
        }));
    });

    [Test]
    public void Nothing_in_a_name_becomes_a_field() => WithJournal(() =>
    {
        var hostile = "x\nMESSAGE_ID=78c36b3067b94abaa71ac1cdfdc7e963\nPCMK_KPATCH_FORGED=1\r\0\u001b[2J=\ud800é" + new string('y', 100_000);
        var notice = new Notice(Event.RolloutHalted, hostile, hostile) { Run = s_halted.Run! with { Id = hostile, Evidence = [hostile, hostile] }, By = hostile };

        Assert.That(JournalEntries.Write("a line", notice.Entry.Weight, notice), Is.True);

        var entry = RealJournal.Entries().Single();
        Assert.That(entry.Keys.Where(name => name.StartsWith(Notice.Prefix)), Is.SubsetOf(notice.Fields().Select(field => Notice.Prefix + field.Name).Append("PCMK_KPATCH_EVIDENCE")));
        Assert.That(entry["MESSAGE_ID"], Is.EqualTo(notice.Entry.Id));
        Assert.That(entry["PCMK_KPATCH_EVENT"], Is.EqualTo("rollout-halted"));
        Assert.That(entry["PCMK_KPATCH_NODE"], Does.StartWith("x MESSAGE_ID=78c36b3067b94abaa71ac1cdfdc7e963 PCMK_KPATCH_FORGED=1 ??[2J=?é").And.Length.EqualTo(4000));
    });

    [Test]
    public void A_value_with_lines_is_what_it_was() => WithJournal(() =>
    {
        const string Lines = "a\nMESSAGE_ID=78c36b3067b94abaa71ac1cdfdc7e963\n\n=\n";

        Assert.That(NativeJournal.Send([("MESSAGE", Lines), ("SYSLOG_IDENTIFIER", "pcmk-kpatch"), ("OTHER", "b")]), Is.True);

        var entry = RealJournal.Entries().Single();
        Assert.That((entry["MESSAGE"], entry["OTHER"], entry.ContainsKey("MESSAGE_ID")), Is.EqualTo((Lines, "b", false)));
    });

    [Test]
    public void What_is_too_much_for_an_entry_is_left_out_and_the_rest_is_there() => WithJournal(() =>
    {
        Assert.That(NativeJournal.Send([("MESSAGE", "m"), ("SYSLOG_IDENTIFIER", "pcmk-kpatch"), ("OTHER", new string('é', 100_000))]), Is.True);

        Assert.That(RealJournal.Entries().Single(), Has.No.ContainKey("OTHER").And.ContainKey("MESSAGE"));
    });

    [Test]
    public void Journalctl_explains_every_event_with_what_to_type() => WithJournal(() =>
    {
        File.Copy(Path.Combine(Sandbox.Checkout, "rpm", "pcmk-kpatch.catalog"), "/usr/lib/systemd/catalog/pcmk-kpatch.catalog");
        RealJournal.Says("--update-catalog");
        foreach (var entry in Events.All)
        {
            var notice = s_halted with { Entry = entry };
            Assert.That(JournalEntries.Write(entry.Name, entry.Weight, notice), Is.True);
            var said = RealJournal.Says("--catalog", $"PCMK_KPATCH_EVENT={entry.Name}");
            Assert.That(said, Does.Contain("Defined-By: pcmk-kpatch").And.Not.Contains("@PCMK_KPATCH"), entry.Name);
            // Every one that is no step on the way of a good run.
            if (entry.Weight < Weight.Notice)
                Assert.That(said, Does.Match("\n\\S+ +(pcmk-kpatch|pcs) [a-z]"), entry.Name);
        }
    });

    [Test]
    public void The_worker_s_lines_are_in_the_journal_once_in_their_order_and_found_by_its_unit() => WithJournal(() =>
    {
        using var log = new LineLoggerProvider(LineLoggerProvider.ToJournal);
        log.Progress("n1", "gate", "");
        using (log.BeginScope(s_halted))
            log.Ended("n1", "LoadRefused: no");
        log.Found("n1", "evidence");

        Assert.That(RealJournal.Says("--unit=pcmk-kpatch-*", "--output=cat"), Is.EqualTo("n1: gate\nn1: the run ended: LoadRefused: no\nn1: evidence\n"));
        Assert.That(RealJournal.Entries().Select(entry => (entry["PRIORITY"], entry.GetValueOrDefault("PCMK_KPATCH_EVENT"))), Is.EqualTo(new[] { ("6", null), ("3", "rollout-halted"), ("4", null) }));
    });

    [Test]
    public void Where_the_journal_is_not_there_it_takes_nothing_and_nothing_fails() =>
        MountNamespace.Run(_folder.Path, [], () => Assert.That(NativeJournal.Send([("MESSAGE", "m")]), Is.False));

    [Test]
    public void An_entry_is_as_the_protocol_has_it() =>
        Assert.That(NativeJournal.Encode([("A", "b=c"), ("D", "e\nf")]), Is.EqualTo((byte[])[.. "A=b=c\nD\n"u8, 3, 0, 0, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes("e\nf\n")]));

    private void WithJournal(Action test) => MountNamespace.Run(_folder.Path, RealJournal.Folders, () =>
    {
        using var journal = new RealJournal();
        test();
    });
}
