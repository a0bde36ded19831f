using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// No run is content with its home, and so lets the next node begin, before what its node locked together with others is locked there again wherever the cluster says that its resource is active;
/// and before it was written to, where that is wanted. Judged is whether it was so at some moment of the very tick that is content: between a look and an act the world may change.
/// </summary>
internal sealed class HomeWithItsLocks(World world) : Law(world)
{
    private static readonly string s_key = new LockUse("shared", new SharedMount("gfs2", "/dev/shared", "253:0", SimNode.SharedPoint, "shared")).Key;
    private readonly Dictionary<SimNode, bool> _inTick = [];

    public override void TickBegins(SimNode node)
    {
        if (node.Disk.Journal is { Phase: Phase.Confirm } run && run.LocksBefore.Contains(s_key))
            _inTick[node] = false;
        else
            _inTick.Remove(node);
    }

    public override void Look()
    {
        if (_inTick.Count == 0)
            return;
        foreach (var node in World.Nodes)
        {
            if (node.Worker.InTick && _inTick.TryGetValue(node, out var was))
                _inTick[node] = was || IsBack(node);
        }
    }

    public override void Journalled(SimNode node, Run run)
    {
        Look();
        if (run is { Phase: Phase.Pause or Phase.Persist or Phase.Release, Unsettled: false } && node.Disk.Journal?.Phase == Phase.Confirm && _inTick.GetValueOrDefault(node, true) == false)
            Broken($"the run of {node} is content with its home, where its shared file system is: {node.SharedTrouble}");
    }

    // What is not active here, by what the tools of this node say, or not managed, need not be back.
    private bool IsBack(SimNode node) => (node.HasShared && (!node.Disk.Journal!.Policy.WriteProbe || node.SharedTrouble == SharedTrouble.None))
        || !node.Running.ContainsKey(SimResources.FileSystem) || node.Partition is not { } partition || World.Cluster.AsOf(node) < World.Now
        || partition.Cib.Configuration.Maintenance || partition.Cib.InMaintenance(node.Name) || partition.Cib.Configuration.Disabled.Contains(SimResources.FileSystem);
}
