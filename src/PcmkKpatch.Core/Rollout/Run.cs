using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Core.Rollout;

/// <summary>One node's walk through the phases: everything that must survive a crash of the worker. This is what the journal holds.</summary>
public sealed record Run
{
    /// <summary>The form of the record. A reader refuses one that it does not know.</summary>
    public const int KnownFormat = 1;

    /// <summary>The form of this record.</summary>
    public int Format { get; init; } = KnownFormat;

    /// <summary>The run's own id; it stands in the token.</summary>
    public required string Id { get; init; }

    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>The boot in which the run goes on.</summary>
    public required string Boot { get; init; }

    /// <summary>When it began, by the calendar.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When it took the token, by the calendar; null before that.</summary>
    public DateTimeOffset? Taken { get; init; }

    /// <summary>Since when the token is free and it is another node's turn, by the time since boot.</summary>
    public TimeSpan? TurnSince { get; init; }

    /// <summary>When it ended, by the calendar; null while it goes on.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>What is about to be tried.</summary>
    public required Phase Phase { get; init; }

    /// <summary>Since when, by the time since boot.</summary>
    public required TimeSpan PhaseSince { get; init; }

    /// <summary>The phases that it went through, and when each began. Bounded: the first ones are kept, and the last.</summary>
    public IReadOnlyList<PhaseStart> Timeline { get; init; } = [];

    /// <summary>Who had it started, for people; null in the record of an earlier version.</summary>
    public string? StartedBy { get; init; }

    /// <summary>What the administrator wanted when the run took the token.</summary>
    public required Policy Policy { get; init; }

    /// <summary>The patch to load; null until it was looked at at the gate.</summary>
    public PatchModule? Patch { get; init; }

    /// <summary>The node was in somebody else's standby before: it is patched where it stands and left as found.</summary>
    public bool FoundInStandby { get; init; }

    /// <summary>How its node is drained: where it was found in somebody else's standby, by that.</summary>
    public DrainMode Drain => FoundInStandby ? DrainMode.Standby : Policy.Drain;

    /// <summary>Our marks that may have been asked for and were not seen yet: they may still come.</summary>
    public IReadOnlyList<DrainMode> MarksInFlight { get; init; } = [];

    /// <summary>Our marks that are still to be deleted once at the run's end, whether the CIB has them or not.</summary>
    public IReadOnlyList<DrainMode> MarksToDelete { get; init; } = [];

    /// <summary>The run failed at the kernel with its token taken away, and waits until it can have the rollout halted.</summary>
    public bool HaltOwed { get; init; }

    /// <summary>The run gave the token back, or was about to when its node went down: that it does not have it any more is its own doing.</summary>
    public bool GivingBack { get; init; }

    /// <summary>How the node was before the load; null where the run did not come to that.</summary>
    public HealthMark? HealthBefore { get; init; }

    /// <summary>What was active in the cluster before.</summary>
    public IReadOnlyDictionary<string, ResourceLevel> Before { get; init; } = new Dictionary<string, ResourceLevel>();

    /// <summary>What the drain moved and stopped, and what came back; null where the run did not come to that.</summary>
    public MoveNotes? Moves { get; init; }

    /// <summary>What used lockspaces here before the drain, by the keys of <see cref="LockUse"/>: what else does is not the cluster's.</summary>
    public IReadOnlyList<string> LocksBefore { get; init; } = [];

    /// <summary>What may have this node fenced although its drain is taken back, and what a person can do about it; null where nothing may.</summary>
    public string? Armed { get; init; }

    /// <summary>Which rehearsal it is, and what was noted in it; null where it is a real run.</summary>
    public RehearsalNotes? Rehearsal { get; init; }

    /// <summary>Since when the patch transition was seen under way, by the time since boot.</summary>
    public TimeSpan? TransitionSince { get; init; }

    /// <summary>The live patches that the kernel had before the load; null where the run did not come to that.</summary>
    public IReadOnlyList<string>? PatchesBefore { get; init; }

    /// <summary>The node left standby, and not everything that was active before is active again.</summary>
    public bool Unsettled { get; init; }

    /// <summary>It has ended before, and only gives the token back once more: what was judged then stands.</summary>
    public bool Again { get; init; }

    /// <summary>It failed, and the rollout goes on all the same.</summary>
    public bool Tolerated { get; init; }

    /// <summary>How many runs of this patch here, this one the last, were put off one after the other.</summary>
    public int Tries { get; init; }

    /// <summary>How long it paused at home.</summary>
    public TimeSpan Paused { get; init; }

    /// <summary>How it ends.</summary>
    public Verdict Verdict { get; init; }

    /// <summary>Why, in a sentence for people.</summary>
    public string Why { get; init; } = "";

    /// <summary>What was found on the way: blockers' stacks, the kernel's own lines. Bounded; the first ones are kept.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];

    private const int MostEvidence = 24;
    private const int MostPhases = 64;

    /// <summary>The run with these lines added to its evidence.</summary>
    public Run Noting(IEnumerable<string> evidence) => this with { Evidence = [.. Evidence.Concat(evidence).Distinct().Take(MostEvidence)] };

    /// <summary>The run without what is noted for people alone and grows on the way: nothing is decided by it.</summary>
    public Run WithoutNotes() => this with { Timeline = [], Evidence = [], Moves = Moves is null ? null : Moves with { Moved = [], Stopped = [], Back = [] } };

    /// <summary>The run, which is in its phase since then.</summary>
    public Run Entered(DateTimeOffset at) => this with { Timeline = [.. Timeline.Take(MostPhases - 1), new PhaseStart(Phase, at)] };
}

/// <summary>A phase that a run went through.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="At">When it began, by the node's calendar.</param>
public sealed record PhaseStart(Phase Phase, DateTimeOffset At);
