namespace PcmkKpatch.Core.Cluster;

/// <summary>How an attempt to fence a node ended.</summary>
public enum FenceResult
{
    /// <summary>It has not ended.</summary>
    Pending,

    /// <summary>The node was fenced.</summary>
    Succeeded,

    /// <summary>The node was not fenced.</summary>
    Failed,
}

/// <summary>One attempt to fence a node, as the cluster's fencers remember it.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="Target">The node that was to be fenced.</param>
/// <param name="Action">reboot, off, or on for unfencing, which lets a node in.</param>
/// <param name="Completed">When it ended, by the clock of the node that asked for it; null while it is pending.</param>
/// <param name="Delegate">The node that did it; null where none did yet.</param>
/// <param name="Reason">Why it failed, where the release says so.</param>
public sealed record FenceEvent(FenceResult Result, string Target, string Action, DateTimeOffset? Completed, string? Delegate = null, string? Reason = null)
{
    /// <summary>It takes a node away, which unfencing does not.</summary>
    public bool TakesAway => Action != "on";
}

/// <summary>A fence device of the cluster.</summary>
/// <param name="Id">The id of its resource.</param>
/// <param name="CanFence">It can fence this node; null where nobody here can say so.</param>
/// <param name="Works">It is started somewhere, and no operation of it is failed there.</param>
public sealed record FenceDevice(string Id, bool? CanFence, bool Works);

/// <summary>Whether this node would be fenced if it had to be, and what was fenced of late.</summary>
public sealed record FencingView
{
    /// <summary>The node that this is about: this one.</summary>
    public required string Node { get; init; }

    /// <summary>Nodes are fenced in this cluster; null where that is not known.</summary>
    public required bool? Enabled { get; init; }

    /// <summary>The cluster's fence devices; null where they are not known.</summary>
    public required IReadOnlyList<FenceDevice>? Devices { get; init; }

    /// <summary>A node that lost the cluster is taken down by its own watchdog (sbd), without any device; null where that is not known.</summary>
    public required bool? Watchdog { get; init; }

    /// <summary>What the fencers remember of every node, the newest first; null where that is not known.</summary>
    public required IReadOnlyList<FenceEvent>? History { get; init; }

    /// <summary>What could not be read, a sentence each.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>The last attempt to take this node away that has ended, or null.</summary>
    public FenceEvent? Last =>
        History?.Where(e => e.Result != FenceResult.Pending && e.TakesAway && string.Equals(e.Target, Node, StringComparison.OrdinalIgnoreCase)).MaxBy(e => e.Completed);
}
