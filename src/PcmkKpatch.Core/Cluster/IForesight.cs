namespace PcmkKpatch.Core.Cluster;

/// <summary>
/// What would come of it if a node were drained, or died. Every call may throw <see cref="ToolFailedException"/>: then it is not known.
/// </summary>
public interface IForesight
{
    /// <summary>How that node would be fenced, and what was fenced of late.</summary>
    FencingView Fencing(string node);

    /// <summary>The votes of the membership that this node is in.</summary>
    VotesView Votes();

    /// <summary>What would come of the node's drain in that way.</summary>
    Forecast Drain(string node, DrainMode mode);

    /// <summary>What would come of the node's death, once it is fenced.</summary>
    Forecast Loss(string node);

    /// <summary>The constraints that moves of old have left behind.</summary>
    IReadOnlyList<LeftOver> LeftOvers();

    /// <summary>The failures that the cluster counts.</summary>
    IReadOnlyList<FailCount> FailCounts();

    /// <summary>What the cluster does about an unhealthy node.</summary>
    HealthRules HealthRules();

    /// <summary>The resources that use lockspaces where they are active.</summary>
    IReadOnlyList<LockUser> LockUsers();

    /// <summary>How long it takes until that node is out of the cluster where it died. Does not throw.</summary>
    LossTimes LossTimes(string node);
}
