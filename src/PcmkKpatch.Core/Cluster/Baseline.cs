namespace PcmkKpatch.Core.Cluster;

/// <summary>How much of one resource was active before the node was drained, over the whole cluster.</summary>
/// <param name="Active">Active instances.</param>
/// <param name="Promoted">Instances in the promoted role.</param>
/// <param name="Healthy">No instance was failed or blocked.</param>
/// <param name="Nodes">Where the active instances were; null in the journal of an earlier version.</param>
public sealed record ResourceLevel(int Active, int Promoted, bool Healthy, IReadOnlyList<string>? Nodes = null);

/// <summary>
/// What was active in the cluster before the drain. After the node came home the same must be active again, wherever it runs:
/// a resource that stays where it moved to is home too.
/// </summary>
public static class Baseline
{
    /// <summary>The level of every resource in this view.</summary>
    public static IReadOnlyDictionary<string, ResourceLevel> Of(ClusterView view) =>
        view.Resources.GroupBy(r => r.Id).ToDictionary(
            g => g.Key,
            g => new ResourceLevel(g.Count(r => r.Active), g.Count(r => r.Promoted), !g.Any(r => r.Failed || r.Blocked), [.. g.SelectMany(r => r.Nodes)]));

    /// <summary>
    /// What is missing against the baseline, a sentence each. A resource that was deleted, disabled or unmanaged since then is the
    /// administrator's doing and is not missing; nor is the instance of a clone on another node that is in standby or maintenance now.
    /// </summary>
    public static IReadOnlyList<string> Missing(IReadOnlyDictionary<string, ResourceLevel> before, ClusterView view)
    {
        var now = Of(view);
        var taken = view.Resources.Where(r => r.Disabled || !r.Managed).Select(r => r.Id).ToHashSet();
        var away = view.Nodes.Where(n => n.Name != view.LocalNode && n.Online && (n.Standby || n.Maintenance)).Select(n => n.Name).ToHashSet();
        var missing = new List<string>();
        foreach (var (id, was) in before.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (taken.Contains(id) || !now.TryGetValue(id, out var level))
                continue;
            if (level.Active + (was.Nodes?.Count(away.Contains) ?? 0) < was.Active)
                missing.Add($"{id} is active {level.Active} of {was.Active} times");
            else if (level.Promoted < Math.Min(was.Promoted, level.Active))
                missing.Add($"{id} is promoted {level.Promoted} of {was.Promoted} times");
            else if (was.Healthy && !level.Healthy)
                missing.Add($"{id} is failed or blocked");
        }

        return missing;
    }
}
