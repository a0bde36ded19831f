using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>The cluster through Pacemaker's own tools.</summary>
/// <param name="node">Gives this node's name in the cluster.</param>
/// <param name="ask">Gives what crm_mon says; asked anew for each look where none is given.</param>
internal sealed class PacemakerCluster(Func<string> node, Func<CrmMon>? ask = null) : ICluster
{
    /// <inheritdoc/>
    public ClusterView See()
    {
        var mon = (ask ?? CrmMon.Ask)();
        return View(mon, node(), CrmNode.HasQuorum(), mon.Dc is not null && IsIdle(mon.Dc));
    }

    /// <summary>The cluster, put together.</summary>
    public static ClusterView View(CrmMon mon, string localNode, bool quorumByMembership, bool settled) => new()
    {
        LocalNode = localNode,
        Dc = mon.Dc,
        QuorumByCib = mon.WithQuorum,
        QuorumByMembership = quorumByMembership,
        Maintenance = mon.Maintenance,
        StopAllResources = mon.StopAllResources,
        FencingEnabled = mon.FencingEnabled,
        MixedVersion = mon.MixedVersion,
        Settled = settled,
        Nodes = mon.Nodes,
        Resources = mon.Resources,
    };

    /// <inheritdoc/>
    public DrainMarks SeeMarks() => CibAdmin.Marks(node());

    /// <inheritdoc/>
    public void SetMark(DrainMode kind) => Tool.Run("crm_attribute", ["--node", node(), "--name", DrainMarks.AttributeOf(kind), "--update", DrainMarks.ValueOf(kind), "--lifetime", "reboot"]);

    /// <inheritdoc/>
    public void ClearMark(DrainMode kind) => Tool.Run("crm_attribute", ["--node", node(), "--name", DrainMarks.AttributeOf(kind), "--delete", "--lifetime", "reboot"]);

    // 2.0 says "Status of crmd@n1: S_IDLE (ok)", 2.1 "Controller on n1 in state S_IDLE: ok".
    private static bool IsIdle(string dc)
    {
        string[] arguments = ["--status", dc];
        var answer = Tool.Ask("crmadmin", arguments);
        var state = answer.Output.Split([' ', '\n', ':']).FirstOrDefault(word => word.StartsWith("S_", StringComparison.Ordinal));
        return state is null ? throw Tool.Failed("crmadmin", arguments, answer) : state == "S_IDLE";
    }
}
