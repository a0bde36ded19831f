namespace PcmkKpatch.Core.Cluster;

/// <summary>What the cluster is configured to do about an unhealthy node: what <see cref="DrainMode.Health"/> is built on.</summary>
public sealed record HealthRules
{
    // From this one on, Pacemaker 2.1.3, resources can be allowed on unhealthy nodes.
    private static readonly Version s_first = new(3, 15);

    /// <summary>The feature set of the DC, which is the oldest of the cluster's nodes; null where the CIB does not say.</summary>
    public required string? FeatureSet { get; init; }

    /// <summary>The property node-health-strategy, "none" where it is not set; null where it cannot be told.</summary>
    public required string? Strategy { get; init; }

    /// <summary>The ids of the resources, clones, groups and bundles that may be active on unhealthy nodes.</summary>
    public required IReadOnlyCollection<string> Staying { get; init; }

    /// <summary>The ids of those of which that cannot be told.</summary>
    public IReadOnlyCollection<string> Unsure { get; init; } = [];

    /// <summary>The cluster knows resources that may be on unhealthy nodes; null where that cannot be told.</summary>
    public bool? KnowsStaying => Version.TryParse(FeatureSet, out var version) ? version >= s_first : null;

    /// <summary>An unhealthy node is drained of all that may not be there. A score, as "progressive" and "custom" have, may be outweighed.</summary>
    public bool Drains => Strategy is not null
        && (Strategy.Equals("migrate-on-red", StringComparison.OrdinalIgnoreCase) || Strategy.Equals("only-green", StringComparison.OrdinalIgnoreCase));
}
