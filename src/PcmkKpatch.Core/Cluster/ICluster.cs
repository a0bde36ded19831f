namespace PcmkKpatch.Core.Cluster;

/// <summary>The cluster, as a run needs it. Every call may throw <see cref="ToolFailedException"/>; every change is idempotent.</summary>
public interface ICluster
{
    /// <summary>The cluster in this moment.</summary>
    ClusterView See();

    /// <summary>What drains this node, or is to drain it, in this moment.</summary>
    DrainMarks SeeMarks();

    /// <summary>Marks this node as one to be drained in that way, for this boot. Believed only when read back.</summary>
    void SetMark(DrainMode kind);

    /// <summary>Deletes this node's mark of that kind. The caller has seen that it is ours, or that none is there.</summary>
    void ClearMark(DrainMode kind);
}
