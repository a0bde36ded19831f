using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>A patch is loaded at boot only after it was found good on a node that is home again; and never two cumulative ones of a kernel.</summary>
internal sealed class PersistedIsProved(World world) : Law(world)
{
    public override void Persisted(SimNode node, PatchModule module)
    {
        if (node.Disk.Journal is not { Phase: Phase.Persist, Verdict: Verdict.Patched })
            Broken($"{node} has {module.Name} loaded at boot in phase {node.Disk.Journal?.Phase} with the verdict {node.Disk.Journal?.Verdict}");
        if (node.Disk.Boot.Modules.Count > 1)
            Broken($"{node} would load {string.Join(" and ", node.Disk.Boot.Modules.Select(m => m.Name))} at boot");
    }
}
