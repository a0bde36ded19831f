using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>A worker that does not go on is told, by its lock's time of change. A worker that is stopped in a cluster is in the node lab.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class StuckWorkerTests : IDisposable
{
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Test]
    public void A_worker_that_is_late_degrades_the_monitor_and_one_that_is_in_time_does_not()
    {
        _box.Act("start");
        using var held = Hold(due: -90);
        var late = _box.Act("monitor");
        Assert.That(late.ExitCode, Is.EqualTo((int)ExitCode.Degraded), late.ToString());
        Assert.That(late.Errors, Does.Match("ocf-exit-reason:the worker hangs: its sign of life is 9[0-9] s late; see pcmk-kpatch status\n$"));
        Promise(due: 30);
        Assert.That(_box.Act("monitor").ExitCode, Is.Zero);
    }

    [Test]
    public void The_calendar_s_clock_has_no_say()
    {
        _box.Act("start");
        // That of a worker of an older release: the time of day.
        using var held = Hold(due: 30);
        File.SetLastWriteTimeUtc(_box.Runtime("lock"), DateTime.UtcNow.AddYears(-1));
        Assert.That(_box.Act("monitor").ExitCode, Is.Zero);
    }

    [Test]
    public void The_sign_of_a_worker_that_has_ended_says_nothing()
    {
        _box.Act("start");
        Hold(due: -90).Dispose();
        Assert.That(_box.Act("monitor").ExitCode, Is.Zero);
    }

    [Test]
    public void An_abort_does_not_wait_for_a_worker_that_hangs()
    {
        _box.Act("start");
        new JournalFile(_box.State("")).Write(Runs.InPhase(Phase.Drain));
        using var held = Hold(due: -90);
        var answer = _box.Verb("abort");
        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Errors, Does.Contain("the worker hangs").And.Contain("carried out as soon as it goes on"));
        Assert.That(File.Exists(_box.State("abort")));
    }

    // A tool may take longer than a worker may be silent: its time counts.
    [TestCase("crm_node", 30)]
    public void A_worker_says_beforehand_how_long_a_tool_may_take(string tool, int deadline)
    {
        _box.Lay(_box.Runtime("wanted"), "patch=installed\n");
        _box.Tool("cibadmin", "exec sleep 3");
        _box.Tool(tool, "exec sleep 3");
        var began = Uptime();
        _box.Run(["timeout", "-s", "KILL", "1.5", _box.Program, "run"]);
        var due = (File.GetLastWriteTimeUtc(_box.Runtime("lock")) - DateTime.UnixEpoch).TotalSeconds;
        Assert.That(due - began, Is.InRange(deadline + 60, deadline + 90));
        Assert.That(File.ReadAllText(_box.Runtime("lock")), Does.Match("^[1-9][0-9]*\n$"), "the worker's process, for people");
    }

    private FileStream Hold(int due)
    {
        var held = new FileStream(_box.Runtime("lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        Promise(due);
        return held;
    }

    private void Promise(int due) => File.SetLastWriteTimeUtc(_box.Runtime("lock"), DateTime.UnixEpoch.AddSeconds(Uptime() + due));

    private static double Uptime() => ThisHost.Now().Uptime.TotalSeconds;
}
