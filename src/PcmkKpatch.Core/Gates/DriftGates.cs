using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Gates;

/// <summary>Something that is not the same on all nodes, or of which that is not known.</summary>
/// <param name="Id">The id of the refusal that it may become.</param>
/// <param name="Why">What differs, and where: half a sentence.</param>
public sealed record Drift(string Id, string Why);

/// <summary>
/// Do all nodes run the same? Vendors support a mixture for a limited time only. While a rollout goes on there is one, so it is its age that speaks
/// against beginning, not that it is there.
/// </summary>
public static class DriftGates
{
    /// <summary>The kernels differ.</summary>
    public const string Kernel = "fleet.kernel-drift";

    /// <summary>The patches in force differ between nodes of one kernel.</summary>
    public const string Patch = "fleet.patch-drift";

    /// <summary>The versions of the cluster's software differ.</summary>
    public const string Version = "fleet.version-drift";

    /// <summary>It is not known whether something differs, or since when.</summary>
    public const string Unknown = "fleet.unknown";

    /// <summary>The node attribute in which a node publishes its running kernel's release.</summary>
    public const string KernelAttribute = "kpatch-kernel";

    /// <summary>The node attribute in which a node publishes its live patches in force, or "none".</summary>
    public const string PatchAttribute = "kpatch-patch";

    /// <summary>
    /// What differs between the members that are online. What the others have published is all that is known of them: a node in standby, where no agent
    /// runs, has not published anything.
    /// </summary>
    public static IEnumerable<Drift> Find(ClusterView view)
    {
        var nodes = view.Nodes.Where(n => n is { IsMember: true, Online: true, Pending: false }).ToList();
        var silent = nodes.Where(n => Published(n, KernelAttribute) is null || Published(n, PatchAttribute) is null).Select(n => n.Name).ToList();
        if (silent.Count > 0)
            yield return new(Unknown, $"{string.Join(", ", silent)} did not say what kernel and patch it runs");
        var telling = nodes.Where(n => !silent.Contains(n.Name)).ToList();
        if (Differ(telling, n => Published(n, KernelAttribute)!) is { } kernels)
            yield return new(Kernel, $"the kernels differ: {kernels}");
        foreach (var same in telling.GroupBy(n => Published(n, KernelAttribute)!, StringComparer.Ordinal))
        {
            if (Differ([.. same], n => Published(n, PatchAttribute)!) is { } patches)
                yield return new(Patch, $"the patches in force differ: {patches}");
        }

        // Pacemaker before 2.1 says nothing of the versions; later ones say it of every node that is online.
        var versions = nodes.Where(n => n.FeatureSet is not null).ToList();
        if (Differ(versions, n => n.FeatureSet!) is { } sets)
            yield return new(Version, $"the versions of Pacemaker differ: feature set {sets}");
        else if (view.MixedVersion == true)
            yield return new(Version, "the versions of Pacemaker differ, says the DC");
        else if (versions.Count > 0 && versions.Count < nodes.Count)
            yield return new(Unknown, $"{string.Join(", ", nodes.Except(versions).Select(n => n.Name))} did not say what version of Pacemaker it runs");
    }

    private static string? Published(NodeView node, string attribute) => node.Attributes.GetValueOrDefault(attribute) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;

    // "X on a, b; Y on c", or null where all have the same.
    private static string? Differ(IReadOnlyList<NodeView> nodes, Func<NodeView, string> of)
    {
        var groups = nodes.GroupBy(of, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).ToList();
        return groups.Count < 2 ? null : string.Join("; ", groups.Select(g => $"{g.Key} on {string.Join(", ", g.Select(n => n.Name).Order(StringComparer.Ordinal))}"));
    }
}
