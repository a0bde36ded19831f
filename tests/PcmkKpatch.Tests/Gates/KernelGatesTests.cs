using NUnit.Framework;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Gates;

public sealed class KernelGatesTests
{
    private static readonly KernelSupport s_supported = new(SupportState.Supported, "vendor 1") { FirstPatch = "kpatch_1_5" };

    [TestCase(SupportState.Unknown, "kernel.support-unknown")]
    [TestCase(SupportState.Unsupported, "kernel.unsupported")]
    [TestCase(SupportState.Supported, null)]
    public void what_the_vendor_does_not_support_is_told(SupportState state, string? id)
    {
        var refusals = KernelGates.JudgeSupport(new KernelSupport(state, "because"), module: null).ToList();

        Assert.That(refusals.Select(r => r.Id), Is.EqualTo(id is null ? [] : (string[])[id]));
        Assert.That(refusals.Select(r => r.Why), Is.All.Contains("because"));
        Assert.That(refusals.Select(GateLevels.Default.Of), Is.All.EqualTo(GateLevel.Warn), "by itself");
    }

    [TestCase("kpatch_1_4", true)]
    [TestCase("kpatch_1_5", false)]
    [TestCase("kpatch_1_10", false)]
    [TestCase("other", false)]
    public void a_patch_that_is_older_than_what_is_supported_is_told(string name, bool told) =>
        Assert.That(KernelGates.JudgeSupport(s_supported, Views.Module with { Name = name }).Select(r => r.Id), Is.EqualTo(told ? ["kernel.unsupported"] : (string[])[]));

    [Test]
    public void a_kernel_that_nobody_probes_is_let_through_and_no_file_is_read() =>
        Assert.That(KernelGates.JudgeProbes(Views.Module, Probes(), _ => throw new InvalidOperationException()), Is.Empty);

    [Test]
    public void a_function_that_is_probed_and_replaced_is_refused()
    {
        var refusal = KernelGates.JudgeProbes(Views.Module, Probes(("vfs_read", false), ("vfs_open", true), ("vfs_read", true)), _ => Functions("vfs_read", "vfs_write")).Single();

        Assert.That(refusal.ToString(), Is.EqualTo("vfs_read is probed, and kpatch_1_1 replaces it (kernel.kprobes)"));
        Assert.That(GateLevels.Default.Of(refusal), Is.EqualTo(GateLevel.Refuse));
        Assert.That(refusal.NeedsPerson);
    }

    [Test]
    public void of_many_some_are_named() => Assert.That(
        KernelGates.JudgeProbes(Views.Module, Probes([.. "fedcba".Select(c => ($"{c}", true))]), _ => Functions("a", "b", "c", "d", "e", "f")).Single().Why, Does.StartWith("a, b, c, d … are probed, and kpatch_1_1 replaces them"));

    [Test]
    public void a_probe_of_another_function_is_no_trouble() =>
        Assert.That(KernelGates.JudgeProbes(Views.Module, Probes(("vfs_open", true)), _ => Functions("vfs_read")), Is.Empty);

    [Test]
    public void where_it_is_not_known_what_is_replaced_a_probe_in_the_code_is_unknown()
    {
        var refusal = KernelGates.JudgeProbes(Views.Module, Probes(("vfs_open", true), ("vfs_read", false)), _ => Fact.Unknown<IReadOnlyList<string>>("who knows")).Single();

        Assert.That(refusal.ToString(), Is.EqualTo("vfs_open is probed, and it is not known whether kpatch_1_1 replaces it: who knows (kernel.kprobes-unknown)"));
        Assert.That(GateLevels.Default.Of(refusal), Is.EqualTo(GateLevel.Warn));
        Assert.That(KernelGates.JudgeProbes(Views.Module, Probes(("vfs_read", false)), _ => Fact.Unknown<IReadOnlyList<string>>("who knows")), Is.Empty, "a breakpoint is in nobody's way");
    }

    [Test]
    public void probes_that_cannot_be_seen_are_unknown() => Assert.That(
        KernelGates.JudgeProbes(Views.Module, Fact.Unknown<IReadOnlyList<Kprobe>>("no debugfs"), _ => throw new InvalidOperationException()).Single().ToString(),
        Is.EqualTo("it is not known whether functions of this kernel are probed: no debugfs (kernel.kprobes-unknown)"));

    private static Fact<IReadOnlyList<Kprobe>> Probes(params (string Function, bool InItsCode)[] probes) => Fact.Known<IReadOnlyList<Kprobe>>([.. probes.Select(p => new Kprobe(p.Function, p.InItsCode))]);

    private static Fact<IReadOnlyList<string>> Functions(params string[] names) => Fact.Known<IReadOnlyList<string>>(names);
}
