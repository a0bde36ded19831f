using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.Host;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>What the cluster says of itself and of the rollout, in one moment.</summary>
/// <param name="View">The cluster. Whether its DC is at rest is not asked.</param>
/// <param name="Token">The token, or null where there is none.</param>
/// <param name="Wish">The rehearsal that is wished, or null.</param>
/// <param name="Holds">The holds in force.</param>
/// <param name="Histories">What the nodes tell of their last runs; what this version cannot read is left out.</param>
internal sealed record ClusterLook(ClusterView View, Token? Token, RehearsalWish? Wish, IReadOnlyList<LaidHold> Holds, IReadOnlyList<NodeHistory> Histories)
{
    /// <summary>Begins to look. The tools are asked side by side: so it takes as long as the slowest of them, crm_mon.</summary>
    /// <param name="node">Gives this node's name in the cluster.</param>
    /// <returns>Waits for what they say.</returns>
    public static Func<ClusterLook> Begin(Func<string> node)
    {
        var mon = Beside.Ask(CrmMon.Ask);
        var quorum = Beside.Ask(CrmNode.HasQuorum);
        var ours = Beside.Ask(CibAdmin.QueryOurs);
        var name = Beside.Ask(node);
        return () =>
        {
            var view = PacemakerCluster.View(mon.Answer(), name.Answer(), quorum.Answer(), settled: false);
            var (token, wish, holds, histories) = ours.Answer();
            return new ClusterLook(
                view, token is null ? null : Token.Parse(token), wish is null ? null : RehearsalWish.Parse(wish), [.. holds.Where(h => h.Hold.InForce(DateTimeOffset.UtcNow))],
                [.. histories.Select(NodeHistory.Parse).OfType<NodeHistory>()]);
        };
    }

    /// <summary>This node is in the standby, or has the health, that a run sets.</summary>
    public bool IsInOurDrain(LocalLook here)
    {
        if (View.Local is not ({ Standby: true } or { Unhealthy: true }))
            return false;
        // The whole CIB, which may be large, is asked for only where nothing else can tell whose standby it is.
        return here.WorkerAlive ? here.Journal.Run is { FoundInStandby: false, Phase: > Phase.Gate } : CibAdmin.Marks(View.LocalNode).IsOurs;
    }
}
