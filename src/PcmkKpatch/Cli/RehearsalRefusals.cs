namespace PcmkKpatch.Cli;

/// <summary>What keeps a rehearsal from being begun: all that "plan" says against a real run now, but for what is about the patch.</summary>
internal static class RehearsalRefusals
{
    /// <summary>Everything that speaks against it.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="asked">The one node that is to go through it; null for all.</param>
    public static IEnumerable<RefusalStatus> Of(PlanReport plan, string? asked)
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

        if (plan.Nodes.All(n => n.NotPatched is not null) && plan.Refused.Count == 0)
            yield return new("rehearsal.no-node", asked is null ? "no node is there that would be patched" : $"{asked} is not patched: {string.Join("; ", plan.Nodes.Select(n => n.NotPatched))}", "see pcmk-kpatch plan");
    }

    // Nothing is loaded, and a person asked for it: neither the patch nor earlier runs have a say. What is not known of a node's patch is no matter either.
    private static bool IsAgainst(RefusalStatus refusal) =>
        refusal.Id is "kernel.unknown" or "plan.no-node" || !(refusal.Id is "schedule.back-off" or "fleet.failures" || refusal.Id.Split('.')[0] is "patch" or "kernel" or "plan");
}
