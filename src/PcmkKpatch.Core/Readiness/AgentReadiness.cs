using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Ocf;

namespace PcmkKpatch.Core.Readiness;

/// <summary>Is this agent configured once, as an anonymous clone that can run on every node, and in a way that does no harm?</summary>
public static class AgentReadiness
{
    private static readonly string[] s_true = ["true", "on", "yes", "y", "1"];

    /// <summary>What is to be said of it.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="view">The cluster; null where it is not known.</param>
    public static IEnumerable<Finding> Judge(Fact<ClusterConfig> config, ClusterView? view)
    {
        if (!config.IsKnown(out var known, out var unknown))
            return [Finding.NotKnown("agent", "how the agent is configured", unknown, "see cibadmin --query")];
        return known.Agents switch
        {
            [] => [Finding.Error("agent.none", "this agent is not configured in the cluster: nothing is patched", "pcs resource create kpatch ocf:pcmk:kpatch clone interleave=true")],
            [var agent] => [.. JudgeForm(agent, known, view), .. JudgeMeta(agent), .. JudgeParameters(agent), .. OperationReadiness.Judge(agent, known.OperationDefaults), .. NotFollowed(known)],
            var several => [Finding.Error("agent.several", $"this agent is configured {several.Count} times, and is to be once: {string.Join(", ", several.Select(a => a.Id))}", $"pcs resource delete {several[^1].Id}", "keep the one whose parameters you want")],
        };
    }

    private static IEnumerable<Finding> NotFollowed(ClusterConfig config) =>
        config.NotFollowed.Select(what => Finding.NotKnown("agent", "all of the agent's configuration", $"{what} is not followed here", "see what the cluster makes of it: crm_resource --resource ID --query-xml"));

    private static IEnumerable<Finding> JudgeForm(AgentDefinition agent, ClusterConfig config, ClusterView? view)
    {
        switch (agent.Wrapping)
        {
            case Wrapping.None:
                yield return Finding.Error("agent.not-cloned", $"{agent.Id} is no clone: it runs on one node only, and patches no other", $"pcs resource clone {agent.Id} interleave=true");
                yield break;
            case Wrapping.Group:
                yield return Finding.Error("agent.in-group", $"{agent.Id} is in the group {agent.Wrapper}: it is to be a clone of its own", $"pcs resource group remove {agent.Wrapper} {agent.Id} && pcs resource clone {agent.Id} interleave=true");
                yield break;
            case Wrapping.Master:
                yield return Finding.Error("agent.promotable", $"{agent.Wrapper} is a clone that can be promoted", $"pcs resource unclone {agent.Id} && pcs resource clone {agent.Id} interleave=true");
                break;
            default:
                break;
        }

        if (IsTrue(agent, "promotable") is { } promotable)
            yield return Finding.Error("agent.promotable", $"{agent.Wrapper} can be promoted, which this agent cannot", Without(promotable, "promotable"));
        if (IsTrue(agent, "globally-unique") is { } unique)
            yield return Finding.Error("agent.globally-unique", $"{agent.Wrapper} is globally unique: its instances are not tied to nodes, and several may run on one", Without(unique, "globally-unique"), "where crm_mon crashes afterwards, over the histories that are left: delete the resource, and create it anew");
        if (agent.Meta.TryGetValue("clone-max", out var max) && (!int.TryParse(max.Value, out var most) || view is null || most < view.Nodes.Count(n => n.IsMember)))
            yield return Finding.Error("agent.clone-max", $"{agent.Wrapper} has clone-max={max.Value}: it does not run on every node", Without(max, "clone-max"));
        if (agent.Meta.TryGetValue("clone-node-max", out var each) && each.Value != "1")
            yield return Finding.Error("agent.clone-node-max", $"{agent.Wrapper} has clone-node-max={each.Value}, and one instance is to run on each node", Without(each, "clone-node-max"));
        var members = view?.Nodes.Where(n => n.IsMember).Select(n => n.Name).ToList();
        foreach (var kept in config.KeptAway.Where(k => (k.Resource == agent.Id || k.Resource == agent.Wrapper) && members?.Contains(k.Node) != false))
            yield return Finding.Warning("agent.kept-away", $"the constraint {kept.Id} keeps {kept.Resource} from {kept.Node}, which is not patched then", $"pcs constraint delete {kept.Id}");
        if (config.Properties.GetValueOrDefault("symmetric-cluster") is { } symmetric && !s_true.Contains(symmetric, StringComparer.OrdinalIgnoreCase))
            yield return Finding.Note("agent.opt-in", "the cluster runs a resource only where a constraint lets it (symmetric-cluster=false): the agent needs one for every node", $"pcs constraint location {agent.Wrapper} prefers NODE");
    }

