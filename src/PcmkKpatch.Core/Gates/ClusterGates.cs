using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Gates;

/// <summary>Is the cluster whole? If this node went down now, would anybody notice in an orderly way?</summary>
public static class ClusterGates
{
    /// <summary>Everything about the cluster that speaks against touching a node now.</summary>
    public static IEnumerable<Refusal> Judge(ClusterView view)
    {
        if (view.Local is null)
            yield return new("cluster.self", $"the cluster does not know a node {view.LocalNode}", "see crm_node -n and crm_mon: the node's name must be the one the cluster uses");
        else if (!view.Local.IsMember)
            yield return new("cluster.remote", $"{view.LocalNode} is not patched: {view.Local.WhyNotPatched}", "keep the agent off it: pcs constraint location kpatch-clone avoids " + view.LocalNode);
        if (view.Dc is null)
            yield return new("cluster.dc", "the cluster has no DC", "wait for the election to end; see crm_mon");
        if (!view.QuorumByCib)
            yield return new("cluster.quorum", "the DC has no quorum", "bring the missing nodes back");
        if (!view.QuorumByMembership)
            yield return new("cluster.quorum-membership", "this node's membership has no quorum", "bring the missing nodes back; see corosync-quorumtool -s");
        if (view.Maintenance)
            yield return new("cluster.maintenance", "the cluster is in maintenance mode", "pcs property set maintenance-mode=false");
        if (view.StopAllResources)
            yield return new("cluster.stop-all", "the cluster keeps all resources stopped", "pcs property set stop-all-resources=false");
        foreach (var node in view.Nodes.Where(n => n.IsMember))
        {
            if (node.Unclean)
                yield return new("cluster.unclean", $"node {node.Name} is unclean", "wait for its fencing; see crm_mon and stonith_admin --history '*'");
            else if (node.Pending)
                yield return new("cluster.pending", $"node {node.Name} is joining", "wait until it is online");
            else if (!node.Online)
                yield return new("cluster.member-offline", $"node {node.Name} is offline", $"start the cluster there: pcs cluster start {node.Name}");
            else if (node.Maintenance)
                yield return new("cluster.node-maintenance", $"node {node.Name} is in maintenance mode", $"pcs node unmaintenance {node.Name}");
        }
    }
}
