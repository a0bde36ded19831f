using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Cli;

/// <summary>Something in which the nodes differ, or of which that is not known, in a report.</summary>
/// <param name="Id">The id of the gate that complains of it where it lasts longer than max_skew.</param>
/// <param name="Why">What differs, and where.</param>
/// <param name="Since">Since when, in UTC, at the latest; null where that is not known.</param>
internal sealed record DriftStatus(string Id, string Why, DateTime? Since)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<DriftStatus> Of(ClusterView view) => [.. DriftGates.Find(view).Select(d => new DriftStatus(d.Id, d.Why, d.Since?.UtcDateTime))];

    /// <summary>It in one line.</summary>
    public override string ToString() => new Drift(Id, Why, Since is { } since ? new DateTimeOffset(since, TimeSpan.Zero) : null).ToString();
}
