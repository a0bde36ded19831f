using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
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

    /// <summary>The rehearsals that this node went through, the last one first.</summary>
    public IReadOnlyList<Run> Rehearsed { get; set; } = [];

    /// <summary>What of the two before cannot be read; null where all can be.</summary>
    public string? Unknown { get; set; }

    public Attempt? Mark { get; set; }

    public List<string> Quarantined { get; } = [];

    /// <summary>Since when this node runs what it runs.</summary>
    public Ages Ages { get; set; } = new();

    /// <summary>The installed patch file, or the one in a package that is to be installed; null where there is none.</summary>
    public PatchModule? Installed { get; set; } = Patch(1);

    /// <summary>What makes the installed patches unusable.</summary>
    public Refusal? Unusable { get; set; }

    /// <summary>What kpatch.service loads at boot.</summary>
    public SimBoot Boot { get; } = new();

    /// <summary>What the parameter "patch" means here: any name but a path is the newest.</summary>
    public PatchChoice Choose(string patch) => Unusable is { } why ? new PatchChoice.Unusable(why)
        : Installed is { } module && (patch[0] != '/' || (patch == module.Path && module.Package is null)) ? new PatchChoice.Found(module) : new PatchChoice.None("/var/lib/kpatch");

    /// <summary>The probation of that boot is over, or ended by an orderly shutdown.</summary>
    public void Proved(string boot)
    {
        if (Mark is { ProvedAt: not null } && Mark.Boot == boot)
            Mark = null;
    }

    /// <summary>The journal is gone, as after a restored backup or a hasty rm.</summary>
    public void LoseJournal(bool damaged)
    {
        Journal = null;
        Damaged = damaged;
    }

    /// <summary>It went through that rehearsal.</summary>
    public bool HasRehearsed(string id) => Rehearsed.Any(run => run.Rehearsal?.Id == id);

    /// <summary>The n-th cumulative patch of the running kernel, in a package that is not installed yet.</summary>
    public static PatchModule Packaged(int n) => Patch(n) with { Package = $"kpatch-patch-5_14_0-362-1-{n}" };

    /// <summary>The n-th cumulative patch of the running kernel.</summary>
    public static PatchModule Patch(int n) =>
        new($"/var/lib/kpatch/{SimKernel.Release}/kpatch-5_14_0-362-1-{n}.ko", $"kpatch_5_14_0_362_1_{n}", $"b01d{n:x4}", SimKernel.Release, true);
}
