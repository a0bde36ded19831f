using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// Foresight for all nodes of one moment: what is the same for several of them is asked once. What failed once is not tried again, so that a tool that hangs
/// is waited for once, not for every node.
/// </summary>
internal sealed class Snapshot : IForesight, IDisposable
{
    private readonly Lazy<CrmMon> _mon = new(CrmMon.Ask);
    private readonly Lazy<WholeCib> _cib = new(CibAdmin.Query);
    private readonly Lazy<IReadOnlyList<string>> _registered = new(StonithAdmin.Registered);
    private readonly Lazy<VotesView> _votes = new(Pacemaker.Votes.See);
    private readonly Lazy<FenceConfig> _fenceConfig;
    private readonly Lazy<IReadOnlyList<LeftOver>> _leftOvers;
    private readonly Lazy<IReadOnlyList<FailCount>> _failCounts = new(Pacemaker.FailCounts.Ask);
    private readonly Lazy<Simulation> _simulation;

    /// <summary>Nothing is asked yet.</summary>
    public Snapshot()
    {
        _fenceConfig = new(() => FenceConfig.Parse(Cib()));
        _leftOvers = new(() => Pacemaker.LeftOvers.Read(Cib()));
        _simulation = new(() => new Simulation(() => _cib.Value));
    }

    /// <summary>What crm_mon says.</summary>
    public CrmMon Mon() => _mon.Value;

    /// <summary>The CIB, but for what happened in it.</summary>
    public TextReader Cib() => _cib.Value.WithoutHistories();

    /// <inheritdoc/>
    public FencingView Fencing(string node) => new Fencing(() => node, Mon, () => _registered.Value, () => _fenceConfig.Value).See();

    /// <inheritdoc/>
    public VotesView Votes() => _votes.Value;

    /// <inheritdoc/>
    public Forecast Drain(string node, DrainMode mode) => _simulation.Value.Drain(node, mode);

    /// <inheritdoc/>
    public Forecast Loss(string node) => _simulation.Value.Loss(node);

    /// <summary>The resources whose stop on the node, if it failed in the drain, would have a node fenced; and which. A process for each resource that stops there.</summary>
    public IReadOnlyList<Placed> FailedStop(string node, DrainMode mode) => _simulation.Value.FailedStop(node, mode);

    /// <inheritdoc/>
    public IReadOnlyList<LeftOver> LeftOvers() => _leftOvers.Value;

    /// <inheritdoc/>
    public IReadOnlyList<FailCount> FailCounts() => _failCounts.Value;

    /// <inheritdoc/>
    public HealthRules HealthRules() => HealthConfig.Parse(Cib());

    /// <inheritdoc/>
    public IReadOnlyList<LockUser> LockUsers() => Pacemaker.LockUsers.Read(Cib());

    /// <inheritdoc/>
    public LossTimes LossTimes(string node) => new() { Noticed = Looked.At(CorosyncTimes.Noticed), Fenced = FenceConfig.LongestFence(() => _fenceConfig.Value, node) };

    /// <summary>The copies of the CIB go.</summary>
    public void Dispose()
    {
        if (_simulation.IsValueCreated)
            _simulation.Value.Dispose();
    }
}
