using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// Law 3. No load while resources are active on a node that is to be drained; no load without the token seen just before; where nothing is to be drained, none
/// while the cluster moves resources. "Just before" is: it was true at some moment of the very tick that loads, for between a look and an act the world
/// may change; the token, and whether the cluster is at rest, as this node's copy of the CIB has it.
/// </summary>
internal sealed class DrainedBeforeLoad(World world) : Law(world)
{
    private readonly Dictionary<SimNode, (bool Drained, bool Held)> _inTick = [];

    public override void TickBegins(SimNode node)
    {
        if (node.Disk.Journal?.Phase == Phase.Load)
            _inTick[node] = default;
        else
            _inTick.Remove(node);
    }

    public override void Look()
    {
        if (_inTick.Count == 0)
            return;
        foreach (var node in World.Nodes)
        {
            if (node.Worker.InTick && _inTick.TryGetValue(node, out var seen))
                _inTick[node] = (seen.Drained || IsDrained(node), seen.Held || HoldsToken(node) || (node.Partition is not null && HoldsToken(node, World.Cluster.CibOf(node))));
        }
    }

    public override void Loading(SimNode node, PatchModule module)
    {
        Look();
        var (drained, held) = _inTick.GetValueOrDefault(node);
        if (!World.DrainsWanted.Contains(node.Disk.Journal!.Policy.Drain))
            Broken($"{node} is drained by {node.Disk.Journal.Policy.Drain}, which nobody asked for");
        if (!drained)
            Broken($"{node} loads, to be drained by {node.Disk.Journal.Drain}, while {string.Join(", ", node.Running.Keys)} is active on it");
        if (!held)
            Broken($"{node} loads without the token: '{node.Partition?.Cib.Token}'");
    }

    private bool IsDrained(SimNode node) => node.Disk.Journal!.Drain switch
    {
        DrainMode.None => node.Partition is { } partition && (World.Cluster.IsSettled(partition) || World.Cluster.AsOf(node) < World.Now),
        DrainMode.Health => node.Running.Keys.All(r => r == SimResources.Agent || node.Partition?.Cib.Configuration.MayBeOnUnhealthy.Contains(r) == true),
        _ => node.Running.Count == 0,
    };
}
