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
    // A newer version may have noted what decides how a run goes on, or whether a patch may be loaded. To pass it over would be to guess.
    private static Records Strict => field ??= new(new JsonSerializerOptions(Default.Options) { TypeInfoResolver = null, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow });

    /// <summary>Reads a run. A form that this version does not know is refused, never guessed, and so is one with anything in it that this version does not know.</summary>
    /// <exception cref="JsonException">It is not one.</exception>
    public static Run ReadRun(ReadOnlySpan<byte> json) => Known(JsonSerializer.Deserialize(json, Strict.Run));

    /// <summary>Reads several runs, by the same rule: all of them, or none.</summary>
    /// <exception cref="JsonException">One of them is not one.</exception>
    public static IReadOnlyList<Run> ReadRuns(ReadOnlySpan<byte> json) => [.. (JsonSerializer.Deserialize(json, Strict.IReadOnlyListRun) ?? throw new JsonException("it is empty")).Select(Known)];

    /// <summary>Reads the mark of a patch on trial, by the same rule.</summary>
    /// <exception cref="JsonException">It is not one.</exception>
    public static Attempt ReadAttempt(ReadOnlySpan<byte> json)
    {
        var attempt = JsonSerializer.Deserialize(json, Strict.Attempt) ?? throw new JsonException("it is empty");
        return attempt.Format == Core.Kernel.Attempt.KnownFormat ? attempt : throw Unknown(attempt.Format);
    }

    /// <summary>Reads what dnf last said, by the same rule.</summary>
    /// <exception cref="JsonException">It is not that.</exception>
    public static PackageLook? ReadPackageLook(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Strict.PackageLook);

    private static Run Known(Run? run) =>
        run is null ? throw new JsonException("it is empty") : run.Format == Core.Rollout.Run.KnownFormat ? run : throw Unknown(run.Format);

    private static JsonException Unknown(int format) => new($"its format {format} is not known to this version");
}
