namespace PcmkKpatch.Core.Kernel;

/// <summary>The running kernel in one moment, read from its own files.</summary>
public sealed record KernelView
{
    /// <summary>The kernel's release, as uname -r prints it.</summary>
    public required string Release { get; init; }

    /// <summary>The kernel can be live patched: /sys/kernel/livepatch exists.</summary>
    public required bool CanLivePatch { get; init; }

    /// <summary>The live patches that the kernel knows.</summary>
    public required IReadOnlyList<LivePatch> Patches { get; init; }

    /// <summary>The names of all modules in the kernel. Holds live patches that were replaced too: they stay loaded, without effect.</summary>
    public required IReadOnlySet<string> Modules { get; init; }

    /// <summary>The taint mask, /proc/sys/kernel/tainted.</summary>
    public required ulong Taint { get; init; }

    /// <summary>ftrace, by which a live patch takes effect, is switched on: kernel.ftrace_enabled.</summary>
    public bool FtraceEnabled { get; init; } = true;

    /// <summary>No module can be loaded until the next boot: kernel.modules_disabled.</summary>
    public bool ModulesDisabled { get; init; }

    /// <summary>Why this kernel takes signed modules only: "lockdown" or "module.sig_enforce"; null where it takes others too.</summary>
    public string? SignatureWanted { get; init; }

    /// <summary>What the vendors' lists say of live patching it in a cluster.</summary>
    public KernelSupport Support { get; init; } = KernelSupport.NotLookedFor;

    /// <summary>The kprobes that are at work in it.</summary>
    public Fact<IReadOnlyList<Kprobe>> Kprobes { get; init; } = Fact.Unknown<IReadOnlyList<Kprobe>>("they were not looked for");

    /// <summary>The live patch of that name, or null.</summary>
    public LivePatch? Patch(string name) => Patches.FirstOrDefault(patch => patch.Name == name);

    /// <summary>That very build is in force for every task.</summary>
    public bool HasInForce(PatchModule module) => Patch(module.Name) is { InForce: true } patch && module.IsBuild(patch.BuildId);
}
