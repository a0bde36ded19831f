namespace PcmkKpatch.Core.Cluster;

/// <summary>The votes of the membership that this node is in, as corosync counts them.</summary>
public sealed record VotesView
{
    /// <summary>All votes that are there now, the quorum device's among them.</summary>
    public required int Total { get; init; }

    /// <summary>How many votes it takes to have quorum. With two_node it is 1.</summary>
    public required int Quorum { get; init; }

    /// <summary>This node's own votes.</summary>
    public required int Own { get; init; }

    /// <summary>The votes that the quorum device gives to this membership now; null where there is no such device.</summary>
    public int? Device { get; init; }

    /// <summary>two_node: of two nodes, the one that survives keeps quorum.</summary>
    public bool TwoNode { get; init; }

    /// <summary>wait_for_all: after a start there is no quorum before every node was seen once.</summary>
    public bool WaitForAll { get; init; }

    /// <summary>auto_tie_breaker: one half of the nodes may keep quorum, and corosync decides which.</summary>
    public bool AutoTieBreaker { get; init; }

    /// <summary>The votes that the others have without this node.</summary>
    public int Left => Total - Own;

    /// <summary>The numbers can be true.</summary>
    public bool IsPlausible => Quorum > 0 && Own >= 0 && (Device ?? 0) >= 0 && Own + (Device ?? 0) <= Total;
}
