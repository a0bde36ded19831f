using System.Text.Json;
using System.Text.Json.Serialization;
using PcmkKpatch.Core.Readiness;

namespace PcmkKpatch.Cli;

/// <summary>One finding in a report.</summary>
/// <param name="Id">A stable name.</param>
/// <param name="Severity">error, warning or note.</param>
/// <param name="Node">The node on which it is to be mended; null where it is this one, or any.</param>
/// <param name="Why">What is the matter.</param>
/// <param name="Command">The exact command that mends it, for root; null where no command alone does.</param>
/// <param name="Remedy">What to do about it, or what else to know.</param>
internal sealed record FindingStatus(string Id, string Severity, string? Node, string Why, string? Command, string? Remedy)
{
    /// <summary>As it is told.</summary>
    public static FindingStatus Of(Finding finding) => new(finding.Id, finding.Severity.ToString().ToLowerInvariant(), finding.Node, finding.Why, finding.Command, finding.Remedy);
}

/// <summary>What is known of a node.</summary>
/// <param name="Name">The node.</param>
/// <param name="Member">A full member; false for remote and guest nodes.</param>
/// <param name="Online">It takes part in the cluster.</param>
/// <param name="LookedAt">Its own kernel, files and services were looked at: it is this one.</param>
/// <param name="Kernel">The kernel that it publishes, or null.</param>
/// <param name="Patch">The patches in force that it publishes, or null.</param>
/// <param name="Version">The version of this product that it publishes, or null.</param>
internal sealed record NodeCheck(string Name, bool Member, bool Online, bool LookedAt, string? Kernel, string? Patch, string? Version);

/// <summary>What "pcmk-kpatch check" tells. The form of --json: names are stable, new ones may be added.</summary>
internal sealed record CheckReport
{
    /// <summary>Nothing is wrong.</summary>
    public const string Ready = "ready";

    /// <summary>There are warnings, and no errors.</summary>
    public const string HasWarnings = "warnings";

    /// <summary>There are errors.</summary>
    public const string HasErrors = "errors";

    /// <summary>ready, warnings or errors.</summary>
    public required string Outcome { get; init; }

    /// <summary>The same in a sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>The node this was asked on; null where the cluster could not be asked.</summary>
    public string? LocalNode { get; init; }

    /// <summary>The version of this product here.</summary>
    public required string Version { get; init; }

    /// <summary>What was found, the gravest first.</summary>
    public required IReadOnlyList<FindingStatus> Findings { get; init; }

    /// <summary>Every node.</summary>
    public required IReadOnlyList<NodeCheck> Nodes { get; init; }

    /// <summary>The members whose own kernel, files and services were not looked at: to be asked there.</summary>
    public required IReadOnlyList<string> AskAlsoOn { get; init; }
}

/// <summary>The report as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(CheckReport))]
internal sealed partial class CheckJson : JsonSerializerContext
{
    /// <summary>The report as JSON.</summary>
    public static string Write(CheckReport report) => JsonSerializer.Serialize(report, Default.CheckReport);
}
