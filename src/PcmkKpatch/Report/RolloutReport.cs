using System.Text.Json;
using System.Text.Json.Serialization;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Report;

/// <summary>A phase in a report.</summary>
/// <param name="Name">The phase.</param>
/// <param name="Began">When it began, by its node's clock.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record ReportedPhase(string Name, DateTime Began, double Seconds);

/// <summary>A run in a report.</summary>
internal sealed record ReportedRun
{
    /// <summary>The run.</summary>
    public required string Id { get; init; }

    /// <summary>Its node.</summary>
    public required string Node { get; init; }

    /// <summary>How it ended: the verdict's word.</summary>
    public required string Verdict { get; init; }

    /// <summary>The same, for one that has not ended with how it is: under way, or parked.</summary>
    public required string Word { get; init; }

    /// <summary>patched, failed, put off or under way.</summary>
    public required string Outcome { get; init; }

    /// <summary>Why it ended so.</summary>
    public required string Why { get; init; }

    /// <summary>When it took the token, or else when it was begun; by its node's clock.</summary>
    public required DateTime Began { get; init; }

    /// <summary>When it ended, by the same; of one that goes on the moment of the report.</summary>
    public required DateTime Ended { get; init; }

    /// <summary>How long it took.</summary>
    public required double Seconds { get; init; }

    /// <summary>How long its node was marked as one to be drained; null where that did not come to pass, or was not noted.</summary>
    public double? AwaySeconds { get; init; }

    /// <summary>How long it waited for its turn before it began; null where its node alone knows.</summary>
    public double? WaitedSeconds { get; init; }

    /// <summary>Who had it started, or null.</summary>
    public string? StartedBy { get; init; }

    /// <summary>The patch, or null where it came to none.</summary>
    public string? Patch { get; init; }

    /// <summary>Its build id, or null.</summary>
    public string? Build { get; init; }

    /// <summary>The kernel that it is for, or null.</summary>
    public string? Kernel { get; init; }

    /// <summary>Its package, or null.</summary>
    public string? Package { get; init; }

    /// <summary>The live patches that were in force before.</summary>
    public required IReadOnlyList<string> From { get; init; }

    /// <summary>How many runs of it in a row were put off, this one the last.</summary>
    public required int Tries { get; init; }

    /// <summary>The phases.</summary>
    public required IReadOnlyList<ReportedPhase> Phases { get; init; }

    /// <summary>What the drain moved, and where.</summary>
    public required IReadOnlyList<Placed> Moved { get; init; }

    /// <summary>What was nowhere while the node was drained.</summary>
    public required IReadOnlyList<string> Stopped { get; init; }

    /// <summary>What of both was active on the node again at the end.</summary>
    public required IReadOnlyList<string> Back { get; init; }

    /// <summary>What was found of a failure: the kernel's lines, blockers' stacks.</summary>
    public required IReadOnlyList<string> Evidence { get; init; }

    /// <summary>All that is known of it is told; false where its node has more, of which only a summary is known here.</summary>
    public required bool IsWhole { get; init; }

    /// <summary>The node's whole record of it, where it alone was asked for and it is this node's.</summary>
    public Run? Record { get; init; }

    /// <summary>That run.</summary>
    public static ReportedRun Of(PastRun run) => new()
    {
        Id = run.Summary.Id,
        Node = run.Node,
        Verdict = run.Summary.Verdict,
        Word = run.Word,
        Outcome = run.IsUnderWay ? PastRollout.UnderWay : run.IsParked ? PastRollout.Failed : run.Summary.IsGood ? PastRollout.Patched : run.Summary.IsPutOff ? PastRollout.PutOff : PastRollout.Failed,
        Why = run.Summary.Why,
        Began = run.Summary.Began.UtcDateTime,
        Ended = run.Summary.Ended.UtcDateTime,
        Seconds = run.Took.TotalSeconds,
        AwaySeconds = run.Away?.TotalSeconds,
        WaitedSeconds = run.Waited?.TotalSeconds,
        StartedBy = run.Summary.By,
        Patch = run.Summary.Patch,
        Build = run.Summary.Build,
        Kernel = run.Summary.Kernel,
        Package = run.Summary.Package,
        From = run.Summary.From,
        Tries = run.Summary.Tries,
        Phases = [.. run.Phases.Select(phase => new ReportedPhase(phase.Name, (run.Summary.Began + phase.After).UtcDateTime, phase.Took.TotalSeconds))],
        Moved = run.Summary.Moved,
        Stopped = run.Summary.Stopped,
        Back = run.Summary.Back,
        Evidence = run.Summary.Evidence,
        IsWhole = run.Record is not null,
    };
}