    private static IEnumerable<Finding> JudgeMeta(AgentDefinition agent)
    {
        if (agent.Meta.TryGetValue("target-role", out var role) && role.Value.Equals("Stopped", StringComparison.OrdinalIgnoreCase))
            yield return Finding.Note("agent.disabled", $"{agent.Whole} is disabled: no run begins", $"pcs resource enable {agent.Whole}");
        if (agent.Meta.TryGetValue("is-managed", out var managed) && !s_true.Contains(managed.Value, StringComparer.OrdinalIgnoreCase))
            yield return Finding.Warning("agent.unmanaged", $"{agent.Whole} is not managed: the cluster neither starts nor stops it", $"pcs resource manage {agent.Whole}");
        if (IsTrue(agent, "maintenance") is { } maintenance)
            yield return Finding.Warning("agent.unmanaged", $"{agent.Whole} is in maintenance mode: the cluster neither starts nor stops it", Without(maintenance, "maintenance"));
        var isSet = agent.Meta.TryGetValue("migration-threshold", out var threshold) && threshold.Value is not ("INFINITY" or "+INFINITY" or "1000000" or "0");
        var forgets = agent.Meta.TryGetValue("failure-timeout", out var text) ? DurationText.Parse(text.Value, TimeSpan.FromDays(30)) : TimeSpan.Zero;
        if (forgets is null)
            yield return Finding.NotKnown("agent", "after what time failures are forgotten", $"failure-timeout={text!.Value} is not understood", "write a time such as 10min");
        else if (isSet && forgets == TimeSpan.Zero)
            yield return Finding.Warning("agent.migration-threshold", $"migration-threshold={threshold!.Value} without a failure-timeout: a node on which the agent has failed so often is not patched until pcs resource cleanup", $"pcs resource meta {agent.Id} failure-timeout=10min");
        else if (forgets > TimeSpan.Zero && forgets < TimeSpan.FromMinutes(1))
            yield return Finding.Warning("agent.failure-timeout", $"failure-timeout={text!.Value}: failures are forgotten before anybody sees them, and the agent is started again and again", $"pcs resource meta {agent.Id} failure-timeout=10min");
    }

    private static IEnumerable<Finding> JudgeParameters(AgentDefinition agent)
    {
        foreach (var (name, value) in agent.Parameters)
        {
            var back = $"pcs resource update {agent.Id} {name}=";
            if (!Parameters.All.Any(p => p.Name == name))
                yield return Finding.Error("agent.parameter-unknown", $"{agent.Id} has a parameter {name}, which this version does not know", back, "see whether it is misspelt: pcs resource describe ocf:pcmk:kpatch");
            else if (Parameters.Parse(asked => asked == name ? value : null, out var errors) is null)
                yield return Finding.Error("agent.parameter", string.Join("; ", errors), back, "write what is asked for; the command takes the default again");
        }
    }

    private static Meta? IsTrue(AgentDefinition agent, string name) =>
        agent.Meta.TryGetValue(name, out var meta) && s_true.Contains(meta.Value, StringComparer.OrdinalIgnoreCase) ? meta : null;

    private static string Without(Meta meta, string name) => meta.Owner.Length > 0 ? $"pcs resource meta {meta.Owner} {name}=" : $"pcs resource defaults update {name}=";
}
