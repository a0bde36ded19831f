namespace PcmkKpatch.Core.Rollout;

/// <summary>
/// Which of the runs that are known belong to one rollout. No node wrote that down: each has only its own runs, and nodes with other kernels have other builds
/// of the same patch.
/// </summary>
public static class RolloutHistory
{
    /// <summary>So long after a rollout's last run a node that had none in it may still begin with it.</summary>
    public static readonly TimeSpan LongestBreak = TimeSpan.FromHours(24);

    /// <summary>
    /// The rollouts, the first one first. In the order of their begins, a run belongs to the rollout before it where its very build was in that already, or where its node
    /// had no other build in that and it began within a day of that one's last end. Else a new one begins with it.
    /// </summary>
    public static IReadOnlyList<PastRollout> Of(IEnumerable<PastRun> runs)
    {
        var rollouts = new List<List<PastRun>>();
        foreach (var run in Each(runs))
        {
            if (rollouts is not [.., var last] || !Belongs(run, last))
                rollouts.Add([]);
            rollouts[^1].Add(run);
        }

        return [.. rollouts.Select(rollout => new PastRollout(rollout))];
    }

    /// <summary>Each run once, in the order of their begins: the whole record before the short one. Of those of a build that were put off one after the other the last one, which counts them.</summary>
    public static IReadOnlyList<PastRun> Each(IEnumerable<PastRun> runs)
    {
        var sorted = runs.GroupBy(run => (run.Node, run.Summary.Id)).Select(same => same.OrderBy(run => run.Record is null ? 2 : run.IsOpen ? 1 : 0).First())
            .OrderBy(run => run.Summary.Began).ThenBy(run => run.Node, StringComparer.Ordinal).ThenBy(run => run.Summary.Id, StringComparer.Ordinal).ToList();
        var goOn = sorted.GroupBy(run => run.Node, StringComparer.Ordinal).SelectMany(ofNode => ofNode.Zip(ofNode.Skip(1)))
            .Where(pair => pair.First.Summary.IsPutOff && pair.Second.Summary.IsPutOff && pair.First.Summary.Build == pair.Second.Summary.Build).Select(pair => pair.First).ToHashSet(ReferenceEqualityComparer.Instance);
        return [.. sorted.Where(run => !goOn.Contains(run))];
    }

    private static bool Belongs(PastRun run, List<PastRun> rollout) =>
        (run.Summary.Build is not null && rollout.Exists(other => other.Summary.Build == run.Summary.Build))
        || (!rollout.Exists(other => other.Node == run.Node && IsAnother(other.Summary.Build, run.Summary.Build)) && run.Summary.Began - rollout.Max(other => other.Summary.Ended) <= LongestBreak);

    // A run that came to no patch was about none.
    private static bool IsAnother(string? one, string? other) => one is not null && other is not null && one != other;
}
