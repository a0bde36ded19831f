namespace PcmkKpatch.Core.Schedule;

/// <summary>When the clocks of a time zone show a time of a day: once; twice where they are set back over it; never where they are set forward over it.</summary>
internal static class LocalTime
{
    /// <summary>The date there at that instant.</summary>
    public static DateOnly Date(DateTimeOffset instant, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);

    /// <summary>The first instant at which the clocks show it; where they never do, the first one after the gap.</summary>
    public static DateTimeOffset First(DateTime local, TimeZoneInfo zone) => Instants(local, zone).First;

    /// <summary>The last instant at which the clocks show it; where they never do, the first one after the gap.</summary>
    public static DateTimeOffset Last(DateTime local, TimeZoneInfo zone) => Instants(local, zone).Last;

    private static (DateTimeOffset First, DateTimeOffset Last) Instants(DateTime local, TimeZoneInfo zone)
    {
        // No zone is a whole day away from UTC: whatever change of offset touches this time lies between these two.
        var utc = new DateTimeOffset(local, TimeSpan.Zero);
        var (before, after) = (zone.GetUtcOffset(utc.AddDays(-1)), zone.GetUtcOffset(utc.AddDays(1)));
        var (early, late) = (utc - before, utc - after);
        var (showsEarly, showsLate) = (zone.GetUtcOffset(early) == before, zone.GetUtcOffset(late) == after);
        if (showsEarly || showsLate)
            return (showsEarly ? early : late, showsLate ? late : early);

        // Set forward over it: the change comes after the one and, at the latest, with the other.
        var (gone, come) = (late, early);
        while (come - gone > TimeSpan.FromTicks(1))
        {
            var middle = gone + ((come - gone) / 2);
            if (zone.GetUtcOffset(middle) == before)
                gone = middle;
            else
                come = middle;
        }

        return (come, come);
    }
}
