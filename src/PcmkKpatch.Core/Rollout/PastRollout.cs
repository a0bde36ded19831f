namespace PcmkKpatch.Core.Rollout;

/// <summary>A patch that a rollout was about.</summary>
/// <param name="Name">Its module's name.</param>
/// <param name="Build">Its build id, or null.</param>
/// <param name="Kernel">The kernel that it is for, or null.</param>
/// <param name="Package">Its package, or null.</param>
/// <param name="From">The live patches that were in force before, on any of its nodes.</param>
/// <param name="Nodes">The nodes that it was for.</param>
public sealed record RolledPatch(string Name, string? Build, string? Kernel, string? Package, IReadOnlyList<string> From, IReadOnlyList<string> Nodes);

/// <summary>The runs of all nodes that belong together.</summary>
/// <param name="Runs">They, in the order in which they began; there is one at least.</param>
public sealed record PastRollout(IReadOnlyList<PastRun> Runs)
{
    /// <summary>Every node that had a run in it was patched in its last one.</summary>
    public const string Patched = "patched";

    /// <summary>A node's last run in it failed.</summary>
    public const string Failed = "failed";

    /// <summary>A node's last run in it was put off, and none failed.</summary>
    public const string PutOff = "put off";

    /// <summary>A run goes on.</summary>
    public const string UnderWay = "under way";

    /// <summary>When the first run began.</summary>
    public DateTimeOffset Began => Runs.Min(run => run.Summary.Began);

    /// <summary>When the last run ended.</summary>
    public DateTimeOffset Ended => Runs.Max(run => run.Summary.Ended);

    /// <summary>How long all of it took, with what was waited for in between.</summary>
    public TimeSpan Took => Ended - Began;

    /// <summary>Each node's last run, in the order in which the nodes began.</summary>
    public IReadOnlyList<PastRun> LastOfEach => [.. Runs.GroupBy(run => run.Node, StringComparer.Ordinal).Select(runs => runs.Last())];

    /// <summary>patched, failed, put off or under way.</summary>
    public string Outcome
    {
        get
        {
            var last = LastOfEach;
            return last.Any(run => run.IsUnderWay) ? UnderWay
                : last.Any(run => run.IsParked || !(run.Summary.IsGood || run.Summary.IsPutOff)) ? Failed
                : last.Any(run => run.Summary.IsPutOff) ? PutOff
                : Patched;
        }
    }

    /// <summary>The patches that it was about, in the order in which they came.</summary>
    public IReadOnlyList<RolledPatch> Patches =>
    [
        .. Runs.Where(run => run.Summary.Patch is not null).GroupBy(run => (run.Summary.Patch, run.Summary.Build, run.Summary.Kernel)).Select(runs => new RolledPatch(
            runs.Key.Patch!, runs.Key.Build, runs.Key.Kernel, runs.Select(run => run.Summary.Package).FirstOrDefault(package => package is not null),
            [.. runs.SelectMany(run => run.Summary.From).Where(name => name != runs.Key.Patch).Distinct(StringComparer.Ordinal)],
            [.. runs.Select(run => run.Node).Distinct(StringComparer.Ordinal)])),
    ];

    /// <summary>Who had its runs started, each once.</summary>
    public IReadOnlyList<string> StartedBy => [.. Runs.Select(run => run.Summary.By).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>What was rolled, and how that ended on which node.</summary>
    public string Summary
    {
        get
        {
            var patches = Patches;
            var what = patches.Count == 0 ? "no patch was come to" : string.Join(", ", patches.Select(patch => patch.Name).Distinct(StringComparer.Ordinal));
            return $"{what}: {string.Join("; ", LastOfEach.GroupBy(run => run.Word, StringComparer.Ordinal).Select(runs => $"{runs.Key} on {string.Join(", ", runs.Select(run => run.Node))}"))}";
        }
    }

    /// <summary>All of it in one sentence.</summary>
    public string Sentence => $"{Summary}; began {TimeText.Utc(Began)}, took {TimeText.Of(Took)}";
}
