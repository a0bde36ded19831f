namespace PcmkKpatch.Core.Rollout;

/// <summary>How long a run was in a phase.</summary>
/// <param name="Name">The phase's word.</param>
/// <param name="After">How long after the run's begin it began.</param>
/// <param name="Took">How long it took.</param>
public sealed record PhaseTime(string Name, TimeSpan After, TimeSpan Took);

/// <summary>A run of some node as it is known here: in short, and whole where it is this node's own.</summary>
/// <param name="Node">The node.</param>
/// <param name="Summary">The run in short. All times are by that node's clock.</param>
public sealed record PastRun(string Node, RunSummary Summary)
{
    /// <summary>The whole record; null where only the node itself has it.</summary>
    public Run? Record { get; init; }

    /// <summary>It has not ended: what is told of its end is how it is now.</summary>
    public bool IsOpen => Record is { Ended: null };

    /// <summary>It waits for a person, drained where it was.</summary>
    public bool IsParked => IsOpen && Record!.Phase == Phase.Parked;

    /// <summary>It goes on, and how it will end is not decided.</summary>
    public bool IsUnderWay => IsOpen && Record!.Verdict == Verdict.Undecided && !IsParked;

    /// <summary>How it ended, or how it is, in a word or two.</summary>
    public string Word => IsUnderWay ? "under way" : IsParked ? $"parked, {Summary.Verdict}" : Summary.Verdict;

    /// <summary>How long it took.</summary>
    public TimeSpan Took => NotBelowNothing(Summary.Ended - Summary.Began);

    /// <summary>How long it waited for its turn before it took the token; null where it did not come to that, or where only the node itself knows.</summary>
    public TimeSpan? Waited => Record?.Taken is { } taken ? NotBelowNothing(taken - Record.Started) : null;

    /// <summary>How long it was in each of its phases, in their order. A clock that was set meanwhile makes none of them longer than the run, nor shorter than nothing.</summary>
    public IReadOnlyList<PhaseTime> Phases
    {
        get
        {
            TimeSpan Begin(int i) => i < Summary.Phases.Count && Summary.Phases[i].After < Took ? Summary.Phases[i].After : Took;
            return [.. Summary.Phases.Select((phase, i) => new PhaseTime(phase.Name, Begin(i), NotBelowNothing(Begin(i + 1) - Begin(i))))];
        }
    }

    /// <summary>How long its node was marked as one to be drained; null where that did not come to pass, or was not noted.</summary>
    public TimeSpan? Away
    {
        get
        {
            var phases = Phases;
            if (phases.FirstOrDefault(phase => phase.Name == NameOf(Phase.Standby)) is not { } left)
                return null;
            var home = phases.LastOrDefault(phase => phase.Name == NameOf(Phase.Unstandby));
            return NotBelowNothing((home is null ? Took : home.After + home.Took) - left.After);
        }
    }

    /// <summary>That run of this node's.</summary>
    /// <param name="record">The whole of it.</param>
    /// <param name="now">This moment: a run that goes on is told as far as it came.</param>
    public static PastRun Of(Run record, DateTimeOffset now) => new(record.Node, RunSummary.Of(record with { Ended = record.Ended ?? now })) { Record = record };

    /// <summary>The runs that a node told the others of.</summary>
    public static IEnumerable<PastRun> Of(NodeHistory told) => told.Runs.Select(run => new PastRun(told.Node, run));

    private static string NameOf(Phase phase) => phase.ToString().ToLowerInvariant();

    private static TimeSpan NotBelowNothing(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;
}
