using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// Law 4: nothing we do fences a node. No node is drained, nor rebooted from under its resources, on which a person has mounted a shared file system beside the cluster. Judged is
/// what was there when the tick began that decides: between a look and an act the world may change.
/// </summary>
internal sealed class NoFenceForALockspace(World world) : Law(world)
{
    private readonly Dictionary<SimNode, List<string>> _atTick = [];

    public override void TickBegins(SimNode node) => _atTick[node] = [.. node.MountedByHand];

    public override void Marking(SimNode node, DrainMode kind, bool set)
    {
        if (set)
            MustBeFree(node, "is marked to be drained");
    }

    public override void Journalled(SimNode node, Run run)
    {
        if (run is { Phase: Phase.Rollback, Policy.Rollback: Rollback.Reboot, Drain: DrainMode.None } && node.Disk.Journal?.Phase != Phase.Rollback)
            MustBeFree(node, "is about to be rebooted, undrained,");
    }

    private void MustBeFree(SimNode node, string what)
    {
        if (node.Running.ContainsKey(SimResources.LockDaemon) && _atTick.GetValueOrDefault(node, []).Intersect(node.MountedByHand).ToList() is { Count: > 0 } left)
            Broken($"{node} {what} with {string.Join(", ", left)} mounted by hand: it would be fenced for that");
    }
}
