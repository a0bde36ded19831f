using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Core.Cluster;

/// <summary>The rehearsal that people want. Every call may throw <see cref="ToolFailedException"/>.</summary>
public interface IRehearsals
{
    /// <summary>The wish that the cluster has in this moment, or null where there is none.</summary>
    RehearsalWish? Read();
}
