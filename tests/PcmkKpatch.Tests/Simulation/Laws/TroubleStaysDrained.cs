using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// The failure table. A node whose kernel complained since the load, or is in a patch transition still, does not go home until a person
/// says abort knowing that it is parked. Judged is the step that decides to go home; what the kernel does later than that comes too late.
/// </summary>
internal sealed class TroubleStaysDrained(World world) : Law(world)
{
    private readonly Dictionary<SimNode, ulong> _taintAtLoad = [];
    private readonly Dictionary<SimNode, bool> _troubledAtTick = [];
    private readonly List<SimNode> _abortedKnowing = [];
    private readonly List<SimNode> _abortedInTick = [];

    public override void TickBegins(SimNode node)
    {
        _abortedInTick.Remove(node);
        _troubledAtTick[node] = IsTroubled(node);
    }

    public override void Loading(SimNode node, PatchModule module) => _taintAtLoad.TryAdd(node, node.Kernel.Taint);

    public override void AbortAsked(SimNode node)
    {
        if (node.Disk.Journal?.Phase == Phase.Parked)
            _abortedKnowing.Add(node);
        else if (node.Worker.InTick)
            _abortedInTick.Add(node);
    }

    public override void WentDown(SimNode node) => Forget(node);

    public override void Closing(SimNode node, Run? run) => Forget(node);

    public override void Journalled(SimNode node, Run run)
    {
        // Asked in the very moment in which it was parked: nothing can tell that from the moment after.
        if (run.Phase == Phase.Parked && _abortedInTick.Remove(node))
            _abortedKnowing.Add(node);
        if (run.Phase is Phase.Unstandby or Phase.Confirm && node.Disk.Journal?.Phase is not (Phase.Unstandby or Phase.Confirm)
            && _troubledAtTick.GetValueOrDefault(node) && IsTroubled(node) && !_abortedKnowing.Contains(node))
            Broken($"{node} goes home ({run.Verdict}: {run.Why}) although its kernel is uncertain since the load");
    }

    private bool IsTroubled(SimNode node) => _taintAtLoad.TryGetValue(node, out var before)
        && (Taint.NewTrouble(before, node.Kernel.Taint).Count > 0 || node.Kernel.InTransition);

    private void Forget(SimNode node)
    {
        _taintAtLoad.Remove(node);
        _abortedKnowing.RemoveAll(n => n == node);
    }
}
