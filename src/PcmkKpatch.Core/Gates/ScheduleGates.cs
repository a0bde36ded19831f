using System.Globalization;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Core.Gates;

/// <summary>Is this the time?</summary>
public static class ScheduleGates
{
    /// <summary>How the last runs here ended is not known.</summary>
    public const string RecordUnknown = "schedule.record-unknown";

    // So a refused node waits for four times retry_delay at most.
    private const int MostRefusalsCounted = 3;

    /// <summary>What became of the last run here, where it is too early for the next one.</summary>
    /// <param name="last">The last run here.</param>
    /// <param name="module">The patch that is due.</param>
    /// <param name="failures">What has failed since a person last resumed the rollout.</param>
    /// <param name="policy">What the administrator wants.</param>
    /// <param name="now">This moment.</param>
    public static IEnumerable<Refusal> BackOff(Run? last, PatchModule module, Failures failures, Policy policy, Moment now)
    {
        // An end that lies in the future was written before the clock was set back: it says nothing.
        if (last is not { Ended: { } ended } || ended > now.Wall)
            yield break;
        // Who changes a parameter does not want it to be waited for what came of the old ones.
        if (last.Policy != policy)
            yield break;
        var times = last.Tolerated ? failures.Of(last.Node, last.Patch!.BuildId) : last.Verdict.BacksOff() ? Math.Max(last.Tries, 1) : 0;
        // For another build all begins anew.
        if (last.Patch is { } before && !module.IsBuild(before.BuildId))
            times = Math.Min(times, 1);
        // What a gate refused for may be over at any time, and to ask again costs little.
        var end = ended + policy.RetryAfter(last.Verdict == Verdict.Refused && !last.Tolerated ? Math.Min(times, MostRefusalsCounted) : times);
        if (times == 0 || now.Wall >= end)
            yield break;
        var until = end.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        var runs = times == 1 ? "the last run here" : $"the last {times} runs here came to nothing, the latest";
        yield return new("schedule.back-off", $"{runs} ended with: {last.Why}; waiting until {until}", "wait, or lower the parameter retry_delay");
    }

    /// <summary>The last runs here may have been put off, or may have been the very rehearsal that is wished: where that cannot be read, it is not known what is to be waited for.</summary>
    /// <param name="unknown">What cannot be read, and why; null where all of it can be.</param>
    public static IEnumerable<Refusal> Records(string? unknown) =>
        unknown is null ? [] : [new(RecordUnknown, $"how the last runs here ended is not known: {unknown}", "use the version that wrote it; or look at it and delete it, and the next run begins as if there had been none")];

    /// <summary>What the calendar says against beginning a run at this moment.</summary>
    /// <param name="timetable">When runs may be.</param>
    /// <param name="estimate">How long a run may take.</param>
    /// <param name="now">This moment.</param>
    public static IEnumerable<Refusal> OutOfHours(Timetable timetable, TimeSpan estimate, Moment now)
    {
        var open = timetable.Open(now.Wall);
        if (open is { } ends && ends - now.Wall >= estimate)
            yield break;
        var minutes = string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(estimate.TotalMinutes)} minutes");
        var remedy = timetable.NextOpening(now.Wall, estimate) is { } next
            ? $"wait until {timetable.Say(next)}, or change the parameters window and blackout"
            : $"no time of {minutes} is left for a run in the next two years: change the parameters window and blackout";
        if (timetable.Blackout.Covers(now.Wall, timetable.Zone) is { } over)
            yield return new("schedule.blackout", $"a blackout is in force until {timetable.Say(over)}", remedy);
        if (timetable.Windows.Open(now.Wall, timetable.Zone) is null)
            yield return new("schedule.window", "no window is open", remedy);
        if (open is { } closes)
            yield return new("schedule.time-left", $"a run may take {minutes}, and there is time only until {timetable.Say(closes)}", remedy);
    }

    /// <summary>What people said against a run on that node.</summary>
    public static IEnumerable<Refusal> Held(IEnumerable<Hold> holds, string node, Moment now)
    {
        foreach (var hold in holds.Where(h => h.Concerns(node) && h.InForce(now.Wall)))
        {
            var by = hold.By is { } person ? $" by {person}" : "";
            var until = hold.Until?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture) ?? "the hold is taken away";
            yield return hold.IsUnreadable
                ? new("schedule.hold-unknown", $"a hold says what this version does not know: {hold.Text}", "use the newest version that is installed in the cluster; or see whose hold it is and take it away: pcmk-kpatch hold --list, pcmk-kpatch hold --clear [NODE]")
                : new("schedule.hold", $"{hold.Node ?? "every node"} is held{by} until {until}: {hold.Reason}", $"{(hold.Until is null ? "" : "wait, or ")}take the hold away: pcmk-kpatch hold --clear{(hold.Node is { } held ? $" {held}" : "")}");
        }
    }
}
