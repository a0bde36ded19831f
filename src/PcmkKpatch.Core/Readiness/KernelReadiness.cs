using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Core.Readiness;

/// <summary>A package that provides live patches for a kernel.</summary>
/// <param name="Name">The package, with its version.</param>
/// <param name="IsEmpty">It holds no patch: it is there so that those to come are offered as upgrades.</param>
public sealed record OfferedPatch(string Name, bool IsEmpty);

/// <summary>The kernels of this node.</summary>
public sealed record KernelsView
{
    /// <summary>The running one.</summary>
    public required Fact<KernelView> Running { get; init; }

    /// <summary>The releases of those that are installed and could be booted.</summary>
    public required Fact<IReadOnlyList<string>> Installed { get; init; }

    /// <summary>What the package manager offers for the running one; null in it where there is no dnf here to ask.</summary>
    public required Fact<IReadOnlyList<OfferedPatch>?> Offered { get; init; }
}

/// <summary>Is the running kernel one that live patches are to be had for, and need it not be rebooted anyway?</summary>
public static class KernelReadiness
{
    private const string Reboot = "live patches do not replace it: in your next patch cycle, one node at a time: pcs node standby; systemctl reboot; pcs node unstandby";

    /// <summary>What is to be said of it.</summary>
    public static IEnumerable<Finding> Judge(KernelsView view, GateLevels levels)
    {
        if (!view.Running.IsKnown(out var running, out var unknown))
            return [Finding.NotKnown("kernel", "how the kernel of this node is", unknown, "see pcmk-kpatch status")];
        return
        [
            .. KernelGates.Judge(running).Concat(KernelGates.JudgeSupport(running.Support, module: null)).Select(refusal => Finding.Of(refusal, levels)).OfType<Finding>(),
            .. JudgeTaint(running),
            .. JudgeProbes(running.Kprobes, levels),
            .. JudgeOffers(running.Release, view.Offered),
            .. JudgeInstalled(running.Release, view.Installed),
        ];
    }

    private static IEnumerable<Finding> JudgeTaint(KernelView running)
    {
        if (Taint.NewTrouble(0, running.Taint) is { Count: > 0 } signs)
            yield return Finding.Warning("kernel.tainted", $"this kernel has had trouble since its boot: {string.Join(", ", signs)}", remedy: $"see journalctl -k; a reboot is due, and {Reboot}");
    }

    // Which of them matter is known only with a patch: then the gate says it.
    private static IEnumerable<Finding> JudgeProbes(Fact<IReadOnlyList<Kprobe>> probes, GateLevels levels)
    {
        if (!probes.IsKnown(out var list, out var unknown))
            return Finding.Of(KernelGates.ProbesUnknown(unknown), levels) is { } finding ? [finding] : [];
        return list.Count == 0 ? [] : [Finding.Note("kernel.probed", $"functions of this kernel are probed: {string.Join(", ", list.Select(p => p.Function).Distinct().Order(StringComparer.Ordinal).Take(5))}", "cat /sys/kernel/debug/kprobes/list", "a patch that replaces one of them is not loaded")];
    }

    private static IEnumerable<Finding> JudgeOffers(string release, Fact<IReadOnlyList<OfferedPatch>?> offered)
    {
        if (!offered.IsKnown(out var offers, out var unknown))
            yield return Finding.NotKnown("kernel.patches", $"whether live patches are to be had for {release}", unknown, $"dnf repoquery --whatprovides 'kpatch-patch = {release}'");
        else if (offers is null)
            yield return Finding.Note("kernel.patches-unknown", $"whether live patches are to be had for {release} is not known: there is no dnf here", remedy: "ask your vendor");
        else if (offers.Count == 0)
            yield return Finding.Warning("kernel.no-patches", $"no package has live patches for {release}", remedy: "boot a kernel that has: dnf repoquery kpatch-patch-*; and see that dnf's metadata is fresh: dnf makecache");
        else if (offers.All(o => o.IsEmpty))
            yield return Finding.Note("kernel.only-empty-patch", $"for {release} there is nothing yet but {offers[0].Name}, which is empty: live patches are to come");
    }

    private static IEnumerable<Finding> JudgeInstalled(string release, Fact<IReadOnlyList<string>> installed)
    {
        if (!installed.IsKnown(out var releases, out var unknown))
            yield return Finding.NotKnown("kernel.installed", "which kernels are installed", unknown, "see /lib/modules and /boot");
        else if (NewerThan(release, releases) is { } newest)
            yield return Finding.Warning("kernel.reboot-due", $"{newest} is installed, and {release} runs", remedy: Reboot);
    }

    /// <summary>The newest of the kernels that can take the running one's place; null where none is newer.</summary>
    public static string? NewerThan(string release, IReadOnlyList<string> releases)
    {
        if (KernelRelease.Parse(release) is not { } running)
            return null;
        var (newest, text) = (running, (string?)null);
        foreach (var one in releases)
        {
            if (KernelRelease.Parse(one) is { } other && other.Kind == running.Kind && other.IsNewerThan(newest))
                (newest, text) = (other, one);
        }

        return text;
    }
}
