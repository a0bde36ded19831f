namespace PcmkKpatch.Core.Rollout;

/// <summary>What a node tells the others of itself, in <see cref="Gates.FleetGates.StateAttribute"/>.</summary>
public static class StateWords
{
    /// <summary>Nothing is going on and nothing is due.</summary>
    public const string Idle = "idle";

    /// <summary>A patch is due, and no worker is at work.</summary>
    public const string Due = "due";

    /// <summary>So begins what a node says that waits for a person.</summary>
    public const string NeedsAttention = "needs attention: ";

    /// <summary>What a remote or guest node says on which a patch is due: no run will ever begin there.</summary>
    public static string DueToAPerson(string patch) => $"{patch} is due, and no run loads it on a remote or guest node: a person does";

    // So begins what a node says that waits for anything but another one.
    private const string Waiting = "waiting: ";

    // So begins what a node says that waits for another one, and for nothing else.
    private const string WaitingFor = "waiting for ";

    // So ends what a node says whose run is a rehearsal.
    private const string Rehearsing = ": rehearsal";

    /// <summary>A node that says so wants the token, and nothing keeps it from taking it but another node.</summary>
    public static bool WantsTheToken(string state) => state == Due || state.StartsWith(WaitingFor, StringComparison.Ordinal);

    /// <summary>A patch is due, or under way, on a node that says so; null where what it says does not tell.</summary>
    public static bool? IsDue(string state)
    {
        if (state.EndsWith(Rehearsing, StringComparison.Ordinal))
            return null;
        var word = state.Split(':', ' ')[0];
        return word switch
        {
            Idle or "patched" => false,
            Due or "waiting" or "refused" or "agentstopped" or "draintooslow" => true,
            _ => Enum.GetNames<Phase>().Contains(word, StringComparer.OrdinalIgnoreCase) ? true : null,
        };
    }

    /// <summary>The first word of what a node says, for who counts; "attention" where a person must look, and "other" where this version does not know it.</summary>
    public static string Word(string state)
    {
        if (state.StartsWith(NeedsAttention, StringComparison.Ordinal))
            return "attention";
        var word = state.Split(':', ' ')[0];
        return word is Idle or Due or "waiting" || Enum.GetNames<Phase>().Contains(word, StringComparer.OrdinalIgnoreCase) || Enum.GetNames<Verdict>().Contains(word, StringComparer.OrdinalIgnoreCase)
            ? word : "other";
    }

    /// <summary>A node that says so would begin, and something that it has seen itself keeps it from that.</summary>
    public static bool IsKeptWaiting(string state) => state.StartsWith(Waiting, StringComparison.Ordinal);

    /// <summary>
    /// What is to be published after a step; null where nothing is. Neither progress within a phase nor a phase that is over in a moment
    /// is published: each change of an attribute makes the DC look at the whole cluster again, in the midst of the moves that the run is
    /// waiting for.
    /// </summary>
    public static string? After(Next next) => next switch
    {
        { After.Ticks: 0, Run.Phase: not (Phase.Drain or Phase.Install or Phase.Load or Phase.Soak or Phase.Rollback or Phase.Confirm or Phase.Pause or Phase.Parked) } => null,
        { NeedsPerson: true } => next.Run?.Phase == Phase.Parked ? next.Say : NeedsAttention + next.Say,
        { After: null, Run: { } ended } => ended.Verdict.ToString().ToLowerInvariant() + (ended.Verdict is Verdict.Patched or Verdict.Rehearsed ? "" : $": {ended.Why}"),
        { Run: { Phase: Phase.Acquire } } when next is { After: not null, Say.Length: > 0 } => next.Say.StartsWith(WaitingFor, StringComparison.Ordinal) ? next.Say : Waiting + next.Say,
        { After: not null, Run: { } run } => run.Phase.ToString().ToLowerInvariant() + (run.Rehearsal is null ? "" : Rehearsing),
        _ => Idle,
    };
}
