using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Cli;

/// <summary>One node in a rehearsal.</summary>
/// <param name="Name">The node.</param>
/// <param name="Verdict">How it ended there; null where the node did not go through it.</param>
/// <param name="Why">Why; null where it did not.</param>
/// <param name="DrainSeconds">How long the drain took; null where it did not come to that.</param>
/// <param name="HomeSeconds">How long it took from the end of the standby until everything was active again; null where it did not come to that.</param>
/// <param name="Moved">What the drain moved, and where.</param>
/// <param name="Stopped">What was nowhere while the node was drained.</param>
/// <param name="Back">What of both was active on the node again at the end.</param>
/// <param name="Warnings">What a real run would tell there, or be refused for.</param>
internal sealed record RehearsedNode(
    string Name, string? Verdict, string? Why, double? DrainSeconds, double? HomeSeconds, IReadOnlyList<Placed> Moved, IReadOnlyList<string> Stopped, IReadOnlyList<string> Back, IReadOnlyList<string> Warnings)
{
    /// <summary>The node, with what it told.</summary>
    public static RehearsedNode Of(string name, RehearsalOutcome? outcome) => outcome is null ? new(name, null, null, null, null, [], [], [], [])
        : new(name, outcome.Verdict, outcome.Why, outcome.Drain?.TotalSeconds, outcome.Home?.TotalSeconds, outcome.Moved, outcome.Stopped, outcome.Back, outcome.Warnings);

    /// <summary>How it ended there, in half a sentence.</summary>
    [JsonIgnore]
    public string Ended => Verdict is null ? "did not go through it"
        : string.Join(", ", ((string?[])[Verdict, Time("drained in", DrainSeconds), Time("home in", HomeSeconds)]).OfType<string>()) + $": {Why}";

    private static string? Time(string what, double? seconds) => seconds is { } time ? string.Create(CultureInfo.InvariantCulture, $"{what} {time:0.0} s") : null;
}

/// <summary>What "pcmk-kpatch rehearse" tells. The form of --json: names are stable, new ones may be added.</summary>
internal sealed record RehearsalReport
{
    /// <summary>Every node went through it as a run would.</summary>
    public const string Good = "rehearsed";

    /// <summary>Not every node did.</summary>
    public const string Failed = "failed";

    /// <summary>It was called off.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>It was not begun.</summary>
    public const string IsRefused = "refused";

    /// <summary>rehearsed, failed, cancelled or refused.</summary>
    public required string Outcome { get; init; }

    /// <summary>The same in a sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>What to type, or null where nothing needs a person.</summary>
    public string? WhatToDo { get; init; }

    /// <summary>The rehearsal; null where it was not begun.</summary>
    public string? Id { get; init; }

    /// <summary>What kept it from being begun.</summary>
    public IReadOnlyList<RefusalStatus> Refused { get; init; } = [];

    /// <summary>The nodes that were to go through it.</summary>
    public IReadOnlyList<RehearsedNode> Nodes { get; init; } = [];

    /// <summary>The report for people.</summary>
    public string Text()
    {
        // A node may have many resources. All that it told is in the JSON.
        const int LongestLine = 4000;
        var text = new StringWriter();
        // What the CIB, a tool or a node says is neither to move the terminal's cursor nor to make a line of its own.
        void Line(string head, string value) => text.Write(PlainText.Of($"{head,-8} {value}", LongestLine) + "\n");
        Line("Rehearse", Summary);
        if (WhatToDo is not null)
            Line("To do", WhatToDo);
        foreach (var refusal in Refused)
        {
            Line("Refused", $"{refusal.Why} ({refusal.Id})");
            Line("  To do", refusal.Remedy);
        }

        foreach (var node in Nodes)
        {
            text.Write("\n");
            Line($"{node.Name}:", node.Ended);
            if (node.Moved.Count > 0)
                Line("  Moved", string.Join(", ", node.Moved.Select(move => $"{move.Resource} to {move.Node}")));
            if (node.Stopped.Count > 0)
                Line("  Stopped", $"{string.Join(", ", node.Stopped)}: active nowhere while the node was drained");
            if (node.Moved.Count + node.Stopped.Count > 0)
                Line("  Back", node.Back.Count > 0 ? string.Join(", ", node.Back) : "nothing: what had moved stayed there");
            foreach (var warning in node.Warnings)
                Line("  Warning", warning);
        }

        return text.ToString();
    }
}

/// <summary>The report as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(RehearsalReport))]
internal sealed partial class RehearsalJson : JsonSerializerContext
{
    /// <summary>The report as JSON.</summary>
    public static string Write(RehearsalReport report) => JsonSerializer.Serialize(report, Default.RehearsalReport);
}
