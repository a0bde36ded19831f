using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Report;

/// <summary>Makes the report of what is known.</summary>
/// <param name="known">All that is known.</param>
/// <param name="changelog">The security flaws that a patch mends, asked with the file of its module where that is known; null where no changelog is to be read.</param>
/// <param name="now">This moment.</param>
internal sealed class ReportBuilder(KnownRuns known, Func<RolledPatch, string?, FixedCves?> changelog, DateTimeOffset now)
{
    /// <summary>The report of the last rollout; null where there is none.</summary>
    public RolloutReport? Last() => Report("the last rollout", RolloutHistory.Of(known.Runs).TakeLast(1), []);

    /// <summary>The report of all rollouts that ended since then; null where there is none.</summary>
    public RolloutReport? Since(DateTimeOffset since) => Report($"all rollouts since {TimeText.Utc(since)}", RolloutHistory.Of(known.Runs).Where(rollout => rollout.Ended >= since), []);

    /// <summary>The report of that run alone; null where it is not known.</summary>
    public RolloutReport? Run(string id)
    {
        var runs = RolloutHistory.Each(known.Runs).Where(run => run.Summary.Id == id).ToList();
        if (runs.Count == 0)
            return null;
        var report = Report($"the run {id}", [new PastRollout(runs)], runs.Where(run => run.Record is null).Select(run => $"the whole record of this run is on {run.Node}: type pcmk-kpatch report {id} there"));
        var rollout = report!.Rollouts[0];
        return report with
        {
            Rollouts = [rollout with { Nodes = [.. rollout.Nodes.Where(node => node.Word is not null)], Runs = [.. rollout.Runs.Zip(runs).Select(pair => pair.First with { Record = pair.Second.Record })] }],
        };
    }

    private RolloutReport? Report(string asked, IEnumerable<PastRollout> rollouts, IEnumerable<string> more)
    {
        var told = rollouts.ToList();
        if (told.Count == 0)
            return null;
        var newest = RolloutHistory.Of(known.Runs)[^1];
        var others = known.Nodes is not null && told.Exists(rollout => rollout.Runs.Any(run => run.Record is null));
        return new()
        {
            Asked = asked,
            Written = now.UtcDateTime,
            LocalNode = known.LocalNode,
            Version = ThisProgram.Version,
            ClusterAsked = known.Nodes is not null,
            Notes = [.. more, .. known.Notes, .. others ? [$"of other nodes their last {NodeHistory.MostRuns} runs are known here, in short: the whole records are on them"] : (string[])[]],
            Rollouts = [.. told.Select(rollout => Rollout(rollout, isNewest: rollout.Runs.SequenceEqual(newest.Runs)))],
        };
    }

    private ReportedRollout Rollout(PastRollout rollout, bool isNewest) => new()
    {
        Outcome = rollout.Outcome,
        Summary = rollout.Summary,
        Began = rollout.Began.UtcDateTime,
        Ended = rollout.Ended.UtcDateTime,
        Seconds = rollout.Took.TotalSeconds,
        StartedBy = rollout.StartedBy,
        Patches = [.. rollout.Patches.Select(patch => Patch(rollout, patch))],
        Nodes = [.. rollout.LastOfEach.Select(last => Node(rollout, last)), .. isNewest ? Others(rollout) : []],
        Runs = [.. rollout.Runs.Select(ReportedRun.Of)],
    };

    private ReportedPatch Patch(PastRollout rollout, RolledPatch patch)
    {
        var file = rollout.Runs.Select(run => run.Record?.Patch).FirstOrDefault(module => module is not null && module.BuildId == patch.Build)?.Path;
        var cves = changelog(patch, file);
        return new(patch.Name, patch.Build, patch.Kernel, patch.Package, patch.From, patch.Nodes, cves?.Ids, cves?.After);
    }

    private static ReportedNode Node(PastRollout rollout, PastRun last)
    {
        var runs = rollout.Runs.Where(run => run.Node == last.Node).ToList();
        var away = runs.Select(run => run.Away).OfType<TimeSpan>().ToList();
        return new(last.Node, last.Word, runs.Sum(run => run.Took.TotalSeconds), away.Count == 0 ? null : away.Sum(time => time.TotalSeconds), null);
    }

    // What a node says of itself is how it is now, which tells something of the newest rollout only.
    private IEnumerable<ReportedNode> Others(PastRollout rollout) =>
        (known.Nodes ?? []).Where(node => !rollout.Runs.Any(run => run.Node == node.Name)).Select(node => new ReportedNode(node.Name, null, 0, null,
            node.WhyNotPatched is { } why ? $"not patched: {why}" : !node.Online ? "offline" : node.Attributes.GetValueOrDefault(NodeAttributes.State) ?? "it does not say what it does"));
}
