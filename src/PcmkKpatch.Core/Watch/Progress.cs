using System.Globalization;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Core.Watch;

/// <summary>
/// What is still to be done in a node's phase. Of this node that is read from its journal and its kernel. Of another one nothing but the phase is published, for each
/// change of an attribute makes the DC look at the whole cluster again: of it is told what the cluster knows, and since when it was seen to be in its phase.
/// </summary>
public static class Progress
{
    /// <summary>It in a few words; null where there is nothing to be told.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="active">How many resources but our agent are active on the node.</param>
    /// <param name="here">Of this node: its run and what its kernel says; null of another one.</param>
    /// <param name="policy">What the administrator wants; null where that is not known.</param>
    /// <param name="seen">For how long the node was seen in its phase; null where it was in it when that began.</param>
    public static string? Of(Phase phase, int active, RunHere? here, Policy? policy, TimeSpan? seen) => phase switch
    {
        Phase.Standby or Phase.Drain => Count(active, "resource", "still active"),
        Phase.Load or Phase.Reverse => here?.Transition is { TasksToGo: > 0 } transition ? Count(transition.TasksToGo, "task", "to cross over") : null,
        Phase.Soak => Watched((here?.Run.Policy ?? policy)?.Soak, here?.InPhase, seen),
        Phase.Pause => Watched((here?.Run.Policy ?? policy)?.Pause, here?.InPhase, seen),
        Phase.Confirm when here is { Missing: > 0 } => Count(here.Missing, "resource", "to come back"),
        _ => null,
    };

    /// <summary>A length of time, in words that are short.</summary>
    public static string About(TimeSpan time) => time.TotalSeconds < 90 ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, Math.Ceiling(time.TotalSeconds)):0} s")
        : time.TotalMinutes < 90 ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalMinutes):0} min")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} h");

    private static string? Watched(TimeSpan? all, TimeSpan? gone, TimeSpan? seen) => all switch
    {
        null => null,
        { } whole when (gone ?? seen) is { } past => $"{About(whole - past)} left",
        { } whole => $"at most {About(whole)} left",
    };

    private static string Count(int count, string what, string how) => string.Create(CultureInfo.InvariantCulture, $"{(count == 0 ? "no" : count)} {what}{(count == 1 ? "" : "s")} {how}");
}

/// <summary>This node's run, as it is in this moment.</summary>
/// <param name="Run">The run.</param>
/// <param name="InPhase">For how long it has been in its phase.</param>
/// <param name="Transition">Which tasks are still to cross over; null where no patch transition is under way.</param>
/// <param name="Missing">How many resources are still to come back.</param>
public sealed record RunHere(Run Run, TimeSpan InPhase, PatchTransition? Transition, int Missing);
