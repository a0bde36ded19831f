using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// Law 7. A build that was being loaded, or was loaded and not yet found good, when the node went down is never loaded there again
/// without a person's word. Kept here from what really happened, whatever is on the node's disk.
/// </summary>
internal sealed class NoSecondLoad(World world) : Law(world)
{
    private readonly Dictionary<SimNode, string> _onTrial = [];
    private readonly List<(SimNode Node, string BuildId)> _tookDown = [];

    public override void Loading(SimNode node, PatchModule module)
    {
        if (_tookDown.Contains((node, module.BuildId)))
            Broken($"{node} loads {module.Name}, which took it down before");
        if (node.Disk.Quarantined.Contains(module.BuildId))
            Broken($"{node} loads {module.Name}, which is quarantined there");
        if (node.Disk.Mark is not { } mark || mark.BuildId != module.BuildId)
            Broken($"{node} loads {module.Name} without a mark on disk");
        else if (mark.Boot != node.BootId)
            Broken($"{node} loads {module.Name} over the mark of an earlier boot");
        _onTrial[node] = module.BuildId;
    }

    public override void WentDown(SimNode node)
    {
        if (_onTrial.Remove(node, out var build))
            _tookDown.Add((node, build));
    }

    // The run judged the node; what is left is to give the token back.
    public override void Journalled(SimNode node, Run run)
    {
        if (run.Phase == Phase.Release)
            _onTrial.Remove(node);
    }

    public override void QuarantineCleared(SimNode node) => _tookDown.RemoveAll(t => t.Node == node);
}
