using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Core.Readiness;

/// <summary>How much a finding weighs.</summary>
public enum Severity
{
    /// <summary>No run would begin, or one would do harm: it must be mended.</summary>
    Error,

    /// <summary>It may go wrong some day, or it is not known whether it would.</summary>
    Warning,

    /// <summary>Worth knowing; nothing has to be done.</summary>
    Note,
}

/// <summary>Something that a look at the cluster's readiness found.</summary>
/// <param name="Id">A stable name, family.reason: it does not change between releases.</param>
/// <param name="Severity">How much it weighs.</param>
/// <param name="Why">What is the matter, a sentence for people.</param>
public sealed record Finding(string Id, Severity Severity, string Why)
{
    /// <summary>The exact command that mends it, for root; null where no command alone does.</summary>
    public string? Command { get; init; }

    /// <summary>What to do about it, or what else to know before the command is typed.</summary>
    public string? Remedy { get; init; }

    /// <summary>The node on which that is to be done; null where it is this one, or any.</summary>
    public string? Node { get; init; }

    /// <summary>The complaint of a gate, as far as the administrator lets it weigh; null where it is switched off.</summary>
    public static Finding? Of(Refusal refusal, GateLevels levels) => levels.Of(refusal) switch
    {
        GateLevel.Off => null,
        var level => new(refusal.Id, level == GateLevel.Warn ? Severity.Warning : IsPassing(refusal.Id) ? Severity.Note : Severity.Error, refusal.Why) { Remedy = refusal.Remedy },
    };

    /// <summary>
    /// What keeps a run from beginning in this moment, and is over by itself or as its own people want it: it says nothing against the cluster's readiness.
    /// </summary>
    public static bool IsPassing(string id) => id.StartsWith("schedule.", StringComparison.Ordinal)
        || id is "token.held" or "plan.waiting" or "fencing.recent" or "fencing.pending" or "kernel.transition" or "cluster.pending" or "drain.forecast-unsettled" or "fleet.away" or "rehearsal.under-way";

    internal static Finding Error(string id, string why, string? command = null, string? remedy = null) => new(id, Severity.Error, why) { Command = command, Remedy = remedy };

    internal static Finding Warning(string id, string why, string? command = null, string? remedy = null) => new(id, Severity.Warning, why) { Command = command, Remedy = remedy };

    internal static Finding Note(string id, string why, string? command = null, string? remedy = null) => new(id, Severity.Note, why) { Command = command, Remedy = remedy };

    // Unknown is never well, and never more than that it is not known.
    internal static Finding NotKnown(string family, string what, string why, string remedy) => Warning($"{family}.unknown", $"{what} is not known: {why}", remedy: remedy);
}
