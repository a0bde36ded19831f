using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Core.Cluster;

/// <summary>The holds that people have laid on nodes. Every call may throw <see cref="ToolFailedException"/>.</summary>
public interface IHolds
{
    /// <summary>All holds that the cluster has, those that are over among them.</summary>
    IReadOnlyList<Hold> Read();
}
