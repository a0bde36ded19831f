using System.Text.Json;
using System.Text.Json.Serialization;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Cli;

/// <summary>One node in a plan.</summary>
internal sealed record NodePlan
{
    /// <summary>The node.</summary>
    public required string Name { get; init; }

    /// <summary>Why no run would be on it; null where one might. Then it is not planned: of all below only what it has published is told.</summary>
    public string? NotPatched { get; init; }

    /// <summary>Its running kernel, or null where it did not tell.</summary>
    public string? Kernel { get; init; }

    /// <summary>The live patches in force there, "none", or null where it did not tell.</summary>
    public string? Patch { get; init; }

    /// <summary>True where kernel and patch were read from the kernel in this moment, and the node's files were looked at; false where the node published what is said of it.</summary>
    public bool ReadNow { get; init; }

    /// <summary>What it says that it is doing, or null where it did not tell.</summary>
    public string? State { get; init; }

    /// <summary>A patch is due there; null where that is not known.</summary>
    public bool? Due { get; init; }

    /// <summary>The patch that is due, by its module's name; null where that is not known here.</summary>
    public string? DuePatch { get; init; }

    /// <summary>What would keep a run from beginning there, and is not said of all nodes.</summary>
    public IReadOnlyList<RefusalStatus> Refused { get; init; } = [];

    /// <summary>What a run there would tell and not stop for.</summary>
    public IReadOnlyList<RefusalStatus> Warnings { get; init; } = [];

    /// <summary>How it would be drained: by standby, by health, or none.</summary>
    public DrainMode DrainedBy { get; init; }

    /// <summary>What its drain would do; null where that is not known, or there would be none.</summary>
    public Forecast? Drain { get; init; }

    /// <summary>What the reboot would stop and move by which a load without a drain is rolled back (rollback=reboot); null where that is not known, or there would be none.</summary>
    public Forecast? Reboot { get; init; }

    /// <summary>What its death in the run would do, once it is fenced; null where that is not known.</summary>
    public Forecast? Death { get; init; }

    /// <summary>The resources whose stop, if it failed in the drain, would have a node fenced, and which; null where it was not asked for, or is not known.</summary>
    public IReadOnlyList<Placed>? FailedStops { get; init; }
}

/// <summary>When runs may begin, by the calendar.</summary>
/// <param name="Now">A run that takes as long as is estimated may begin now.</param>
/// <param name="Until">Until when runs may be, where they may be now; null where nothing ends that, or where they may not.</param>
/// <param name="Next">From when on one may begin, where not now; null where there is no such time in the next two years.</param>
/// <param name="Said">All of it in a sentence, in UTC and in the time of the parameters' zone.</param>
internal sealed record PlanTime(bool Now, DateTimeOffset? Until, DateTimeOffset? Next, string Said);

/// <summary>What "pcmk-kpatch plan" tells. The form of --json: names are stable, new ones may be added.</summary>
internal sealed record PlanReport
{
    /// <summary>A run could begin.</summary>
    public const string Ready = "ready";

    /// <summary>A run would be refused.</summary>
    public const string IsRefused = "refused";

    /// <summary>No patch is due.</summary>
    public const string NothingDue = "nothing due";

    /// <summary>ready, refused or nothing due.</summary>
    public required string Outcome { get; init; }

    /// <summary>The same in a sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>The node this was asked on; null where the cluster could not be asked.</summary>
    public string? LocalNode { get; init; }

    /// <summary>The agent is started here, and these are its parameters; otherwise their defaults are taken.</summary>
    public required bool AgentStarted { get; init; }

    /// <summary>The nodes that might be patched, in the order in which they go.</summary>
    public required IReadOnlyList<string> Order { get; init; }

    /// <summary>The parameter of that name says so; otherwise it is no more than likely.</summary>
    public required bool OrderIsSet { get; init; }

    /// <summary>When.</summary>
    public required PlanTime When { get; init; }

    /// <summary>How long a run may take, in seconds.</summary>
    public required long EstimatedSeconds { get; init; }

    /// <summary>That is what the last good run took on this node; otherwise it follows from the parameters.</summary>
    public required bool EstimatedByHistory { get; init; }

    /// <summary>How long runs on all nodes in the order may take, in seconds.</summary>
    public required long EstimatedSecondsOfAll { get; init; }

    /// <summary>What the loss of this node would mean for quorum; null where that is not known.</summary>
    public string? Quorum { get; init; }

    /// <summary>The failed loads of patches since a person last resumed the rollout, as they are counted.</summary>
    public required IReadOnlyList<FailureStatus> Failures { get; init; }

    /// <summary>In what the nodes differ, or of what that is not known.</summary>
    public required IReadOnlyList<DriftStatus> Drifts { get; init; }

    /// <summary>What would keep a run from beginning anywhere.</summary>
    public required IReadOnlyList<RefusalStatus> Refused { get; init; }

    /// <summary>What each run would tell and not stop for.</summary>
    public required IReadOnlyList<RefusalStatus> Warnings { get; init; }

    /// <summary>What else should be known, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The nodes, those that might be patched first.</summary>
    public required IReadOnlyList<NodePlan> Nodes { get; init; }
}

/// <summary>How a node is drained, in the parameter's words.</summary>
internal sealed class LowerCaseDrainMode() : JsonStringEnumConverter<DrainMode>(JsonNamingPolicy.SnakeCaseLower);

/// <summary>The report as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(LowerCaseDrainMode)], WriteIndented = true)]
[JsonSerializable(typeof(PlanReport))]
internal sealed partial class PlanJson : JsonSerializerContext
{
    /// <summary>The report as JSON.</summary>
    public static string Write(PlanReport report) => JsonSerializer.Serialize(report, Default.PlanReport);
}
