using System.Text.Json;
using System.Text.Json.Serialization;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Livepatch;

namespace PcmkKpatch.Host;

/// <summary>The records that are kept as JSON, known at compile time because native code has no reflection to look them up.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, WriteIndented = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Run))]
[JsonSerializable(typeof(IReadOnlyList<Run>))]
[JsonSerializable(typeof(Attempt))]
[JsonSerializable(typeof(PackageLook))]
internal sealed partial class Records : JsonSerializerContext
{
    // A newer version may have noted what decides how the run goes on. To pass it over would be to guess.
    private static Records Strict => field ??= new(new JsonSerializerOptions(Default.Options) { TypeInfoResolver = null, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow });

    /// <summary>The run as text.</summary>
    public static string Text(Run run) => JsonSerializer.Serialize(run, Default.Run) + "\n";

    /// <summary>Reads a run. A form that this version does not know is refused, never guessed, and so is one with anything in it that this version does not know.</summary>
    /// <exception cref="JsonException">It is not one.</exception>
    public static Run ReadRun(ReadOnlySpan<byte> json)
    {
        var run = JsonSerializer.Deserialize(json, Strict.Run) ?? throw new JsonException("it is empty");
        return run.Format == Core.Rollout.Run.KnownFormat ? run : throw new JsonException($"its format {run.Format} is not known to this version");
    }
}
