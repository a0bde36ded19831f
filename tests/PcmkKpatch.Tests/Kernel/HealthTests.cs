using NUnit.Framework;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Kernel;

public sealed class HealthTests
{
    private static readonly HealthMark s_before = new()
    {
        Taint = 1 << 12,
        Warnings = 3,
        Oopses = 0,
        KernelLogSequence = 100,
        FailedUnits = ["old.service"],
        LastCorosyncPause = 0,
    };

    private static readonly HealthView s_now = new()
    {
        Taint = 1 << 12,
        Warnings = 3,
        Oopses = 0,
        KernelLog = ["livepatch: enabling patch 'x'", "livepatch: 'x': patching complete"],
        KernelLogOverrun = false,
        FailedUnits = ["old.service"],
        CorosyncPauses = [],
    };

    [Test]
    public void a_node_as_it_was_is_well() => Assert.That(Health.Judge(s_before, s_now), Is.Empty);

    [Test]
    public void the_taint_of_a_live_patch_is_no_trouble() =>
        Assert.That(Health.Judge(s_before, s_now with { Taint = s_before.Taint | 1 << 13 | 1 << 15 }), Is.Empty);

    [Test]
    public void a_unit_that_recovered_is_no_trouble() => Assert.That(Health.Judge(s_before, s_now with { FailedUnits = [] }), Is.Empty);

    [Test]
    public void a_new_sign_in_the_taint_is_the_kernels_trouble() => Expect("kernel warning (W)", inKernel: true, s_now with { Taint = s_before.Taint | 1 << 9 });

    [Test]
    public void a_second_warning_is_counted_though_the_taint_is_set_already()
    {
        var before = s_before with { Taint = s_before.Taint | 1 << 9 };
        var now = s_now with { Taint = before.Taint, Warnings = 5 };

        Assert.That(Health.Judge(before, now).Single(), Has.Property("Why").EqualTo("2 kernel warnings counted").And.Property("InKernel").True);
    }

    [Test]
    public void a_kernel_that_counts_nothing_is_judged_by_its_taint_and_log() =>
        Assert.That(Health.Judge(s_before with { Warnings = null, Oopses = null }, s_now with { Warnings = null, Oopses = null }), Is.Empty);

    [Test]
    public void an_oops_is_counted() => Expect("1 oops counted", inKernel: true, s_now with { Oopses = 1 });

    [Test]
    public void a_line_of_the_kernels_log_is_shown_and_kept()
    {
        const string Line = "rcu: INFO: rcu_preempt self-detected stall on CPU";
        var trouble = Health.Judge(s_before, s_now with { KernelLog = [.. s_now.KernelLog, Line] }).Single();

        Assert.That(trouble.Why, Does.Contain(Line));
        Assert.That(trouble.Evidence, Is.EqualTo(new[] { Line }));
    }

    [Test]
    public void a_log_that_was_overwritten_is_not_taken_for_a_quiet_one() =>
        Expect("the kernel's log was overwritten before it could be read, so that it is not known what it said", inKernel: true, s_now with { KernelLogOverrun = true });

    [Test]
    public void a_unit_that_failed_since_is_trouble_but_not_the_kernels() => Expect("failed since: db.service", inKernel: false, s_now with { FailedUnits = ["old.service", "db.service"] });

    [Test]
    public void a_pause_of_corosync_is_trouble() =>
        Expect("corosync was kept from running for 2.5 s, nearly its token timeout", inKernel: false, s_now with { CorosyncPauses = [TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(2.4)] });

    [TestCase("WARNING: CPU: 1 PID: 77 at fs/namei.c:12 foo+0x1/0x2 [kpatch_1]")]
    [TestCase("WARNING: fs/namei.c:12 at foo, CPU#1: sh/77")]
    [TestCase("BUG: kernel NULL pointer dereference, address: 0000000000000000")]
    [TestCase("BUG: soft lockup - CPU#0 stuck for 22s!")]
    [TestCase("watchdog: BUG: soft lockup - CPU#0 stuck for 22s!")]
    [TestCase("kernel BUG at mm/slub.c:1!")]
    [TestCase("Oops: 0002 [#1] PREEMPT SMP PTI")]
    [TestCase("Internal error: Oops - BUG: 0 [#1] SMP")]
    [TestCase("general protection fault, probably for non-canonical address")]
    [TestCase("INFO: task dd:12 blocked for more than 120 seconds.")]
    [TestCase("rcu: INFO: rcu_sched detected stalls on CPUs/tasks:")]
    [TestCase("NMI watchdog: Watchdog detected hard LOCKUP on cpu 3")]
    [TestCase("Unable to handle kernel paging request at virtual address")]
    public void the_kernel_tells_of_trouble(string line) => Assert.That(KernelLog.IsTrouble(line), Is.True);

    [TestCase("kpatch_1: tainting kernel with TAINT_LIVEPATCH")]
    [TestCase("livepatch: 'kpatch_1': starting patching transition")]
    [TestCase("livepatch: signaling remaining tasks")]
    [TestCase("DEBUG: nothing")]
    [TestCase("INFO: lockdep is turned off.")]
    [TestCase("warning: `foo' uses wireless extensions")]
    public void the_kernel_tells_of_something_else(string line) => Assert.That(KernelLog.IsTrouble(line), Is.False);

    private static void Expect(string why, bool inKernel, HealthView now)
    {
        var trouble = Health.Judge(s_before, now).Single();
        Assert.That((trouble.Why, trouble.InKernel), Is.EqualTo((why, inKernel)));
    }
}
