using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>What Pacemaker's scheduler and fencer, and corosync, say would come of it.</summary>
internal sealed class PacemakerForesight : IForesight
{
    private (WholeCib Cib, Simulation Plans)? _drain;

    /// <inheritdoc/>
    public FencingView Fencing(string node) => new Fencing(() => node).See();

    /// <inheritdoc/>
    public VotesView Votes() => Pacemaker.Votes.See();

    /// <inheritdoc/>
    public Forecast Drain(string node, DrainMode mode)
    {
        _drain = null;
        var cib = CibAdmin.Query();
        using var simulation = new Simulation(() => cib);
        var forecast = simulation.Drain(node, mode);
        _drain = (cib, simulation);
        return forecast;
    }

    /// <inheritdoc/>
    public Forecast Loss(string node)
    {
        // A gate asks about the drain and then about the loss. What was planned for the first is good for the second where the CIB is the same to the
        // byte, and for no longer: rules look at the clock.
        var cib = CibAdmin.Query();
        var known = _drain is { } drain && drain.Cib.Text.Span.SequenceEqual(cib.Text.Span) ? drain.Plans : null;
        _drain = null;
        using var simulation = new Simulation(() => cib, known);
        return simulation.Loss(node);
    }

    /// <inheritdoc/>
    public IReadOnlyList<LeftOver> LeftOvers() => Pacemaker.LeftOvers.Ask();

    /// <inheritdoc/>
    public IReadOnlyList<FailCount> FailCounts() => Pacemaker.FailCounts.Ask();

    /// <inheritdoc/>
    public HealthRules HealthRules() => HealthConfig.Parse(CibAdmin.Query().WithoutHistories());

    /// <inheritdoc/>
    public IReadOnlyList<LockUser> LockUsers() => Pacemaker.LockUsers.Read(CibAdmin.Query().WithoutHistories());

    /// <inheritdoc/>
    public LossTimes LossTimes(string node) => new() { Noticed = Looked.At(CorosyncTimes.Noticed), Fenced = FenceConfig.LongestFence(FenceConfig.Ask, node) };
}
