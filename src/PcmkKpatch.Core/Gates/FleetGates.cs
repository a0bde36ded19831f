using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Core.Gates;

/// <summary>What other nodes say against this patch.</summary>
public static class FleetGates
{
    /// <summary>The node attribute in which a node publishes the build ids that it has quarantined, with commas between them.</summary>
    public const string QuarantineAttribute = "kpatch-quarantine";

    /// <summary>The node attribute in which a node publishes what it is doing: the word of its run's phase, first of all.</summary>
    public const string StateAttribute = "kpatch-state";

    private static readonly HashSet<string> s_away = new(
        new[] { Phase.Standby, Phase.Drain, Phase.Install, Phase.Load, Phase.Reverse, Phase.Verify, Phase.Soak, Phase.Rollback, Phase.Parked, Phase.Unstandby }.Select(p => p.ToString()),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// A node that says that it is away from home is not joined by a second one, whatever the token says: a person may have freed it, or an
    /// old CIB that was pushed. To be asked before the token is taken; a node with the token speaks for itself.
    /// </summary>
    public static IEnumerable<Refusal> AnotherIsAway(ClusterView view)
    {
        foreach (var node in view.Nodes.Where(n => n.Name != view.LocalNode && s_away.Contains(n.Attributes.GetValueOrDefault(StateAttribute, "").Split(':')[0])))
            yield return new("fleet.away", $"{node.Name} is still in its run ({node.Attributes[StateAttribute]})", $"wait until it is home; see pcmk-kpatch status on {node.Name}");
    }

    /// <summary>The loads of this patch that have failed, where they are more than the administrator tolerates now.</summary>
    public static IEnumerable<Refusal> TooManyFailures(PatchModule module, Failures failures, Policy policy)
    {
        if (failures.Of(module.BuildId) is var times && times > policy.MaxFailures)
        {
            var nodes = failures.List.Where(f => module.IsBuild(f.Build)).Select(f => f.Node);
            yield return new("fleet.failures", $"{module.Name} could not be loaded {times} times (on {string.Join(", ", nodes)}), and max_failures is {policy.MaxFailures}", "mend what kept it from that; then: pcmk-kpatch resume");
        }
    }

    /// <summary>A node that went down with the patch speaks against it on every node.</summary>
    public static IEnumerable<Refusal> Judge(PatchModule module, ClusterView view, Policy policy)
    {
        if (policy.QuarantineScope == QuarantineScope.Node)
            yield break;
        foreach (var node in view.Nodes.Where(n => n.Name != view.LocalNode && n.Attributes.GetValueOrDefault(QuarantineAttribute, "").Split(',').Any(module.IsBuild)))
            yield return new("patch.quarantined-elsewhere", $"{node.Name} went down with {module.Name} on trial", $"find out why; then, on {node.Name}: pcmk-kpatch quarantine --clear");
    }
}
