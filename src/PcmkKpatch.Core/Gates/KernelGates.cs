using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Core.Gates;

/// <summary>Is this kernel one to be live patched, whatever the patch?</summary>
public static class KernelGates
{
    private const string Unsupported = "kernel.unsupported";
    private const string EndThem = "end what probes them: SystemTap, bpftrace, perf probe; see /sys/kernel/debug/kprobes/list";
    private const int MostNamed = 4;

    /// <summary>Can it be live patched at all?</summary>
    public static IEnumerable<Refusal> Judge(KernelView kernel)
    {
        if (!kernel.CanLivePatch)
            yield return new("kernel.livepatch", $"the kernel {kernel.Release} cannot be live patched", "boot a kernel with CONFIG_LIVEPATCH");
        if (!kernel.FtraceEnabled)
            yield return new("kernel.ftrace", "ftrace is switched off here, without which no live patch takes effect", "sysctl kernel.ftrace_enabled=1");
        if (kernel.ModulesDisabled)
            yield return new("kernel.modules-disabled", "this kernel loads no modules any more (kernel.modules_disabled)", "reboot, and find out who set it");
    }

    /// <summary>Does the vendor support that in a High Availability cluster? It warns only, unless the administrator says otherwise.</summary>
    /// <param name="support">What the vendors' lists say of the kernel.</param>
    /// <param name="module">The patch; null where there is none to be judged.</param>
    public static IEnumerable<Refusal> JudgeSupport(KernelSupport support, PatchModule? module)
    {
        switch (support.State)
        {
            case SupportState.Unknown:
                yield return new("kernel.support-unknown", $"it is not known whether this kernel may be live patched in a cluster with its vendor's support: {support.Why}", "ask your vendor; then write its kernels into /etc/pcmk-kpatch/supported-kernels");
                break;
            case SupportState.Unsupported:
                yield return new(Unsupported, $"this kernel's vendor does not support live patching it in a cluster ({support.Why})", "update to a kernel that is supported, and reboot into it");
                break;
            default:
                if (module is not null && support.FirstPatch is { } first && PatchOrder.Compare(module.Name, first) < 0)
                    yield return new(Unsupported, $"in a cluster this kernel's vendor supports its patches from {first} on ({support.Why}), and {module.Name} is older", "install a newer patch");
                break;
        }
    }

    /// <summary>Is a function probed that the patch replaces? The kernel may refuse the patch then, or the probe sees nothing any more.</summary>
    /// <param name="module">The patch.</param>
    /// <param name="probes">The kprobes of this kernel.</param>
    /// <param name="functions">Gives the functions that the patch replaces; asked only where there are probes.</param>
    public static IEnumerable<Refusal> JudgeProbes(PatchModule module, Fact<IReadOnlyList<Kprobe>> probes, Func<PatchModule, Fact<IReadOnlyList<string>>> functions)
    {
        if (!probes.IsKnown(out var list, out var unknown))
        {
            yield return ProbesUnknown(unknown);
        }
        else if (list.Count > 0)
        {
            var isKnown = functions(module).IsKnown(out var replaced, out var untold);
            var names = list.Where(p => isKnown ? replaced!.Contains(p.Function) : p.InItsCode).Select(p => p.Function).Distinct().Order(StringComparer.Ordinal).ToList();
            var (are, them) = names.Count == 1 ? ("is", "it") : ("are", "them");
            var some = string.Join(", ", names.Take(MostNamed)) + (names.Count > MostNamed ? " …" : "");
            if (names.Count > 0)
                yield return isKnown ? new("kernel.kprobes", $"{some} {are} probed, and {module.Name} replaces {them}", EndThem)
                    : NotKnown($"{some} {are} probed, and it is not known whether {module.Name} replaces {them}: {untold}", EndThem);
        }
    }

    /// <summary>The kernel's probes cannot be seen.</summary>
    public static Refusal ProbesUnknown(string why) => NotKnown($"it is not known whether functions of this kernel are probed: {why}", "mount -t debugfs debugfs /sys/kernel/debug");

    private static Refusal NotKnown(string why, string remedy) => new("kernel.kprobes-unknown", why, remedy);
}
