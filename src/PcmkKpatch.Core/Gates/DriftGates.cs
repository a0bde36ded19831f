using System.Globalization;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Gates;

/// <summary>Something that is not the same on all nodes, or of which that is not known.</summary>
/// <param name="Id">The id of the refusal that it may become.</param>
/// <param name="Why">What differs, and where: half a sentence.</param>
/// <param name="Since">Since when, at the latest: when the second of the values came into being; null where that is not known.</param>
public sealed record Drift(string Id, string Why, DateTimeOffset? Since = null)
{
    /// <inheritdoc/>
    public override string ToString() => Why + (Since is { } since ? string.Create(CultureInfo.InvariantCulture, $", since {since.UtcDateTime:yyyy-MM-dd HH:mm} UTC") : "");
}

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

    /// <summary>The node attribute in which a node publishes the versions of its cluster software, as installed when the agent was started.</summary>
    public const string VersionAttribute = "kpatch-version";

    /// <summary>The node attribute in which a node publishes since when all that is what it is: <see cref="Ages"/>.</summary>
    public const string SinceAttribute = "kpatch-since";

    /// <summary>What has differed for longer than the administrator wants, and what is not known of that.</summary>
    /// <param name="view">The cluster.</param>
    /// <param name="longest">For how long it may; zero for ever.</param>
    /// <param name="now">The calendar's time.</param>
    public static IEnumerable<Refusal> Judge(ClusterView view, TimeSpan longest, DateTimeOffset now)
    {
        if (longest == TimeSpan.Zero)
            yield break;
        foreach (var drift in Find(view))
        {
            if (drift.Id == Unknown)
                yield return new(Unknown, drift.Why, "see that the agent is started there, and of this version");
            else if (drift.Since is not { } since)
                yield return new(Unknown, $"{drift.Why}, and it is not known since when", "see that the agent of every node is of this version");
            else if (now - since > longest)
                yield return new(drift.Id, $"{drift}, for longer than max_skew={Words(longest)}", Remedy(drift.Id));
        }
    }

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
        if (Differ(telling, n => Published(n, KernelAttribute)!, Ages.OfKernel) is { } kernels)
            yield return new(Kernel, $"the kernels differ: {kernels.Words}", kernels.Since);
        foreach (var same in telling.GroupBy(n => Published(n, KernelAttribute)!, StringComparer.Ordinal))
        {
            if (Differ([.. same], n => Published(n, PatchAttribute)!, Ages.OfPatch) is { } patches)
                yield return new(Patch, $"the patches in force differ: {patches.Words}", patches.Since);
        }

        foreach (var versions in FindVersions(view, nodes))
            yield return versions;
    }

    private static IEnumerable<Drift> FindVersions(ClusterView view, List<NodeView> nodes)
    {
        // Pacemaker before 2.1 says nothing of the versions that run; later ones say it of every node that is online. What a node itself publishes is what was
        // installed there when its agent was started: that knows corosync too, and since when.
        var running = nodes.Where(n => n.FeatureSet is not null).ToList();
        var installed = nodes.Where(n => Published(n, VersionAttribute) is not null).ToList();
        if (Differ(running, n => n.FeatureSet!, Ages.OfVersion) is { } sets)
            yield return new(Version, $"the versions of Pacemaker differ: feature set {sets.Words}", sets.Since);
        else if (view.MixedVersion == true)
            yield return new(Version, "the versions of Pacemaker differ, says the DC");
        else if (Differ(installed, n => Published(n, VersionAttribute)!, Ages.OfVersion) is { } versions)
            yield return new(Version, $"the versions of the cluster's software differ: {versions.Words}", versions.Since);
        else if (running.Count > 0 && running.Count < nodes.Count)
            yield return new(Unknown, $"{Names(nodes.Except(running))} did not say what version of Pacemaker it runs");
        else if (installed.Count > 0 && installed.Count < nodes.Count)
            yield return new(Unknown, $"{Names(nodes.Except(installed))} did not say what version of the cluster's software it has");
    }

    private static string? Published(NodeView node, string attribute) => node.Attributes.GetValueOrDefault(attribute) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;

    // "X on a, b; Y on c", and since when there is more than one; null where all have the same.
    private static (string Words, DateTimeOffset? Since)? Differ(IReadOnlyList<NodeView> nodes, Func<NodeView, string> of, Func<string?, DateTimeOffset?> since)
    {
        var groups = nodes.GroupBy(of, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).ToList();
        if (groups.Count < 2)
            return null;
        // A value came into being with the first node to have it; since the second value came into being, they differ. With three of them it is the last, so that a
        // rollout over a mixture of old is not held against it before its time. Of a node that does not say since when the others of its value speak.
        var begun = groups.Select(g => g.Min(n => since(Published(n, SinceAttribute)))).ToList();
        return (string.Join("; ", groups.Select(g => $"{g.Key} on {Names(g)}")), begun.Contains(null) ? null : begun.Max());
    }

    private static string Names(IEnumerable<NodeView> nodes) => string.Join(", ", nodes.Select(n => n.Name).Order(StringComparer.Ordinal));

    private static string Words(TimeSpan time) => time.TotalSeconds % 86400 == 0 ? $"{time.TotalDays:0}d" : $"{time.TotalSeconds:0}s";

    private static string Remedy(string id) => id switch
    {
        Kernel => "bring all nodes to the same kernel",
        Patch => "see what keeps the rollout from going on: pcmk-kpatch status",
        _ => "bring all nodes to the same versions of Pacemaker and corosync",
    };
}
