using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Gates;

/// <summary>Can what is active on a node be moved away, and come back? The cluster's forecast knows the first half of it; a person can mend it beforehand.</summary>
public static class MovableGates
{
    /// <summary>What speaks against draining the node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="view">The cluster.</param>
    /// <param name="leftOvers">The constraints that moves of old have left behind.</param>
    /// <param name="failCounts">The failures that the cluster counts.</param>
    /// <param name="now">This moment: a constraint may have ended by itself.</param>
    public static IEnumerable<Refusal> Judge(string node, ClusterView view, IReadOnlyList<LeftOver> leftOvers, IReadOnlyList<FailCount> failCounts, Moment now)
    {
        var here = view.Resources.Where(r => r.Active && !r.IsOurs && r.Nodes.Contains(node)).DistinctBy(r => r.Id).ToList();
        foreach (var resource in here)
        {
            if (resource.Blocked)
                yield return new("drain.blocked", $"{resource.Id} is blocked on {node}: it would not move", $"see crm_mon; mend it; then: pcs resource cleanup {resource.Id}");
            else if (resource.Orphaned)
                yield return new("drain.orphaned", $"{resource.Id} is active on {node} and no longer configured", $"stop it there; then: pcs resource cleanup {resource.Id}");
            else if (!resource.Managed)
                yield return new("drain.unmanaged", $"{resource.Id} is active on {node} and unmanaged: it would not move", $"pcs resource manage {resource.Id}");
        }

        foreach (var left in leftOvers.Where(l => !(l.Until <= now.Wall) && (l.Node == node || l.Node.Length == 0 || (l.Draws && here.Any(r => r.Id == l.Resource)))))
            yield return new("drain.leftover-constraint", $"{left.Id} is left over from a move or ban of {left.Resource}", $"pcs resource clear {left.Resource}");
        foreach (var failed in failCounts.Where(f => f.KeepsAway && f.Node != node && here.Any(r => r.Id == f.Resource)))
            yield return new("drain.failcount", $"{failed.Resource} has failed too often on {failed.Node} to move there", $"find out why; then: pcs resource cleanup {failed.Resource}");
    }
}
