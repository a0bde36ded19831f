using System.Globalization;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Rollout;

/// <summary>A phase in a summary.</summary>
/// <param name="Name">The phase's word.</param>
/// <param name="After">How long after the run's begin it began.</param>
public sealed record PhaseMark(string Name, TimeSpan After);

/// <summary>
/// One run that ended, in short: what a node tells the others of it. Words key=value of which later versions may know more; long lists are cut, for the node's own
/// record has all of it.
/// </summary>
public sealed record RunSummary
{
    private const int LongestSentence = 240;
    private const int MostResources = 12;
    private const int MostEvidence = 4;

    /// <summary>The run.</summary>
    public required string Id { get; init; }

    /// <summary>How it ended: the verdict's word.</summary>
    public required string Verdict { get; init; }

    /// <summary>Why.</summary>
    public string Why { get; init; } = "";

    /// <summary>When it took the token, or else when it was begun; by its node's calendar.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>When it ended, by the same.</summary>
    public required DateTimeOffset Ended { get; init; }

    /// <summary>Who had it started, or null.</summary>
    public string? By { get; init; }

    /// <summary>The patch, or null where it came to none.</summary>
    public string? Patch { get; init; }

    /// <summary>The patch's build id, or null.</summary>
    public string? Build { get; init; }

    /// <summary>The kernel for which the patch is, or null.</summary>
    public string? Kernel { get; init; }

    /// <summary>The package of the patch, or null.</summary>
    public string? Package { get; init; }

    /// <summary>The live patches that were in force before.</summary>
    public IReadOnlyList<string> From { get; init; } = [];

    /// <summary>How many runs of it in a row were put off, this one the last.</summary>
    public int Tries { get; init; }

    /// <summary>The phases it went through since it began, each where it came first in a row.</summary>
    public IReadOnlyList<PhaseMark> Phases { get; init; } = [];

    /// <summary>What the drain moved, and where.</summary>
    public IReadOnlyList<Placed> Moved { get; init; } = [];

    /// <summary>What was nowhere while the node was drained.</summary>
    public IReadOnlyList<string> Stopped { get; init; } = [];

    /// <summary>What of both was active on the node again at the end.</summary>
    public IReadOnlyList<string> Back { get; init; } = [];

    /// <summary>What was found of a failure: the kernel's lines, blockers' stacks.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];

    /// <summary>It went well.</summary>
    public bool IsGood => Verdict == Word(Rollout.Verdict.Patched);

    /// <summary>It came to nothing and is tried again by itself, later.</summary>
    public bool IsPutOff => Verdict == Word(Rollout.Verdict.Refused) || Verdict == Word(Rollout.Verdict.DrainTooSlow) || Verdict == Word(Rollout.Verdict.AgentStopped);

    /// <summary>The run in short. It has ended.</summary>
    public static RunSummary Of(Run ended)
    {
        var began = ended.Taken ?? ended.Started;
        return new()
        {
            Id = ended.Id,
            Verdict = Word(ended.Verdict),
            Why = ended.Why,
            Began = began,
            // A clock that was set back in between gives no time below nothing.
            Ended = ended.Ended is { } end && end > began ? end : began,
            By = ended.StartedBy,
            Patch = ended.Patch?.Name,
            Build = ended.Patch?.BuildId,
            Kernel = ended.Patch?.Release,
            Package = ended.Patch?.Package,
            From = [.. (ended.PatchesBefore ?? []).Select(words => words.Split(' ')[0])],
            Tries = ended.Tries,
            Phases = [.. ended.Timeline.Where(start => start.Phase != Phase.Acquire).Select(start => new PhaseMark(Word(start.Phase), start.At > began ? start.At - began : TimeSpan.Zero))],
            Moved = ended.Moves?.Moved ?? [],
            Stopped = ended.Moves?.Stopped ?? [],
            Back = ended.Moves?.Back ?? [],
            Evidence = ended.Evidence,
        };
    }

    /// <summary>Reads the words of one run; null where they are none.</summary>
    internal static RunSummary? Parse(IReadOnlyList<string> words)
    {
        string? Field(string key) => words.Select(word => CibText.Field(word, key)).FirstOrDefault(value => value is not null);
        IReadOnlyList<string> Items(string key) => words.Select(word => CibText.Items(word, key)).FirstOrDefault(items => items is not null) ?? [];
        List<(string First, string Second)> Pairs(string key) =>
        [
            .. (words.FirstOrDefault(word => word.StartsWith(key + "=", StringComparison.Ordinal))?[(key.Length + 1)..].Split(',') ?? [])
                .Select(pair => pair.Split('/')).Where(pair => pair.Length == 2).Select(pair => (Uri.UnescapeDataString(pair[0]), Uri.UnescapeDataString(pair[1]))),
        ];
        string? Or(string key) => Field(key) is { Length: > 0 } value ? value : null;
        if (Or("run") is not { } id || Or("verdict") is not { } verdict || CibText.Moment(Field("began") ?? "") is not { } began || CibText.Moment(Field("ended") ?? "") is not { } ended || ended < began)
            return null;
        return new()
        {
            Id = id,
            Verdict = verdict,
            Began = began,
            Ended = ended,
            Why = Field("why") ?? "",
            By = Or("by"),
            Patch = Or("patch"),
            Build = Or("build"),
            Kernel = Or("kernel"),
            Package = Or("package"),
            From = Items("from"),
            Tries = int.TryParse(Field("tries"), NumberStyles.None, CultureInfo.InvariantCulture, out var tries) ? tries : 0,
            Phases = [.. Pairs("phases").Select(pair => (pair.First, After: CibText.Seconds(pair.Second))).Where(pair => pair.After is not null).Select(pair => new PhaseMark(pair.First, pair.After!.Value))],
            Moved = [.. Pairs("moved").Select(pair => new Placed(pair.First, pair.Second))],
            Stopped = Items("stopped"),
            Back = Items("back"),
            Evidence = Items("evidence"),
        };
    }

    /// <summary>It as words for the CIB.</summary>
    /// <param name="whole">With what was moved and what was found.</param>
    internal string Text(bool whole)
    {
        var text = $"run={CibText.Escape(Id)} verdict={CibText.Escape(Verdict)} began={CibText.Of(Began)} ended={CibText.Of(Ended)} by={CibText.Escape(By ?? "")} patch={CibText.Escape(Patch ?? "")}"
            + $" build={CibText.Escape(Build ?? "")} kernel={CibText.Escape(Kernel ?? "")} package={CibText.Escape(Package ?? "")} from={CibText.List(From.Take(MostResources))} tries={Tries.ToString(CultureInfo.InvariantCulture)}"
            + $" phases={string.Join(',', Phases.Select(phase => $"{CibText.Escape(phase.Name)}/{CibText.OfSeconds(phase.After)}"))} why={CibText.Escape(CibText.Clip(Why, LongestSentence))}";
        return !whole ? text
            : text + $" moved={string.Join(',', Moved.Take(MostResources).Select(move => $"{CibText.Escape(move.Resource)}/{CibText.Escape(move.Node)}"))} stopped={CibText.List(Stopped.Take(MostResources))}"
                + $" back={CibText.List(Back.Take(MostResources))} evidence={CibText.List((IsGood ? [] : Evidence).Take(MostEvidence).Select(line => CibText.Clip(line, LongestSentence)))}";
    }

    private static string Word(Enum value) => value.ToString().ToLowerInvariant();
}
