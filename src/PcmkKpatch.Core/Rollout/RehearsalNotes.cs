using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Core.Rollout;

/// <summary>What makes a run a rehearsal, and what it notes for who asked for it.</summary>
public sealed record RehearsalNotes
{
    private const int Kept = 8;

    /// <summary>The rehearsal, by the id in its wish.</summary>
    public required string Id { get; init; }

    /// <summary>The patches that the kernel had when it began: it is to end with the same.</summary>
    public IReadOnlyList<string> Loaded { get; init; } = [];

    /// <summary>What a real run would tell and not stop for, and what would have it refused: a patch's own gates refuse no rehearsal.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>
    /// A run that ended and counts as this node's way through a rehearsal, whatever its verdict. It does not count where it never had the token, or had to give
    /// it back only because the agent was stopped here.
    /// </summary>
    public static bool Counts(Run ended) => ended is { Rehearsal: not null, Taken: not null, Verdict: not Verdict.AgentStopped };

    /// <summary>That rehearsal is wished of the node, not too long ago, and is none of those that it went through.</summary>
    public static bool Wants(RehearsalWish wish, string node, IEnumerable<Run> rehearsed, DateTimeOffset now) => wish.Concerns(node) && !wish.IsStale(now) && !rehearsed.Any(run => run.Rehearsal?.Id == wish.Id);

    /// <summary>The rehearsals to be kept when one more has ended, the last one first. Several, so that a wish of old that is pushed back is known.</summary>
    public static IReadOnlyList<Run> Keep(IEnumerable<Run> before, Run ended) =>
        [.. before.Where(run => run.Id != ended.Id).Prepend(ended with { Before = new Dictionary<string, ResourceLevel>(), Evidence = [] }).Take(Kept)];
}
