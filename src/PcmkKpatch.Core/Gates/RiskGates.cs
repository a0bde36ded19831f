using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Core.Gates;

/// <summary>
/// What may come of it if this node is drained, and if it dies on the way: fencing, quorum, a home for every resource; and how long the nodes differ already. What cannot be told is
/// refused. How much of it weighs is the administrator's word (<see cref="GateLevels"/>).
/// </summary>
public static class RiskGates
{
    /// <summary>Everything that speaks against risking that node now.</summary>
    /// <param name="node">The node.</param>
    /// <param name="foresight">Where to ask.</param>
    /// <param name="view">The cluster as seen in this moment.</param>
    /// <param name="policy">What the administrator wants.</param>
    /// <param name="mode">How the node would be drained. Where it would not be, what a drain would do is asked only where a reboot may follow.</param>
    /// <param name="now">This moment.</param>
    public static IEnumerable<Refusal> Judge(string node, IForesight foresight, ClusterView view, Policy policy, DrainMode mode, Moment now)
    {
        var stops = Stops(policy, mode);
        return
        [
            .. Known(() => FencingGates.Judge(foresight.Fencing(node), policy.FenceQuiet, now.Wall), Unknown("fencing.unknown", "see pcs stonith status")),
            .. Known(() => SurvivalGates.Judge(foresight.Votes()), Unknown("survivable.unknown", "see corosync-quorumtool -s")),
            .. mode == DrainMode.Health ? Known(() => NodeHealthGates.Judge(node, view, foresight.HealthRules()), Unknown("drain.health-unknown", "see cibadmin --query")) : [],
            .. stops is not { } how ? [] : Known(() => ForecastGates.JudgeDrain(foresight.Drain(node, how), view, policy.Stranded()), ForecastGates.Unknown),
            .. Known(() => ForecastGates.JudgeLoss(foresight.Loss(node), view, policy.Stranded()), Unknown("survivable.unknown", "see what crm_simulate --live-check says")),
            .. stops is null ? [] : Known(() => MovableGates.Judge(node, view, foresight.LeftOvers(), foresight.FailCounts(), now), Unknown("drain.unknown", "see crm_mon")),
            .. DriftGates.Judge(view, policy.MaxSkew, now.Wall),
            .. MixtureGates.Judge(node, view),
        ];
    }

    /// <summary>
    /// How everything on the node would be stopped, by the drain or by what may follow; null where nothing is. A reboot that rolls back what was loaded without a drain
    /// stops everything as a standby does: an orderly one begins with the cluster on the node.
    /// </summary>
    /// <param name="policy">What the administrator wants.</param>
    /// <param name="mode">How the node would be drained.</param>
    public static DrainMode? Stops(Policy policy, DrainMode mode) => mode != DrainMode.None ? mode : policy.Rollback == Rollback.Reboot ? DrainMode.Standby : null;

    private static IReadOnlyList<Refusal> Known(Func<IEnumerable<Refusal>> judge, Func<ToolFailedException, Refusal> unknown)
    {
        try
        {
            return [.. judge()];
        }
        catch (ToolFailedException e)
        {
            return [unknown(e)];
        }
    }

    private static Func<ToolFailedException, Refusal> Unknown(string id, string remedy) => failure => new(id, $"it cannot be told: {failure.Message}", remedy);
}
