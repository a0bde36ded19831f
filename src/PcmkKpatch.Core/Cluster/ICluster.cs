namespace PcmkKpatch.Core.Cluster;

/// <summary>The cluster, as a run needs it. Every call may throw <see cref="ToolFailedException"/>; every change is idempotent.</summary>
public interface ICluster
{
    /// <summary>The cluster in this moment.</summary>
    ClusterView See();

    /// <summary>This node's standby attributes in this moment.</summary>
    Standby SeeStandby();

    /// <summary>Puts this node into transient standby with our own value. Believed only when read back.</summary>
    void SetStandby();

    /// <summary>Deletes this node's transient standby. The caller has seen that it is ours.</summary>
    void ClearStandby();
}
