using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Gates;

/// <summary>Is this node drained? Law 3: no load while resources are active on a node that is to be drained. And is the cluster at rest?</summary>
public static class DrainGates
{
    /// <summary>What still keeps the node from being drained; where it is not to be drained, what keeps the cluster from being at rest.</summary>
    /// <param name="view">The cluster.</param>
    /// <param name="mode">How the node is drained.</param>
    /// <param name="staying">The ids of what may stay on an unhealthy node.</param>
    public static IEnumerable<Refusal> Judge(ClusterView view, DrainMode mode, IReadOnlyCollection<string> staying)
    {
        var active = mode == DrainMode.None ? [] : view.ActiveOn(view.LocalNode, r => mode == DrainMode.Standby || !(r.IsOurs || staying.Contains(r.Top)));
        if (view.Local is not { Online: true })
            yield return new("drain.offline", $"{view.LocalNode} is not online in the cluster", "start the cluster on it: pcs cluster start");
        else if (mode == DrainMode.Standby && !view.Local.Standby)
            yield return new("drain.standby", $"{view.LocalNode} is not in standby yet", "wait");
        else if (mode == DrainMode.Health && !view.Local.Unhealthy && !view.Local.Standby)
            yield return new("drain.health", $"the cluster does not take {view.LocalNode} for unhealthy yet", "wait; see that node-health-strategy is migrate-on-red or only-green");
        if (active.Count > 0)
            yield return new("drain.active", $"{Count(active.Count)} still active here: {Some(active)}", "wait; see crm_mon for what is stopping");
        else if (!view.Settled)
            yield return new("drain.unsettled", "the cluster is still moving resources", "wait");
    }

    private static string Count(int resources) => resources == 1 ? "1 resource" : $"{resources} resources";

    private static string Some(IReadOnlyList<string> ids) => ids.Count <= 4 ? string.Join(", ", ids) : string.Join(", ", ids.Take(4)) + " …";
}
