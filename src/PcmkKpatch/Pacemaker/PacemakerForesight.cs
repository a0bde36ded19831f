using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Pacemaker;

/// <summary>What Pacemaker's scheduler and fencer, and corosync, say would come of it.</summary>
internal sealed class PacemakerForesight : IForesight
{
    /// <inheritdoc/>
    public FencingView Fencing(string node) => new Fencing(() => node).See();

    /// <inheritdoc/>
    public VotesView Votes() => Pacemaker.Votes.See();

    /// <inheritdoc/>
    public Forecast Drain(string node, DrainMode mode) => CrmSimulate.Drain(node, mode);

    /// <inheritdoc/>
    public Forecast Loss(string node) => CrmSimulate.Loss(node);

    /// <inheritdoc/>
    public IReadOnlyList<LeftOver> LeftOvers() => Pacemaker.LeftOvers.Ask();

    /// <inheritdoc/>
    public IReadOnlyList<FailCount> FailCounts() => Pacemaker.FailCounts.Ask();

    /// <inheritdoc/>
    public HealthRules HealthRules() => HealthConfig.Parse(CibAdmin.Query());
}
