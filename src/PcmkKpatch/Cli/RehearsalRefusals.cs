using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>What keeps a rehearsal from being begun: all that "plan" says against a real run now, but for what is about the patch.</summary>
internal static class RehearsalRefusals
{
    /// <summary>Everything that speaks against it.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="asked">The one node that is to go through it; null for all.</param>
    /// <param name="view">The cluster.</param>
    /// <param name="version">The version of the product on this node.</param>
    public static IEnumerable<RefusalStatus> Of(PlanReport plan, string? asked, ClusterView view, string version)
    {
        foreach (var refusal in plan.Refused.Where(IsAgainst))
            yield return refusal;
        foreach (var node in plan.Nodes.Where(n => n.NotPatched is null))
        {
            foreach (var refusal in node.Refused.Where(IsAgainst))
                yield return refusal with { Why = $"{node.Name}: {refusal.Why}" };
            if (node.Name == plan.LocalNode ? !plan.AgentStarted : node.State is null)
                yield return new("rehearsal.no-agent", $"the agent is not started on {node.Name}", $"see why: crm_mon; or leave the node out, and rehearse the others one by one with --node");
        }

        foreach (var refusal in OfAnotherVersion(view, version))
            yield return refusal;

        if (plan.Nodes.All(n => n.NotPatched is not null) && plan.Refused.Count == 0)
            yield return new("rehearsal.no-node", asked is null ? "no node is there that would be patched" : $"{asked} is not patched: {string.Join("; ", plan.Nodes.Select(n => n.NotPatched))}", "see pcmk-kpatch plan");
    }

    // An older version knows nothing of a rehearsal: its node would never go through it, and would load what is due there while others do. So it is asked of every node
    // on which the agent is, whether it is to go through it or not.
    private static IEnumerable<RefusalStatus> OfAnotherVersion(ClusterView view, string version)
    {
        foreach (var node in view.Nodes.Where(n => n is { IsMember: true, Online: true } && n.Name != view.LocalNode && n.Attributes.ContainsKey(NodeAttributes.State)))
        {
            var has = node.Attributes.GetValueOrDefault(NodeAttributes.Product, "");
            if (has != version)
                yield return new("rehearsal.version", $"{node.Name} {(has.Length > 0 ? $"has version {has} of this product" : "does not say which version of this product it has")}, and {view.LocalNode} has {version}: it may not know what a rehearsal is", "install the same version on every node; the agent tells it at its next look");
        }
    }

    // Nothing is loaded, and a person asked for it: neither the patch nor earlier runs have a say. What is not known of a node's patch is no matter either.
    private static bool IsAgainst(RefusalStatus refusal) =>
        refusal.Id is "kernel.unknown" or "plan.no-node" || !(refusal.Id is "schedule.back-off" or "fleet.failures" || refusal.Id.Split('.')[0] is "patch" or "kernel" or "plan");
}
