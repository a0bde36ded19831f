using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Core.Gates;

/// <summary>What other nodes say against this patch.</summary>
public static class FleetGates
{
    /// <summary>The node attribute in which a node publishes the build ids that it has quarantined, with commas between them.</summary>
    public const string QuarantineAttribute = "kpatch-quarantine";

    /// <summary>A node that went down with the patch speaks against it on every node.</summary>
    public static IEnumerable<Refusal> Judge(PatchModule module, ClusterView view, Policy policy)
    {
        if (policy.QuarantineScope == QuarantineScope.Node)
            yield break;
        foreach (var node in view.Nodes.Where(n => n.Name != view.LocalNode && n.Attributes.GetValueOrDefault(QuarantineAttribute, "").Split(',').Any(module.IsBuild)))
            yield return new("patch.quarantined-elsewhere", $"{node.Name} went down with {module.Name} on trial", $"find out why; then, on {node.Name}: pcmk-kpatch quarantine --clear");
    }
}
