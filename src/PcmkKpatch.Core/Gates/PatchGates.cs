using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Core.Gates;

/// <summary>May this module be loaded into this kernel on this node?</summary>
public static class PatchGates
{
    /// <summary>Everything about the patch and the kernel that speaks against loading.</summary>
    public static IEnumerable<Refusal> Judge(PatchModule module, KernelView kernel, IReadOnlyCollection<string> quarantined)
    {
        foreach (var refusal in KernelGates.Judge(kernel))
            yield return refusal;
        if (!module.IsLivePatch)
            yield return new("patch.not-livepatch", $"{module.Path} is a kernel module, but no live patch", "name a module whose modinfo says livepatch: Y");
        // kpatch does not look, and with CONFIG_MODVERSIONS the kernel would take it.
        if (module.Release != kernel.Release)
            yield return new("patch.kernel", $"{module.Path} is for kernel {module.Release}; {kernel.Release} runs here", "install the patch for the running kernel");
        if (kernel.SignatureWanted is { } wanted && module.Signer is null)
            yield return new("patch.unsigned", $"{module.Path} is not signed, and this kernel takes signed modules only ({wanted})", "install the patch that your vendor signed");
        if (quarantined.Contains(module.BuildId))
            yield return new("patch.quarantined", $"{module.Name} was on trial when this node went down", "find out why; then: pcmk-kpatch quarantine --clear");
        if (kernel.Patches.FirstOrDefault(p => p.InTransition) is { } other)
            yield return new("kernel.transition", $"a patch transition of {other.Name} is under way", "wait until it ends; see kpatch list");
        if (kernel.Patch(module.Name) is { } loaded && !module.IsBuild(loaded.BuildId))
            yield return new("patch.same-name", $"another build of {module.Name} is loaded", "give the new build another file name, or reboot");
        // A replaced patch stays loaded without effect; the kernel refuses a second module of its name.
        if (kernel.Patch(module.Name) is null && kernel.Modules.Contains(module.Name))
            yield return new("patch.left-over", $"a module {module.Name} is loaded without effect", $"rmmod {module.Name}");
    }
}
