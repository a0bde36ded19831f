using NUnit.Framework;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Readiness;

namespace PcmkKpatch.Tests.Readiness;

public sealed class KernelReadinessTests
{
    private static readonly KernelsView s_well = new()
    {
        Running = Fact.Known(Views.Kernel with { Release = "5.14.0-362.8.1.el9_3.x86_64" }),
        Installed = Fact.Known<IReadOnlyList<string>>(["5.14.0-362.8.1.el9_3.x86_64", "5.14.0-70.13.1.el9_0.x86_64"]),
        Offered = Fact.Known<IReadOnlyList<OfferedPatch>?>([new("kpatch-patch-1-3", IsEmpty: false)]),
    };

    [Test]
    public void where_all_is_well_nothing_is_said() => Assert.That(Judge(s_well).Ids(), Is.Empty);

    [Test]
    public void what_a_gate_says_of_any_patch_is_said()
    {
        var findings = Judge(With(k => k with { CanLivePatch = false, FtraceEnabled = false, ModulesDisabled = true }));

        Assert.That(findings.Ids(), Is.EqualTo((string[])["error kernel.livepatch", "error kernel.ftrace", "error kernel.modules-disabled"]));
    }

    [TestCase(1UL << 9, "kernel warning (W)")]
    [TestCase(1UL << 7, "oops (D)")]
    [TestCase((1UL << 15) | (1UL << 12), null)]
    public void a_kernel_that_had_trouble_is_to_be_rebooted(ulong taint, string? sign)
    {
        var findings = Judge(With(k => k with { Taint = taint }));

        Assert.That(findings.Ids(), Is.EqualTo(sign is null ? [] : (string[])["warning kernel.tainted"]));
        Assert.That(findings.Select(f => f.Why), Is.All.Contains(sign ?? ""));
    }

    [TestCase(SupportState.Unknown, "warning kernel.support-unknown")]
    [TestCase(SupportState.Unsupported, "warning kernel.unsupported")]
    public void what_the_vendor_does_not_support_is_told(SupportState state, string said)
    {
        var view = With(k => k with { Support = new(state, "because") });

        Assert.That(Judge(view).Ids(), Is.EqualTo((string[])[said]));
        Assert.That(Judge(view, $"{said.Split(' ')[1]}=off"), Is.Empty);
        Assert.That(Judge(view, $"{said.Split(' ')[1]}=refuse").Ids(), Is.EqualTo((string[])[said.Replace("warning", "error")]));
    }

    [Test]
    public void probes_are_told_before_there_is_a_patch_that_they_concern()
    {
        Assert.That(Judge(With(k => k with { Kprobes = Fact.Known<IReadOnlyList<Kprobe>>([new("vfs_read", true)]) })).Ids(), Is.EqualTo((string[])["note kernel.probed"]));
        var unseen = With(k => k with { Kprobes = Fact.Unknown<IReadOnlyList<Kprobe>>("no debugfs") });
        Assert.That(Judge(unseen).Ids(), Is.EqualTo((string[])["warning kernel.kprobes-unknown"]));
        Assert.That(Judge(unseen, "kernel.kprobes-unknown=off"), Is.Empty);
    }

    [Test]
    public void a_kernel_without_patches_is_told()
    {
        Assert.That(Judge(Offered([])).Ids(), Is.EqualTo((string[])["warning kernel.no-patches"]));
        Assert.That(Judge(Offered([new("kpatch-patch-1-0-0", IsEmpty: true)])).Ids(), Is.EqualTo((string[])["note kernel.only-empty-patch"]));
        Assert.That(Judge(Offered([new("kpatch-patch-1-0-0", IsEmpty: true), new("kpatch-patch-1-2", IsEmpty: false)])), Is.Empty);
        Assert.That(Judge(Offered(null)).Ids(), Is.EqualTo((string[])["note kernel.patches-unknown"]));
        Assert.That(Judge(s_well with { Offered = Fact.Unknown<IReadOnlyList<OfferedPatch>?>("no cache") }).Ids(), Is.EqualTo((string[])["warning kernel.patches.unknown"]));
    }

    [TestCase("5.14.0-427.13.1.el9_4.x86_64", true)]
    [TestCase("5.14.0-362.18.1.el9_3.x86_64", true)]
    [TestCase("5.14.0-362.8.1.el9_3.x86_64", false)]
    [TestCase("5.14.0-362.el9.x86_64", false)]
    [TestCase("5.14.0-427.13.1.el9_4.x86_64+debug", false)]
    [TestCase("rescue", false)]
    public void a_newer_kernel_that_is_installed_means_that_a_reboot_is_due(string other, bool due)
    {
        var findings = Judge(s_well with { Installed = Fact.Known<IReadOnlyList<string>>(["5.14.0-362.8.1.el9_3.x86_64", other]) });

        Assert.That(findings.Ids(), Is.EqualTo(due ? ["warning kernel.reboot-due"] : (string[])[]));
        Assert.That(findings.Select(f => f.Why), Is.All.StartWith(other));
    }

    [Test]
    public void of_several_the_newest_is_named() => Assert.That(
        Judge(s_well with { Installed = Fact.Known<IReadOnlyList<string>>(["5.14.0-503.1.el9_5.x86_64", "5.14.0-427.1.el9_4.x86_64"]) }).Single().Why, Does.StartWith("5.14.0-503"));

    [Test]
    public void what_cannot_be_read_is_unknown()
    {
        Assert.That(Judge(s_well with { Installed = Fact.Unknown<IReadOnlyList<string>>("oops") }).Ids(), Is.EqualTo((string[])["warning kernel.installed.unknown"]));
        Assert.That(Judge(s_well with { Running = Fact.Unknown<KernelView>("oops") }).Ids(), Is.EqualTo((string[])["warning kernel.unknown"]));
    }

    private static KernelsView With(Func<KernelView, KernelView> change) => s_well with { Running = s_well.Running.IsKnown(out var kernel, out _) ? Fact.Known(change(kernel)) : throw new InvalidOperationException() };

    private static KernelsView Offered(IReadOnlyList<OfferedPatch>? offers) => s_well with { Offered = Fact.Known(offers) };

    private static List<Finding> Judge(KernelsView view, string gates = "") => [.. KernelReadiness.Judge(view, GateLevels.Parse(gates, out _)!)];
}
