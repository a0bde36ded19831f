namespace PcmkKpatch.Core.Cluster;

/// <summary>How a node is drained for its run.</summary>
public enum DrainMode
{
    /// <summary>By a transient standby of ours: nothing stays active there.</summary>
    Standby,

    /// <summary>Not at all: every resource stays where it is.</summary>
    None,

    /// <summary>By a health attribute of ours: what may be on unhealthy nodes stays, our own agent among it.</summary>
    Health,
}
