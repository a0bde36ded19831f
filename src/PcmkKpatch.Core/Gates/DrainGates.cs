using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Gates;

/// <summary>Is this node drained? Law 3: no load while resources are active on a node that is to be drained.</summary>
public static class DrainGates
{
    /// <summary>What still keeps the node from being drained.</summary>
    public static IEnumerable<Refusal> Judge(ClusterView view)
    {
        var active = view.ActiveOn(view.LocalNode);
        if (view.Local is not { Online: true })
            yield return new("drain.offline", $"{view.LocalNode} is not online in the cluster", "start the cluster on it: pcs cluster start");
        else if (!view.Local.Standby)
            yield return new("drain.standby", $"{view.LocalNode} is not in standby yet", "wait");
        if (active.Count > 0)
            yield return new("drain.active", $"{Count(active.Count)} still active here: {Some(active)}", "wait; see crm_mon for what is stopping");
        else if (!view.Settled)
            yield return new("drain.unsettled", "the cluster is still moving resources", "wait");
    }

    private static string Count(int resources) => resources == 1 ? "1 resource" : $"{resources} resources";

    private static string Some(IReadOnlyList<string> ids) => ids.Count <= 4 ? string.Join(", ", ids) : string.Join(", ", ids.Take(4)) + " …";
}
