using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Gates;

/// <summary>Would this cluster drain an unhealthy node, and leave our own agent there? Asked where that is how nodes are drained.</summary>
public static class NodeHealthGates
{
    /// <summary>What speaks against draining the node by its health.</summary>
    /// <param name="node">The node.</param>
    /// <param name="view">The cluster.</param>
    /// <param name="rules">What the cluster does about an unhealthy node.</param>
    public static IEnumerable<Refusal> Judge(string node, ClusterView view, HealthRules rules)
    {
        if (rules.KnowsStaying is null)
            yield return Unknown("the cluster does not say which release of Pacemaker it is", "see cibadmin --query; or: pcs resource update kpatch drain=standby");
        else if (rules.KnowsStaying == false)
            yield return new("drain.health-release", $"this cluster's Pacemaker (feature set {rules.FeatureSet}) stops everything on an unhealthy node: drain=health is for 2.1.3 and later", "update Pacemaker on every node; or: pcs resource update kpatch drain=standby");
        if (rules.Strategy is null)
            yield return Unknown("node-health-strategy is set more than once, or by a rule", "leave one plain value: pcs property set node-health-strategy=migrate-on-red");
        else if (!rules.Drains)
            yield return new("drain.health-strategy", $"node-health-strategy is {rules.Strategy}, which does not drain an unhealthy node for certain", "pcs property set node-health-strategy=migrate-on-red; or: pcs resource update kpatch drain=standby");
        foreach (var agent in view.Resources.Where(r => r.IsOurs).Select(r => r.Top).Distinct().Where(id => !rules.Staying.Contains(id) && !rules.Unsure.Contains(id)))
            yield return new("drain.health-agent", $"{agent} would be stopped on an unhealthy node", $"pcs resource meta {agent} allow-unhealthy-nodes=true");
        foreach (var unsure in view.Resources.Where(r => r.IsOurs || (r.Active && r.Nodes.Contains(node))).Select(r => r.Top).Distinct().Where(rules.Unsure.Contains))
            yield return Unknown($"it cannot be told whether {unsure} may be on an unhealthy node: its meta attribute allow-unhealthy-nodes is set by a rule, by a reference or more than once", $"leave one plain value: pcs resource meta {unsure} allow-unhealthy-nodes=…");
    }

    private static Refusal Unknown(string why, string remedy) => new("drain.health-unknown", why, remedy);
}
