using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;
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

    private static JsonObject Begun => field ??= MakeBegun();

    private static JsonObject Defaults => field ??= JsonSerializer.SerializeToNode(Parameters.Defaults, Default.Policy)!.AsObject();

    /// <summary>The run as text.</summary>
    public static string Text(Run run) => JsonSerializer.Serialize(run, Default.Run) + "\n";

    /// <summary>Reads a run. A form that this version does not know is refused, never guessed, and so is one with anything in it that this version does not know.</summary>
    /// <exception cref="JsonException">It is not one.</exception>
    public static Run ReadRun(ReadOnlySpan<byte> json) => Read(Node(json));

    /// <summary>Reads several runs, by the same rule: all of them, or none.</summary>
    /// <exception cref="JsonException">One of them is not one.</exception>
    public static IReadOnlyList<Run> ReadRuns(ReadOnlySpan<byte> json) => Node(json) is JsonArray runs ? [.. runs.Select(Read)] : throw new JsonException("it is no list");

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

    private static Run Read(JsonNode? node)
    {
        Complete(node, Begun);
        Complete((node as JsonObject)?["policy"], Defaults);
        var run = node.Deserialize(Strict.Run) ?? throw new JsonException("it is empty");
        return run.Format == Core.Rollout.Run.KnownFormat ? run : throw Unknown(run.Format);
    }

    private static JsonNode? Node(ReadOnlySpan<byte> json) => JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });

    // The generated reader gives a member that is not there nothing, and not what it is by itself. So what an earlier version did not know is put in as a run has it that begins now.
    private static void Complete(JsonNode? node, JsonObject begun)
    {
        if (node is not JsonObject members)
            return;
        foreach (var (name, value) in begun)
        {
            if (!members.ContainsKey(name))
                members[name] = value?.DeepClone();
        }
    }

    // Without what every version has written: where that is missing it is no run.
    private static JsonObject MakeBegun()
    {
        var begun = JsonSerializer.SerializeToNode(new Run { Id = "", Node = "", Boot = "", Started = default, Phase = default, PhaseSince = default, Policy = Parameters.Defaults }, Default.Run)!.AsObject();
        foreach (var property in Default.Run.Properties.Where(p => p.IsRequired))
            begun.Remove(property.Name);
        return begun;
    }

    private static JsonException Unknown(int format) => new($"its format {format} is not known to this version");
}
