namespace PcmkKpatch.Core.Schedule;

/// <summary>The time from one instant until just before another.</summary>
internal readonly record struct Interval(DateTimeOffset Start, DateTimeOffset End)
{
    /// <summary>From the first time that the clocks there show the start until the last time that they show the end; empty where both fall into one gap.</summary>
    public static Interval Of(DateTime start, DateTime end, TimeZoneInfo zone) => new(LocalTime.First(start, zone), LocalTime.Last(end, zone));

    /// <summary>When it ends, where one of them is going on now and others touch or overlap it; null where none is.</summary>
    /// <param name="intervals">In the order of their starts.</param>
    /// <param name="now">This instant.</param>
    public static DateTimeOffset? EndOf(IEnumerable<Interval> intervals, DateTimeOffset now)
    {
        DateTimeOffset? end = null;
        foreach (var interval in intervals)
        {
            if (interval.Start > (end ?? now))
                break;
            if (interval.End > (end ?? now))
                end = interval.End;
        }

        return end;
    }

    /// <summary>When the next one of them begins after now; null where none does.</summary>
    /// <param name="intervals">In the order of their starts.</param>
    /// <param name="now">This instant.</param>
    public static DateTimeOffset? NextStart(IEnumerable<Interval> intervals, DateTimeOffset now) =>
        intervals.Where(i => i.Start > now).Select(i => (DateTimeOffset?)i.Start).FirstOrDefault();
}
