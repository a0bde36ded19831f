using System.Diagnostics;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Host;
using PcmkKpatch.Livepatch;

namespace PcmkKpatch.ToolTests.Livepatch;

/// <summary>Who keeps a patch transition from ending, and what the kpatch utility says when it gave up.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PatchTransitionTests : IDisposable
{
    private readonly FakeKernel _files = new();

    private PatchTransition Seen => new SysKernel(_files.Root).SeeTransition();

    public void Dispose() => _files.Dispose();

    [TestCase("1", "0", TestName = "{m}, on the way into force")]
    [TestCase("0", "1", TestName = "{m}, on the way back")]
    public void The_tasks_that_have_not_crossed_over_are_counted_and_named(string enabled, string behind)
    {
        _files.Patch("kpatch_1_0");
        _files.Patch("kpatch_1_1", enabled, transition: "1");
        _files.Task(7, 7, enabled, "crossed");
        _files.Task(8, 8, behind, "kworker/0:1", "[<0>] worker_thread+0x53/0x3a0\n[<0>] kthread+0xe6/0x110\n");
        _files.Task(9, 9, "-1", "idle");
        _files.Task(9, 10, behind, "a daemon's thread", "[<ffffffffc0a1b2c3>] nfs4_run_state_manager+0x1/0x2 [nfsv4]\n[<0>] 0xffffffffffffffff\n");
        var seen = Seen;
        Assert.That(seen.TasksToGo, Is.EqualTo(2));
        Assert.That(seen.Evidence.Order(), Is.EqualTo((string[])["not crossed over: a daemon's thread[10] in nfs4_run_state_manager", "not crossed over: kworker/0:1[8] in worker_thread < kthread"]));
    }

    [Test]
    public void Where_no_patch_transition_is_under_way_nobody_is_counted()
    {
        _files.Patch("kpatch_1_1");
        _files.Task(8, 8, "0");
        Assert.That(Seen.TasksToGo, Is.Zero);
    }

    [Test]
    public void A_kernel_that_does_not_tell_of_its_tasks_is_no_failure()
    {
        _files.Patch("kpatch_1_1", transition: "1");
        _files.Task(8, 8, state: null);
        _files.Lay("proc/8/status", "Name:\tdaemon\n");
        Assert.That(Seen, Is.EqualTo(new PatchTransition(0, [])).Using<PatchTransition>((a, b) => a.TasksToGo == b.TasksToGo && a.Blockers.Count == b.Blockers.Count));
    }

    [Test]
    public void Of_many_all_are_counted_and_some_are_named()
    {
        _files.Patch("kpatch_1_1", transition: "1");
        for (var task = 100; task < 250; task++)
            _files.Task(task, task, "0");
        var seen = Seen;
        Assert.That((seen.TasksToGo, seen.Blockers.Count), Is.EqualTo((150, 10)));
    }

    [Test]
    public void A_task_without_a_stack_to_see_is_named_all_the_same()
    {
        _files.Patch("kpatch_1_1", transition: "1");
        _files.Task(8, 8, "0");
        File.Delete(_files.At("proc/8/task/8/stack"));
        Assert.That(Seen.Evidence, Is.EqualTo((string[])["not crossed over: daemon[8] in user space, or unknown"]));
    }

    // A live system: tasks come and go while they are looked at. Nobody is in a patch transition here.
    [Test]
    public void Tasks_that_end_while_they_are_looked_at_do_no_harm()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        while (!stop.IsCancellationRequested)
        {
            using var brief = Process.Start("/bin/true");
            Assert.That(TaskStates.See("/", target: 1).TasksToGo, Is.Zero);
            brief.WaitForExit();
        }
    }

    [Test]
    public void The_last_look_while_somebody_blocked_is_kept()
    {
        var looks = 0;
        using var watch = new TransitionWatch(() => ++looks switch { 1 => new PatchTransition(3, []), 2 => throw new ToolFailedException("/sys", null, "gone"), 3 => new PatchTransition(2, []), 4 => new PatchTransition(0, []), _ => null }, TimeSpan.FromMilliseconds(1));
        Assert.That(() => Volatile.Read(ref looks), Is.GreaterThan(5).After(5000, 5));
        Assert.That(watch.End()?.TasksToGo, Is.EqualTo(2));
    }

    [Test]
    public void Where_nobody_blocked_nothing_is_kept_and_the_end_is_not_waited_for()
    {
        var clock = Stopwatch.StartNew();
        using var watch = new TransitionWatch(() => null, TimeSpan.FromMinutes(1));
        Assert.That(watch.End(), Is.Null);
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
    }

    // As kpatch 0.9.10 says it.
    [TestCase(0, "loading patch module: /x.ko\nwaiting (up to 15 seconds) for patch transition to complete...\ntransition complete (2 seconds)\n", "", true, false, "")]
    [TestCase(0, "module named kpatch_1_1 already loaded and enabled\n", "", true, false, "")]
    [TestCase(1, "loading patch module: /x.ko\n", "insmod: ERROR: could not insert module /x.ko: Invalid module format\nkpatch: failed to load module /x.ko\n", false, false,
        "kpatch: insmod: ERROR: could not insert module /x.ko: Invalid module format; failed to load module /x.ko")]
    [TestCase(1, "loading patch module: /x.ko\n", "insmod: ERROR: could not insert module /x.ko: Device or resource busy\nkpatch: retrying...\ninsmod: ERROR: could not insert module /x.ko: Device or resource busy\nkpatch: failed to load module /x.ko\n", false, false,
        "kpatch: insmod: ERROR: could not insert module /x.ko: Device or resource busy; failed to load module /x.ko")]
    [TestCase(1, "patch transition has stalled!\nwaiting (up to 60 seconds) for patch transition to complete...\n\nStalled processes:\n8 daemon\nstack:\n[<0>] f+0x1/0x2\nmodule kpatch_1_1 did not complete its transition, unloading...\ndisabling patch module: kpatch_1_1\nunloading patch module: kpatch_1_1\n",
        "kpatch: Livepatch process signaling is performed automatically on your system.\nkpatch: Skipping manual process signaling.\nkpatch: error: failed to load module kpatch_1_1 (transition stalled)\n", false, true,
        "kpatch: error: failed to load module kpatch_1_1 (transition stalled)")]
    [TestCase(1, "module kpatch_1_1 did not complete its transition, unloading...\n", "kpatch: transition stalled for kpatch_1_1\n", false, true, "kpatch: transition stalled for kpatch_1_1")]
    [TestCase(1, "module kpatch_1_1 did not complete its transition, unloading...\n", "kpatch: failed to unload module kpatch_1_1 (refcnt)\n", false, true, "kpatch: failed to unload module kpatch_1_1 (refcnt)")]
    [TestCase(1, "patch transition has stalled!\ntransition complete (3 seconds)\n", "something else\n", false, false, "kpatch: something else")]
    [TestCase(1, "", "", false, false, "kpatch: exit code 1, and it said nothing")]
    public void What_the_utility_says_is_understood(int exitCode, string output, string errors, bool accepted, bool stalled, string words)
    {
        var answer = KpatchUtility.Judge(new ToolAnswer(exitCode, output, errors));
        Assert.That((answer.Accepted, answer.Stalled, answer.Words), Is.EqualTo((accepted, stalled, words)));
    }

    [Test]
    public void A_flood_of_words_is_cut_short() =>
        Assert.That(KpatchUtility.Judge(new ToolAnswer(1, "", new string('x', 100_000))).Words, Has.Length.LessThan(500));
}
