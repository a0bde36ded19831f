using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Core.Gates;

/// <summary>Can a patch be loaded at boot on this node, where the administrator asks for it?</summary>
public static class BootGates
{
    /// <summary>What speaks against it.</summary>
    public static IEnumerable<Refusal> Judge(BootView boot)
    {
        if (!boot.ServiceInstalled)
            yield return new("patch.no-boot-service", "persist=yes, and there is no kpatch.service here that would load a patch at boot", "install kpatch, or set persist=auto");
    }
}
