using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Core.Rollout;

/// <summary>
/// What a node tells the others of the last rehearsal that it went through: the id and the verdict, and then, in words key=value of which later versions may
/// know more, what was noted. Long lists are cut: the node's own record and journal have all of it.
/// </summary>
public sealed record RehearsalOutcome
{
    private const int LongestSentence = 160;
    private const int MostResources = 20;
    private const int MostWarnings = 4;

    /// <summary>The rehearsal.</summary>
    public required string Id { get; init; }

    /// <summary>How it ended here: the verdict's word.</summary>
    public required string Verdict { get; init; }

    /// <summary>Why.</summary>
    public string Why { get; init; } = "";

    /// <summary>How long the drain took, or null.</summary>
    public TimeSpan? Drain { get; init; }

    /// <summary>How long the way home took, or null.</summary>
    public TimeSpan? Home { get; init; }

    /// <summary>What the drain moved, and where.</summary>
    public IReadOnlyList<Placed> Moved { get; init; } = [];

    /// <summary>What was nowhere while the node was drained.</summary>
    public IReadOnlyList<string> Stopped { get; init; } = [];

    /// <summary>What of both was active on the node again at the end.</summary>
    public IReadOnlyList<string> Back { get; init; } = [];

    /// <summary>What a real run would tell, or be refused for.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>It went as a run would.</summary>
    public bool IsGood => Verdict == Word(Rollout.Verdict.Rehearsed);

    /// <summary>
    /// What a node tells that went through those, the last one first: the one that is wished, where it is among them, for others wait for that; else the last. Nothing
    /// where there is none.
    /// </summary>
    public static string Told(IReadOnlyList<Run> rehearsed, RehearsalWish? wish) =>
        rehearsed is [var last, ..] ? Of(rehearsed.FirstOrDefault(run => run.Rehearsal?.Id == wish?.Id) ?? last)?.ToString() ?? "" : "";

    /// <summary>The outcome of that rehearsal; null where it is a real run.</summary>
    public static RehearsalOutcome? Of(Run ended) => ended.Rehearsal is not { } notes ? null : new()
    {
        Id = notes.Id,
        Verdict = Word(ended.Verdict),
        Why = ended.Why,
        Drain = ended.Moves?.Drain,
        Home = ended.Moves?.Home,
        Moved = ended.Moves?.Moved ?? [],
        Stopped = ended.Moves?.Stopped ?? [],
        Back = ended.Moves?.Back ?? [],
        Warnings = notes.Warnings,
    };

    /// <summary>Reads what a node published; null where that is no outcome.</summary>
    public static RehearsalOutcome? Parse(string text)
    {
        var words = text.Split(' ');
        if (words.Length < 2 || words[0].Length == 0 || words[1].Length == 0)
            return null;
        string[] Raw(string key) =>
            words.Skip(2).FirstOrDefault(word => word.StartsWith(key + "=", StringComparison.Ordinal))?[(key.Length + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];
        List<string> Items(string key) => [.. Raw(key).Select(Uri.UnescapeDataString)];
        TimeSpan? Time(string key) => Items(key) is [var seconds] ? CibText.Seconds(seconds) : null;
        return new()
        {
            Id = Uri.UnescapeDataString(words[0]),
            Verdict = Uri.UnescapeDataString(words[1]),
            Drain = Time("drain"),
            Home = Time("home"),
            Moved = [.. Raw("moved").Select(move => move.Split('/')).Where(move => move.Length == 2).Select(move => new Placed(Uri.UnescapeDataString(move[0]), Uri.UnescapeDataString(move[1])))],
            Stopped = Items("stopped"),
            Back = Items("back"),
            Warnings = Items("warnings"),
            Why = Items("why") is [var why] ? why : "",
        };
    }

    /// <summary>It as a node publishes it.</summary>
    public override string ToString()
    {
        var moved = string.Join(',', Moved.Take(MostResources).Select(move => $"{CibText.Escape(move.Resource)}/{CibText.Escape(move.Node)}"));
        return $"{CibText.Escape(Id)} {CibText.Escape(Verdict)} drain={Seconds(Drain)} home={Seconds(Home)} moved={moved} stopped={CibText.List(Stopped.Take(MostResources))}"
            + $" back={CibText.List(Back.Take(MostResources))} why={CibText.List([CibText.Clip(Why, LongestSentence)])}"
            + $" warnings={CibText.List(Warnings.Take(MostWarnings).Select(warning => CibText.Clip(warning, LongestSentence)))}";
    }

    private static string Word(Verdict verdict) => verdict.ToString().ToLowerInvariant();

    private static string Seconds(TimeSpan? time) => time is { } known ? CibText.OfSeconds(known) : "";
}
