using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Rollout;

/// <summary>What a drain did to the cluster's resources, and what of that was undone when the node was home.</summary>
public sealed record MoveNotes
{
    /// <summary>How long it took from the standby to the drained node; null where nothing is drained, or the run did not come to that.</summary>
    public TimeSpan? Drain { get; init; }

    /// <summary>What was active here before, and on another node when this one was drained.</summary>
    public IReadOnlyList<Placed> Moved { get; init; } = [];

    /// <summary>What was active here before, and nowhere when this node was drained.</summary>
    public IReadOnlyList<string> Stopped { get; init; } = [];

    /// <summary>How long it took from the end of the standby until everything was active again; null where it did not come to that.</summary>
    public TimeSpan? Home { get; init; }

    /// <summary>What of that which had moved or stopped was active here again then.</summary>
    public IReadOnlyList<string> Back { get; init; } = [];

    /// <summary>What became of what was active on the run's node before, now that it is drained, or never to be.</summary>
    public static MoveNotes WhenDrained(Run run, ClusterView view, Moment now)
    {
        var left = run.Before.Where(before => before.Value.Nodes?.Contains(run.Node) == true).OrderBy(before => before.Key, StringComparer.Ordinal).ToList();
        IEnumerable<string> Now(string id) => view.Resources.Where(resource => resource.Id == id && resource.Active).SelectMany(resource => resource.Nodes);
        return new()
        {
            Drain = run.Drain == DrainMode.None ? null : now.Uptime - run.PhaseSince,
            Moved = [.. left.SelectMany(before => Now(before.Key).Except(before.Value.Nodes!).Select(node => new Placed(before.Key, node)))],
            Stopped = [.. left.Where(before => !Now(before.Key).Any()).Select(before => before.Key)],
        };
    }

    /// <summary>The run whose node is home with everything active again: notes, once, how long that took and what came back.</summary>
    public static Run WhenHome(Run run, ClusterView view, Moment now)
    {
        var notes = run.Moves ?? new();
        return notes.Home is not null ? run : run with
        {
            Moves = notes with
            {
                Home = now.Uptime - run.PhaseSince,
                Back = [.. notes.Moved.Select(move => move.Resource).Concat(notes.Stopped).Distinct().Intersect(view.ActiveOn(run.Node))],
            },
        };
    }
}
