using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>What a node has on its disk: it survives everything but its own loss.</summary>
internal sealed class SimDisk
{
    public Run? Journal { get; set; }

    /// <summary>What is in the journal cannot be read.</summary>
    public bool Damaged { get; set; }

    public Run? Last { get; set; }

    public Attempt? Mark { get; set; }

    public List<string> Quarantined { get; } = [];

    /// <summary>The installed patch file; null where none is.</summary>
    public PatchModule? Installed { get; set; } = Patch(1);

    /// <summary>The journal is gone, as after a restored backup or a hasty rm.</summary>
    public void LoseJournal(bool damaged)
    {
        Journal = null;
        Damaged = damaged;
    }

    /// <summary>The n-th cumulative patch of the running kernel.</summary>
    public static PatchModule Patch(int n) =>
        new($"/var/lib/kpatch/{SimKernel.Release}/kpatch-5_14_0-362-1-{n}.ko", $"kpatch_5_14_0_362_1_{n}", $"b01d{n:x4}", SimKernel.Release, true);
}
