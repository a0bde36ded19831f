using System.Text.Json;
using System.Text.Json.Serialization;

namespace PcmkKpatch.Cli;

/// <summary>What speaks against loading a module.</summary>
/// <param name="Id">A stable name.</param>
/// <param name="Why">What is the matter.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record RefusalStatus(string Id, string Why, string Remedy);

/// <summary>What "pcmk-kpatch inspect" tells. The form of --json: names are stable, new ones may be added.</summary>
internal sealed record InspectReport
{
    /// <summary>The file.</summary>
    public required string File { get; init; }

    /// <summary>It is let through by everything that this node looks at before a load.</summary>
    public required bool WouldBeLoaded { get; init; }

    /// <summary>What speaks against it.</summary>
    public required IReadOnlyList<RefusalStatus> Refused { get; init; }

    /// <summary>in force, not loaded, in its patch transition, being taken back, without effect, another build, older, or unknown.</summary>
    public required string Here { get; init; }

    /// <summary>The patch of this family that is in force instead, and is newer.</summary>
    public string? Newer { get; init; }

    /// <summary>The module's name; null where it is no whole module, as are all below.</summary>
    public string? Name { get; init; }

    /// <summary>What it says of itself.</summary>
    public string? Description { get; init; }

    /// <summary>The kernel it is for.</summary>
    public string? Kernel { get; init; }

    /// <summary>The kernel that runs here.</summary>
    public string? RunningKernel { get; init; }

    /// <summary>It is a live patch.</summary>
    public bool? LivePatch { get; init; }

    /// <summary>Its build id.</summary>
    public string? BuildId { get; init; }

    /// <summary>Who signed it, by the signature's own words; null where it is not signed.</summary>
    public string? Signer { get; init; }

    /// <summary>The number of the signer's certificate, or the id of its key.</summary>
    public string? SignerKey { get; init; }

    /// <summary>The modules that must be loaded before it.</summary>
    public IReadOnlyList<string>? Depends { get; init; }

    /// <summary>Those of them that are not loaded here. Neither kpatch nor insmod loads them.</summary>
    public IReadOnlyList<string>? DependsMissing { get; init; }

    /// <summary>This node went down with it on trial. Null where it is not known: only root may see.</summary>
    public bool? Quarantined { get; init; }
}

/// <summary>The report as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(InspectReport))]
internal sealed partial class InspectJson : JsonSerializerContext
{
    /// <summary>The report as JSON.</summary>
    public static string Write(InspectReport report) => JsonSerializer.Serialize(report, Default.InspectReport);
}
