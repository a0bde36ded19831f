using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// The token's terms: it is taken, and a patch is loaded, with quorum and with every member there. Excused is what nobody can know
/// yet: a partition younger, when the tick began, than it takes to notice it and to elect a DC.
/// </summary>
internal sealed class WholeCluster(World world) : Law(world)
{
    private static readonly TimeSpan s_lag = Timing.TokenTimeout + Timing.Election;
    private readonly Dictionary<SimNode, (TimeSpan At, bool InCluster)> _tickBegan = [];

    public override void TickBegins(SimNode node) => _tickBegan[node] = (World.Now, node.Partition is not null);

    public override void TokenChanges(SimNode node, Partition partition, Token from, Token to)
    {
        if (from.State == TokenState.Free && to.State == TokenState.Held)
            Judge(node, partition, "takes the token");
    }

    public override void Loading(SimNode node, PatchModule module) => Judge(node, node.Partition, "loads");

    private void Judge(SimNode node, Partition? partition, string does)
    {
        var (began, inCluster) = _tickBegan.GetValueOrDefault(node);
        var soon = began - s_lag;
        if (partition is null)
        {
            if (!inCluster)
                Broken($"{node} {does} outside of the cluster");
        }
        else if (partition.InquorateSince < soon)
            Broken($"{node} {does} without quorum since {partition.InquorateSince}");
        else if (partition.NotWholeSince < soon)
            Broken($"{node} {does} in a cluster that is not whole since {partition.NotWholeSince}");
    }
}
