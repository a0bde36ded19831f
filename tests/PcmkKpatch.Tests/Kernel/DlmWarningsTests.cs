using NUnit.Framework;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Kernel;

public sealed class DlmWarningsTests
{
    private const string Cut = "------------[ cut here ]------------";
    private const string End = "---[ end trace 0000000000000000 ]---";
    private const string Named = "WARNING: CPU: 1 PID: 512 at fs/dlm/requestqueue.c:50 dlm_add_requestqueue+0x1a6/0x1b0 [dlm]";
    private static readonly string[] s_warning =
    [
        Cut, "memcpy: detected field-spanning write (size 24) of single field \"&e->request\" at fs/dlm/requestqueue.c:50 (size 104)", Named,
        "Modules linked in: gfs2 dlm kpatch_1(OEK)", "RIP: 0010:dlm_add_requestqueue+0x1a6/0x1b0 [dlm]", "Call Trace:", " dlm_receive_buffer+0x1/0x2 [dlm]", End,
    ];

    private static readonly LivePatch s_patch = new("kpatch_1", true, false, "b1") { Objects = new Dictionary<string, bool> { ["vmlinux"] = true } };
    private static readonly HealthMark s_before = new() { Taint = 0, Warnings = 3, Oopses = 0, KernelLogSequence = 1, FailedUnits = [], LastCorosyncPause = 0 };

    private static HealthView Seen(params string[] log) =>
        new() { Taint = 1 << 9, Warnings = 4, Oopses = 0, KernelLog = log, KernelLogOverrun = false, FailedUnits = [], CorosyncPauses = [] };

    [Test]
    public void it_is_not_held_against_a_patch_of_other_code()
    {
        Assert.That(Health.Judge(s_before, Seen(["dlm: fs: joining", .. s_warning, "gfs2: mounted"]), s_patch), Is.Empty);
        Assert.That(Health.Judge(s_before with { Warnings = null }, Seen(s_warning) with { Warnings = null }, patch: null), Is.Empty, "a kernel that does not count, and has no patch");
        Assert.That(DlmWarnings.Apart(["a", .. s_warning, "b"], s_patch), Is.EqualTo(((IReadOnlyList<string>)["a", "b"], (IReadOnlyList<string>)[Named])));
    }

    [TestCase("dlm")]
    [TestCase("gfs2")]
    [TestCase(null)]
    public void a_patch_of_these_modules_answers_for_it_and_so_does_one_that_does_not_tell(string? patched)
    {
        var patch = s_patch with { Objects = patched is null ? new Dictionary<string, bool>() : new Dictionary<string, bool> { ["vmlinux"] = true, [patched] = true } };
        Assert.That(Health.Judge(s_before, Seen(s_warning), patch).Select(trouble => trouble.Why), Has.Some.Contains("fs/dlm/requestqueue.c").And.Some.EqualTo("kernel warning (W)"));
    }

    [Test]
    public void a_patch_that_is_in_its_stack_answers_for_it() =>
        Assert.That(Health.Judge(s_before, Seen([.. s_warning[..^1], " memcpy_patched+0x1/0x2 [kpatch_1]", End]), s_patch), Is.Not.Empty);

    [Test]
    public void another_warning_beside_it_is_held_against_the_patch_with_the_taint()
    {
        const string Other = "WARNING: CPU: 0 PID: 9 at kernel/sched/core.c:1 f+0x1/0x2";
        var troubles = Health.Judge(s_before, Seen([.. s_warning, Cut, Other, End]) with { Warnings = 5 }, s_patch);
        Assert.That(troubles.Select(trouble => trouble.Why), Is.EqualTo((string[])[$"the kernel's log says: {Other}", "kernel warning (W)", "1 kernel warnings counted"]));
    }

    [Test]
    public void a_warning_that_was_counted_and_not_logged_is_held_against_it() =>
        Assert.That(Health.Judge(s_before, Seen(s_warning) with { Warnings = 5 }, s_patch).Single().Why, Is.EqualTo("1 kernel warnings counted"));

    [Test]
    public void a_log_that_was_overwritten_leaves_the_taint_in_doubt() =>
        Assert.That(Health.Judge(s_before, Seen(s_warning) with { KernelLogOverrun = true }, s_patch).Select(trouble => trouble.Why), Has.Some.EqualTo("kernel warning (W)"));

    [TestCase(0, TestName = "it does not begin")]
    [TestCase(1, TestName = "it is another warning of DLM")]
    [TestCase(7, TestName = "it does not end")]
    public void what_is_not_known_to_be_that_warning_is_held_against_the_patch(int without) =>
        Assert.That(Health.Judge(s_before, Seen([.. s_warning.Where((_, i) => i != without)]), s_patch), Is.Not.Empty);

    [TestCase("WARNING: CPU: 1 PID: 512 at fs/gfs2/glock.c:1 f+0x1/0x2 [gfs2]")]
    [TestCase("kernel BUG at fs/dlm/requestqueue.c:50")]
    public void another_place_or_worse_than_a_warning_is_held_against_it(string line) =>
        Assert.That(Health.Judge(s_before, Seen([.. s_warning.Select(l => l == Named ? line : l)]), s_patch), Is.Not.Empty);

    [Test]
    public void one_in_which_another_begins_is_not_known() =>
        Assert.That(Health.Judge(s_before, Seen([.. s_warning[..3], Cut, "BUG: unable to handle page fault", End]), s_patch), Is.Not.Empty);
}