/// <summary>A node in a report.</summary>
/// <param name="Name">The node.</param>
/// <param name="Word">How its last run in the rollout ended, or null where it had none.</param>
/// <param name="Seconds">How long all its runs took.</param>
/// <param name="AwaySeconds">How long it was marked as one to be drained in all of them; null where that is not known of any.</param>
/// <param name="Now">Of a node that had none, what is known of it now; else null.</param>
internal sealed record ReportedNode(string Name, string? Word, double Seconds, double? AwaySeconds, string? Now);

/// <summary>A patch in a report.</summary>
/// <param name="Name">Its module's name.</param>
/// <param name="Build">Its build id, or null.</param>
/// <param name="Kernel">The kernel that it is for, or null.</param>
/// <param name="Package">Its package, or null.</param>
/// <param name="From">The live patches that were in force before.</param>
/// <param name="Nodes">The nodes that it was for.</param>
/// <param name="Cves">The security flaws that it mends by its package's changelog; null where there is none to be read here.</param>
/// <param name="CvesAfter">The version in force before: only the flaws that later ones mend are told; null where all that the changelog has are.</param>
internal sealed record ReportedPatch(
    string Name, string? Build, string? Kernel, string? Package, IReadOnlyList<string> From, IReadOnlyList<string> Nodes, IReadOnlyList<string>? Cves, string? CvesAfter);

/// <summary>A rollout in a report.</summary>
internal sealed record ReportedRollout
{
    /// <summary>patched, failed, put off or under way.</summary>
    public required string Outcome { get; init; }

    /// <summary>What was rolled, and how that ended on which node.</summary>
    public required string Summary { get; init; }

    /// <summary>When the first run began.</summary>
    public required DateTime Began { get; init; }

    /// <summary>When the last run ended.</summary>
    public required DateTime Ended { get; init; }

    /// <summary>How long all of it took, with what was waited for in between.</summary>
    public required double Seconds { get; init; }

    /// <summary>Who had its runs started.</summary>
    public required IReadOnlyList<string> StartedBy { get; init; }

    /// <summary>The patches.</summary>
    public required IReadOnlyList<ReportedPatch> Patches { get; init; }

    /// <summary>The nodes: those that had a run, in the order in which they began; then the others.</summary>
    public required IReadOnlyList<ReportedNode> Nodes { get; init; }

    /// <summary>The runs, in the order in which they began.</summary>
    public required IReadOnlyList<ReportedRun> Runs { get; init; }
}

/// <summary>What "pcmk-kpatch report" tells. The form of --json: names are stable, new ones may be added.</summary>
internal sealed record RolloutReport
{
    /// <summary>What was asked for, in words.</summary>
    public required string Asked { get; init; }

    /// <summary>When it was written, by this node's clock.</summary>
    public required DateTime Written { get; init; }

    /// <summary>The node where it was written; null where that is not known.</summary>
    public string? LocalNode { get; init; }

    /// <summary>The version that wrote it.</summary>
    public required string Version { get; init; }

    /// <summary>The cluster was asked for what other nodes told; false where only this node's own runs are told.</summary>
    public required bool ClusterAsked { get; init; }

    /// <summary>What else should be known, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The rollouts, the first one first.</summary>
    public required IReadOnlyList<ReportedRollout> Rollouts { get; init; }
}

/// <summary>The report as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(RolloutReport))]
internal sealed partial class RolloutJson : JsonSerializerContext
{
    /// <summary>The report as JSON.</summary>
    public static string Write(RolloutReport report) => JsonSerializer.Serialize(report, Default.RolloutReport);
}
