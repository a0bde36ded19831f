namespace PcmkKpatch.Tests.Simulation;

/// <summary>What a partition's CIB believes of a node.</summary>
internal enum Belief
{
    /// <summary>Left in good order, or fenced: nothing of it runs.</summary>
    Down,

    /// <summary>Lost or never seen: to be fenced before anything of it is started elsewhere.</summary>
    Unclean,

    /// <summary>Joining.</summary>
    Pending,

    Online,
}

/// <summary>Nodes that hear each other: one membership, one CIB, one DC.</summary>
internal sealed class Partition(Cib cib)
{
    /// <summary>The nodes that are really in it, whether or not that was noticed.</summary>
    public List<SimNode> Members { get; } = [];

    public Cib Cib { get; set; } = cib;

    public Dictionary<SimNode, Belief> Beliefs { get; } = [];

    /// <summary>The DC as the CIB has it: in an election still the old one, who may be in another partition by now.</summary>
    public SimNode? Dc { get; set; }

    public bool QuorumByMembership { get; set; }

    public bool QuorumByCib { get; set; }

    /// <summary>Since when its CIB has told that a node is missing; null where it tells of a whole cluster.</summary>
    public TimeSpan? NotWholeSince { get; set; }

    /// <summary>Since when its membership has told that it has no quorum.</summary>
    public TimeSpan? InquorateSince { get; set; }

    /// <summary>Since when it has had no DC of its own: what its CIB tells is as old.</summary>
    public TimeSpan? WithoutDcSince { get; set; }

    /// <summary>The membership changed, and nobody has noticed yet.</summary>
    public bool NoticePending { get; set; }

    /// <summary>Counts the changes of the membership, so that what was planned for an earlier one does not happen.</summary>
    public int Membership { get; set; }

    /// <summary>An action of the DC's graph is under way.</summary>
    public bool GraphRuns { get; set; }

    /// <summary>It was merged into another one, or all of its nodes are down.</summary>
    public bool Gone { get; set; }

    /// <summary>Resources that failed here: nothing more is tried with them.</summary>
    public List<string> Failed { get; } = [];

    public Belief BeliefOf(SimNode node) => Beliefs.GetValueOrDefault(node, Belief.Unclean);
}
