using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>
/// What nobody thought of, in every role of the published binary: here a kernel whose time since boot is no number. It is a sentence with what to do, and where in the program it was is
/// in the journal alone.
/// </summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class UnexpectedTests : IDisposable
{
    private const string Sentence = "an error of this program: FormatException: .*[.] Tell its authors of it, with the archive that this makes: pcmk-kpatch collect";
    private readonly Sandbox _box = new();

    public UnexpectedTests()
    {
        _box.Tool("crm_node", "echo n1");
        _box.Mounts = "echo soon >/run/uptime; mount --bind /run/uptime /proc/uptime";
    }

    public void Dispose() => _box.Dispose();

    [Test]
    public void A_command_ends_with_a_sentence()
    {
        Directory.CreateDirectory(_box.State(""));
        new JournalFile(_box.State("")).Write(Runs.InPhase(Phase.Drain));

        var answer = _box.Verb("abort");

        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Errors, Does.Match($"^pcmk-kpatch: {Sentence}\n$"));
    }

    [Test]
    public void A_worker_is_started_again_by_systemd_and_the_monitor_says_why()
    {
        _box.Lay(_box.Runtime("wanted"), "patch=installed\n");

        var answer = _box.Verb("run");

        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Errors, Does.Match($"^<3>the worker is started again and again, for it met {Sentence}\n$"));
        Assert.That(File.ReadAllText(_box.Runtime("attention")), Does.Match(Sentence));
    }

    [TestCase("monitor", 190)]
    [TestCase("stop", 0)]
    public void The_agent_gives_a_reason_and_its_stop_never_fails(string action, int exitCode)
    {
        _box.Lay(_box.Runtime("wanted"), "patch=installed\n");
        _box.Lay(_box.State("attempt"), Attempt);

        var answer = _box.Act(action);

        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((exitCode, "")), answer.ToString());
        Assert.That(answer.Errors, exitCode == 0 ? Is.Empty : Does.Match($"ocf-exit-reason:{Sentence}\n$").And.Not.Contains("   at "));
    }

    [Test]
    public void Where_it_was_is_in_the_journal()
    {
        _box.Lay(_box.Runtime("wanted"), "patch=installed\n");
        _box.Mounts += $"; mount -t tmpfs log /var/log\n{RealJournal.Begin}\nexport journald";

        var answer = _box.Run(["sh", "-c", "JOURNAL_STREAM=8:1 \"$1\" run; journalctl --sync; journalctl -q --no-pager -o json; kill $journald", "sh", _box.Program]);

        Assert.That(answer.Errors, Is.Empty, "the journal has it");
        Assert.That(answer.Output, Does.Match("\"PCMK_KPATCH_TRACE\":\"System.FormatException: [^\"]*   at "));
    }

    private static string Attempt => """{"boot": "b", "patch": "kpatch_1", "build_id": "ab", "proved_at": "00:10:00"}""";
}
