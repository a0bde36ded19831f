namespace PcmkKpatch.Core.Kernel;

/// <summary>How the running kernel stands to the patch that is wanted.</summary>
public enum PatchState
{
    /// <summary>No patch is there for this kernel.</summary>
    NothingInstalled,

    /// <summary>The very patch is in force.</summary>
    InForce,

    /// <summary>A newer patch of the same family is in force. It is not taken back to the older one.</summary>
    NewerInForce,

    /// <summary>The patch is to be loaded.</summary>
    Due,

    /// <summary>What is there cannot be used; a person must look.</summary>
    Unusable,
}

/// <summary>Judges a choice against the kernel.</summary>
public static class PatchStates
{
    /// <summary>How this kernel stands to that choice.</summary>
    public static PatchState Judge(PatchChoice choice, KernelView kernel) => choice switch
    {
        PatchChoice.None => PatchState.NothingInstalled,
        PatchChoice.Unusable => PatchState.Unusable,
        PatchChoice.Found found when kernel.HasInForce(found.Module) => PatchState.InForce,
        PatchChoice.Found found when kernel.Patches.Any(p => p.InForce && PatchOrder.Compare(p.Name, found.Module.Name) > 0) => PatchState.NewerInForce,
        _ => PatchState.Due,
    };
}
