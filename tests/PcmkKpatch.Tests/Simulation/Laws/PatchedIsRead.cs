using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// Law 9, as far as a run reports: it says patched only where the kernel of this boot has that very build in force, now or when the tick
/// began, for between a look and a word somebody may take it away.
/// </summary>
internal sealed class PatchedIsRead(World world) : Law(world)
{
    private readonly Dictionary<SimNode, PatchModule?> _atTick = [];

    public override void TickBegins(SimNode node) =>
        _atTick[node] = (node.Disk.Journal ?? node.Disk.Last) is { Patch: { } patch } && node.Kernel.HasInForce(patch) ? patch : null;

    public override void Journalled(SimNode node, Run run) => Judge(node, run);

    public override void Closing(SimNode node, Run? run) => Judge(node, run);

    private void Judge(SimNode node, Run? run)
    {
        if (run is { Verdict: Verdict.Patched } && (run.Boot != node.BootId || run.Patch is null || (!node.Kernel.HasInForce(run.Patch) && _atTick.GetValueOrDefault(node) != run.Patch)))
            Broken($"{node} reports {run.Patch?.Name} as patched, and the kernel does not have it in force");
    }
}
