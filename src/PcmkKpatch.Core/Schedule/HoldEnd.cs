using System.Globalization;

namespace PcmkKpatch.Core.Schedule;

/// <summary>When a hold is to be over, as a person types it: a date, a date and a time, or how long from now.</summary>
public static class HoldEnd
{
    private const string Example = "2026-12-01, 2026-12-01T06:00, 2026-12-01T06:00+01:00, 90min, 2h or 3d";
    private const int MostYears = 10;
    private static readonly TimeSpan s_century = TimeSpan.FromDays(36525);
    private static readonly string[] s_inZone = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];
    private static readonly string[] s_withOffset = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK"];

    /// <summary>Reads it.</summary>
    /// <param name="text">What was typed. A date alone is the midnight at its beginning.</param>
    /// <param name="now">This moment.</param>
    /// <param name="zone">The zone of a time that names none. Where its clocks show the time twice, the second one is meant.</param>
    /// <param name="error">What is wrong with it, and what to write; null where nothing is.</param>
    /// <returns>The moment, at the next full minute; null where anything is wrong.</returns>
    public static DateTimeOffset? Parse(string text, DateTimeOffset now, TimeZoneInfo zone, out string? error)
    {
        var typed = Moment(text, now, zone);
        error = typed is null ? $"{ListText.Quote(text)} is no time; write for example {Example}"
            : typed <= now ? $"{ListText.Quote(text)} is over already; write a time to come, for example {Example}"
            : typed > now.AddYears(MostYears) ? $"{ListText.Quote(text)} is more than {MostYears} years from now; without it the hold lasts until it is taken away" : null;
        return error is null ? FullMinute(typed!.Value) : null;
    }

    private static DateTimeOffset? Moment(string text, DateTimeOffset now, TimeZoneInfo zone)
    {
        if (DurationText.Parse(text, s_century, days: true) is { } length)
            return now + length;
        if (DateTime.TryParseExact(text, s_inZone, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            // So far away that no zone matters, and that the zone's rules may not be asked.
            var far = new DateTimeOffset(local, TimeSpan.Zero);
            return (far - now).Duration() > s_century ? far : LocalTime.Last(local, zone);
        }

        return DateTimeOffset.TryParseExact(text, s_withOffset, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
    }

    // It is shown to the minute, and is not over before the minute that is shown.
    private static DateTimeOffset FullMinute(DateTimeOffset moment)
    {
        var over = moment.UtcTicks % TimeSpan.TicksPerMinute;
        return over == 0 ? moment : moment.AddTicks(TimeSpan.TicksPerMinute - over);
    }
}
