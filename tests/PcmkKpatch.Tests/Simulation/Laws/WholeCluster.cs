using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// The token's terms: it is taken, and a patch is loaded, with quorum and with every member there; and nothing is loaded where there
/// is no DC to say so. Judged is what could be known when the tick began, from this node's copy of the CIB: a loss that nobody
/// has noticed yet, or of which that copy cannot tell yet, is excused.
/// </summary>
internal sealed class WholeCluster(World world) : Law(world)
{
    private readonly Dictionary<SimNode, (TimeSpan At, bool InCluster)> _tickBegan = [];

    public override void TickBegins(SimNode node) => _tickBegan[node] = (World.Cluster.AsOf(node), node.Partition is not null);

    public override void TokenChanges(SimNode node, Partition partition, Token from, Token to)
    {
        if (from.State == TokenState.Free && to.State == TokenState.Held)
            Judge(node, partition, "takes the token");
    }

    public override void Loading(SimNode node, PatchModule module)
    {
        Judge(node, node.Partition, "loads");
        if (node.Partition?.WithoutDcSince < _tickBegan[node].At)
            Broken($"{node} loads without a DC since {node.Partition.WithoutDcSince}");
    }

    private void Judge(SimNode node, Partition? partition, string does)
    {
        var (began, inCluster) = _tickBegan[node];
        if (partition is null)
        {
            if (!inCluster)
                Broken($"{node} {does} outside of the cluster");
        }
        else if (partition.InquorateSince < began)
        {
            Broken($"{node} {does} without quorum since {partition.InquorateSince}");
        }
        else if (partition.NotWholeSince < began)
        {
            Broken($"{node} {does} in a cluster that is not whole since {partition.NotWholeSince}");
        }
    }
}
