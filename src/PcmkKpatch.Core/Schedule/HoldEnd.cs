namespace PcmkKpatch.Core.Schedule;

/// <summary>When a hold is to be over, as a person types it: a date, a date and a time, or how long from now.</summary>
public static class HoldEnd
{
    private const int MostYears = 10;

    /// <summary>Reads it.</summary>
    /// <param name="text">What was typed. A date alone is the midnight at its beginning.</param>
    /// <param name="now">This moment.</param>
    /// <param name="zone">The zone of a time that names none. Where its clocks show the time twice, the second one is meant.</param>
    /// <param name="error">What is wrong with it, and what to write; null where nothing is.</param>
    /// <returns>The moment, at the next full minute; null where anything is wrong.</returns>
    public static DateTimeOffset? Parse(string text, DateTimeOffset now, TimeZoneInfo zone, out string? error)
    {
        var typed = TypedTime.Coming(text, now, zone);
        error = typed is null ? $"{ListText.Quote(text)} is no time; write for example {TypedTime.Examples}"
            : typed <= now ? $"{ListText.Quote(text)} is over already; write a time to come, for example {TypedTime.Examples}"
            : typed > now.AddYears(MostYears) ? $"{ListText.Quote(text)} is more than {MostYears} years from now; without it the hold lasts until it is taken away" : null;
        return error is null ? FullMinute(typed!.Value) : null;
    }

    // It is shown to the minute, and is not over before the minute that is shown.
    private static DateTimeOffset FullMinute(DateTimeOffset moment)
    {
        var over = moment.UtcTicks % TimeSpan.TicksPerMinute;
        return over == 0 ? moment : moment.AddTicks(TimeSpan.TicksPerMinute - over);
    }
}
