using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Pacemaker;

/// <summary>The holds in the CIB.</summary>
internal sealed class CibHolds : IHolds
{
    /// <inheritdoc/>
    public IReadOnlyList<Hold> Read() => [.. CibAdmin.QueryHolds().Select(Hold.Parse)];
}
