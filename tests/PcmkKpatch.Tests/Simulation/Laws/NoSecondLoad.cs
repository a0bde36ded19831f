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
    private readonly Dictionary<SimNode, TimeSpan> _until = [];
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
        _until.Remove(node);
    }

    public override void LoadedAtBoot(SimNode node, PatchModule module)
    {
        if (_tookDown.Contains((node, module.BuildId)))
            Broken($"{node} loads {module.Name} at boot, which took it down before");
    }

    public override void OnProbation(SimNode node, TimeSpan until) => _until[node] = until;

    public override void WentDown(SimNode node)
    {
        // Replaced by somebody since the run came to its release: the same as below.
        if (node.Disk.Journal is { Phase: Phase.Release } run && IsOver(node, run))
            _onTrial.Remove(node);
        if (_onTrial.Remove(node, out var build) && !(_until.Remove(node, out var until) && until <= World.Now))
            _tookDown.Add((node, build));
    }

    // The run judged the node. Where its patch does not stay, or there is no probation, nothing is left on trial.
    public override void Journalled(SimNode node, Run run)
    {
        if (run.Phase == Phase.Release && IsOver(node, run))
            _onTrial.Remove(node);
    }

    private static bool IsOver(SimNode node, Run run) => run.Rehearsal is null && (run.Policy.Probation == TimeSpan.Zero || run.Patch is null || !node.Kernel.HasInForce(run.Patch));

    public override void QuarantineCleared(SimNode node) => _tookDown.RemoveAll(t => t.Node == node);
}
