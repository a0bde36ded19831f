using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Core.Rollout;

/// <summary>How a rehearsal came to its end, or that it goes on.</summary>
public enum RehearsalEnd
{
    /// <summary>It goes on.</summary>
    None,

    /// <summary>Every node that is still there went through it.</summary>
    Done,

    /// <summary>A run failed, so that no other node begins until a person has looked.</summary>
    Halted,

    /// <summary>Somebody took the wish away, and no node is in it any more.</summary>
    CalledOff,

    /// <summary>It was wished too long ago for any other node to go through it, and no node is in it any more.</summary>
    Stale,
}

/// <summary>A rehearsal as who follows it sees it. What a node told once is remembered: it may be down, or in standby, when another one ends.</summary>
/// <param name="wish">The wish that is followed.</param>
public sealed class RehearsalProgress(RehearsalWish wish)
{
    private readonly Dictionary<string, RehearsalOutcome> _outcomes = [];

    /// <summary>How it ended on that node, or null.</summary>
    public RehearsalOutcome? OutcomeOn(string node) => _outcomes.GetValueOrDefault(node);

    /// <summary>Looks once.</summary>
    /// <param name="wishNow">What is wished in this moment.</param>
    /// <param name="token">The token in this moment.</param>
    /// <param name="view">The cluster in this moment.</param>
    /// <param name="now">This moment, by the calendar.</param>
    public RehearsalEnd Look(RehearsalWish? wishNow, Token? token, ClusterView view, DateTimeOffset now)
    {
        foreach (var node in wish.Nodes)
        {
            if (view.Node(node) is { } there && RehearsalGates.OutcomeOf(there) is { } outcome && outcome.Id == wish.Id)
                _outcomes[node] = outcome;
        }

        return wish.Nodes.All(node => _outcomes.ContainsKey(node) || view.Node(node) is null) ? RehearsalEnd.Done
            : token is { State: TokenState.Halted or TokenState.Parked } ? RehearsalEnd.Halted
            : token is { IsRehearsal: true } ? RehearsalEnd.None
            : wishNow?.Id != wish.Id ? RehearsalEnd.CalledOff
            : wish.IsStale(now) ? RehearsalEnd.Stale
            : RehearsalEnd.None;
    }
}
