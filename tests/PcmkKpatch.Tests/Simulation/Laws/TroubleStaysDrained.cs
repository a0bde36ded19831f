using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// The failure table. A node whose kernel complained since the load stays drained until a person says abort. Judged is the step that
/// decides to go home; what the kernel says later than that comes too late.
/// </summary>
internal sealed class TroubleStaysDrained(World world) : Law(world)
{
    private readonly Dictionary<SimNode, ulong> _taintAtLoad = [];
    private readonly Dictionary<SimNode, bool> _troubledAtTick = [];

    public override void TickBegins(SimNode node) =>
        _troubledAtTick[node] = _taintAtLoad.TryGetValue(node, out var before) && Taint.NewTrouble(before, node.Kernel.Taint).Count > 0;

    public override void Loading(SimNode node, PatchModule module) => _taintAtLoad.TryAdd(node, node.Kernel.Taint);

    public override void WentDown(SimNode node) => _taintAtLoad.Remove(node);

    public override void Closing(SimNode node, Run? run) => _taintAtLoad.Remove(node);

    public override void Journalled(SimNode node, Run run)
    {
        if (run.Phase == Phase.Unstandby && node.Disk.Journal?.Phase != Phase.Unstandby
            && _troubledAtTick.GetValueOrDefault(node) && !node.AbortAsked)
            Broken($"{node} goes home ({run.Verdict}: {run.Why}) although its kernel complained since the load");
    }
}
