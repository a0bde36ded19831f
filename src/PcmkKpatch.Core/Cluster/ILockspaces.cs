namespace PcmkKpatch.Core.Cluster;

/// <summary>The distributed locks of this node's own kernel (DLM). No cluster knows of them what this node knows.</summary>
public interface ILockspaces
{
    /// <summary>What is locked with other nodes in this moment; nothing where the kernel has no DLM.</summary>
    /// <exception cref="ToolFailedException">It is there, and cannot be read, or what it says is not understood.</exception>
    LocksView See();
}
