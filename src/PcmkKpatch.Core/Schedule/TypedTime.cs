using System.Globalization;

namespace PcmkKpatch.Core.Schedule;

/// <summary>A moment as a person types it: a date, a date and a time, or how long from now.</summary>
public static class TypedTime
{
    /// <summary>What may be typed.</summary>
    internal const string Examples = "2026-12-01, 2026-12-01T06:00, 2026-12-01T06:00+01:00, 90min, 2h or 3d";

    private static readonly TimeSpan s_century = TimeSpan.FromDays(36525);
    private static readonly string[] s_inZone = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];
    private static readonly string[] s_withOffset = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK"];

    /// <summary>Reads a moment that has come: of a time that names no zone, where its clocks show it twice, the first one; of a length, so long ago.</summary>
    /// <param name="text">What was typed. A date alone is the midnight at its beginning.</param>
    /// <param name="now">This moment.</param>
    /// <param name="zone">The zone of a time that names none.</param>
    /// <param name="error">What is wrong with it, and what to write; null where nothing is.</param>
    /// <returns>The moment; null where anything is wrong.</returns>
    public static DateTimeOffset? Past(string text, DateTimeOffset now, TimeZoneInfo zone, out string? error)
    {
        var typed = Read(text, now, -1, local => LocalTime.First(local, zone));
        error = typed is null ? $"{ListText.Quote(text)} is no time; write for example {Examples}"
            : typed > now ? $"{ListText.Quote(text)} is still to come; write a time that has been, for example {Examples}" : null;
        return error is null ? typed : null;
    }

    /// <summary>Reads a moment that is to come, or null where it is none: of a time that names no zone, where its clocks show it twice, the second one; of a length, so long from now.</summary>
    internal static DateTimeOffset? Coming(string text, DateTimeOffset now, TimeZoneInfo zone) => Read(text, now, 1, local => LocalTime.Last(local, zone));

    private static DateTimeOffset? Read(string text, DateTimeOffset now, int sign, Func<DateTime, DateTimeOffset> inZone)
    {
        if (DurationText.Parse(text, s_century, days: true) is { } length)
            return now + (sign * length);
        if (DateTime.TryParseExact(text, s_inZone, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            // So far away that no zone matters, and that the zone's rules may not be asked.
            var far = new DateTimeOffset(local, TimeSpan.Zero);
            return (far - now).Duration() > s_century ? far : inZone(local);
        }

        return DateTimeOffset.TryParseExact(text, s_withOffset, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
    }
}
