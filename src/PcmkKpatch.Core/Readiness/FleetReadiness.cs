using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Core.Readiness;

/// <summary>Do all nodes run the same, and does every one of them say what it runs?</summary>
public static class FleetReadiness
{
    /// <summary>The node attribute in which a node publishes the version of this product.</summary>
    public const string ProductAttribute = "kpatch-product";

    /// <summary>What is to be said of it.</summary>
    /// <param name="view">The cluster.</param>
    /// <param name="version">The version of the product on this node.</param>
    public static IEnumerable<Finding> Judge(ClusterView view, string version)
    {
        foreach (var drift in DriftGates.Find(view))
            yield return Finding.Warning(drift.Id, drift.Why, remedy: drift.Id == DriftGates.Unknown ? "see that the agent is started there" : "vendors support a mixture for a limited time only: finish the rollout, or the update");
        foreach (var node in view.Nodes.Where(n => n is { IsMember: true, Online: true, Pending: false }))
        {
            var published = node.Attributes.GetValueOrDefault(ProductAttribute, "");
            if (node.Name == view.LocalNode && published.Length > 0 && published != version)
                yield return Finding.Note("fleet.product-stale", $"{node.Name} still publishes version {published}, and {version} is installed: it was updated since the agent's last look");
            else if (published.Length == 0 && node.Name != view.LocalNode)
                yield return Finding.Warning("fleet.product-unknown", $"{node.Name} does not say which version of this product it has", remedy: $"see that the product is installed, and the agent started, on {node.Name}") with { Node = node.Name };
            else if (published.Length > 0 && published != version)
                yield return Finding.Warning("fleet.product-drift", $"{node.Name} has version {published} of this product, and {view.LocalNode} has {version}", "dnf upgrade pcmk-kpatch", "on each node that has an older one; the agent publishes it at its next look") with { Node = node.Name };
        }

        foreach (var node in view.Nodes.Where(n => !n.IsMember))
            yield return Finding.Note("node.remote", $"{node.Name} is a remote or guest node: nothing is patched there", remedy: "patch it by hand") with { Node = node.Name };
        var started = view.Resources.Where(r => r is { IsOurs: true, Active: true }).SelectMany(r => r.Nodes).ToHashSet();
        foreach (var node in view.Nodes.Where(n => n is { IsMember: true, Online: true, Pending: false } && !started.Contains(n.Name)))
            yield return Finding.Warning("node.without-agent", $"the agent is not started on {node.Name}{(node.Standby ? ", which is in standby" : "")}: no run begins there by itself", remedy: node.Standby ? $"pcs node unstandby {node.Name}, where it is meant to be patched" : "see crm_mon -r, and pcs resource status") with { Node = node.Name };
    }
}
