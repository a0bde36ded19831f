using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Core.Metrics;

/// <summary>What is the cluster's, as this node sees it: every node tells it, and on two sides of a partition it may differ.</summary>
internal static class ClusterMetrics
{
    private const string Absent = "absent";

    /// <summary>Adds them.</summary>
    public static void Add(Exposition all, ClusterPart cluster)
    {
        var (view, token) = (cluster.View, cluster.Token);
        all.Gauge("cluster_quorum", "Whether the cluster has quorum, by the CIB and by this node's membership, as seen from this node.", view.QuorumByCib && view.QuorumByMembership);
        all.Gauge("drained", "Whether this node is in the standby, or has the health, that a run sets to drain it.", cluster.Drained);
        all.Gauge("holds", "How many holds keep runs from beginning, as seen from this node.", cluster.Holds.Count);
        AddToken(all, token, cluster.TokenOverdue);
        AddDrift(all, view);
        AddNodes(all, view);
    }

    private static void AddToken(Exposition all, Token? token, bool overdue)
    {
        var state = token?.State.ToString().ToLowerInvariant() ?? Absent;
        all.Gauge(
            "token_state", "What the rollout token says, as seen from this node: 1 for that state.",
            Enum.GetNames<TokenState>().Select(name => name.ToLowerInvariant()).Append(Absent).Select(name => Sample.Of(name == state, ("state", name))));
        all.Gauge(
            "token_info", "Who has the rollout token, or has halted the rollout, and why, as seen from this node. Not there where the token is free.",
            token is { State: TokenState.Held or TokenState.Parked or TokenState.Halted }
                ? [new Sample(1, ("state", state), ("node", token.Node), ("run", token.Run), ("reason", token.Why))] : (Sample[])[]);
        all.Gauge("token_since_timestamp_seconds", "Since when the token says that, by the holder's clock, in seconds since 1970.", token is null ? null : CibText.Moment(token.Since));
        all.Gauge("token_overdue", "Whether the rollout token was taken longer ago than any run takes that nothing is wrong with.", overdue);
        all.Gauge(
            "failed_loads", "How often a load of a patch failed on a node, and the rollout went on or halted, since a person last resumed it.",
            (token?.Failures ?? Failures.None).List.Select(f => new Sample(f.Times, ("node", f.Node), ("build_id", f.Build))));
    }

    private static void AddDrift(Exposition all, ClusterView view)
    {
        var drifts = DriftGates.Find(view).ToList();
        (string Kind, string Id)[] kinds = [("kernel", DriftGates.Kernel), ("patch", DriftGates.Patch), ("version", DriftGates.Version), ("unknown", DriftGates.Unknown)];
        all.Gauge(
            "drift", "Whether the nodes differ in what they run, as seen from this node; kind unknown: whether some do not say what they run.",
            kinds.Select(kind => Sample.Of(drifts.Exists(d => d.Id == kind.Id), ("kind", kind.Kind))));
        all.Gauge(
            "drift_since_timestamp_seconds", "Since when the nodes differ, at the latest, in seconds since 1970; not there where that is not known.",
            kinds.SelectMany(kind => drifts.Where(d => d.Id == kind.Id && d.Since is not null).OrderBy(d => d.Since).Take(1).Select(d => Sample.Of(d.Since!.Value, ("kind", kind.Kind)))));
    }

    private static void AddNodes(Exposition all, ClusterView view)
    {
        all.Gauge("node_online", "Whether a node takes part in the cluster, as seen from this node.", view.Nodes.Select(n => Sample.Of(n.Online, ("node", n.Name))));
        all.Gauge("node_standby", "Whether a node is in standby, as seen from this node.", view.Nodes.Select(n => Sample.Of(n.Standby, ("node", n.Name))));
        all.Gauge(
            "node_info", "What a node has published that it runs, as seen from this node.",
            view.Nodes.Where(n => n.Online && n.Attributes.ContainsKey(DriftGates.PatchAttribute)).Select(n => new Sample(
                1, ("node", n.Name), ("kernel", n.Attributes.GetValueOrDefault(DriftGates.KernelAttribute, "")), ("patch", n.Attributes[DriftGates.PatchAttribute]))));
        all.Gauge(
            "node_state_info", "What a node has published that it is doing, in one word, as seen from this node.",
            view.Nodes.Where(n => n.Online && n.Attributes.ContainsKey(FleetGates.StateAttribute)).Select(n => new Sample(
                1, ("node", n.Name), ("state", StateWords.Word(n.Attributes[FleetGates.StateAttribute])))));
    }
}
