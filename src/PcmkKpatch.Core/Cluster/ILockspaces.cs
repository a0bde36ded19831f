namespace PcmkKpatch.Core.Cluster;

/// <summary>The distributed locks of this node's own kernel (DLM). No cluster knows of them what this node knows.</summary>
public interface ILockspaces
{
    /// <summary>What is locked with other nodes in this moment; nothing where the kernel has no DLM.</summary>
    /// <exception cref="ToolFailedException">It is there, and cannot be read, or what it says is not understood.</exception>
    LocksView See();

    /// <summary>
    /// Writes a small file there, syncs it and removes it. It may take a minute, and does not throw. Where the file system stands still, what was begun goes on by itself; nothing waits for it.
    /// </summary>
    /// <param name="mount">Where.</param>
    /// <param name="node">This node's name in the cluster: every node has a file of its own.</param>
    /// <returns>Null where that worked; what went wrong otherwise.</returns>
    string? Write(SharedMount mount, string node);
}
