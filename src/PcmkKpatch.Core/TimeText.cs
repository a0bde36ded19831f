using System.Globalization;

namespace PcmkKpatch.Core;

/// <summary>Times as they are told to people.</summary>
public static class TimeText
{
    /// <summary>How long something took, in two units at most. A time below nothing, as two clocks may have it, is none.</summary>
    public static string Of(TimeSpan time)
    {
        var seconds = Math.Max(0, time.TotalSeconds);
        if (seconds < 10)
            return string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");
        var whole = (long)Math.Round(seconds);
        return whole switch
        {
            < 120 => Words(whole, "s", 0, ""),
            < 2 * 3600 => Words(whole / 60, "min", whole % 60, "s"),
            < 2 * 86400 => Words(whole / 3600, "h", whole % 3600 / 60, "min"),
            _ => Words(whole / 86400, "days", whole % 86400 / 3600, "h"),
        };
    }

    /// <summary>A moment, in UTC, to the second.</summary>
    public static string Utc(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Words(long large, string unit, long small, string smaller) =>
        string.Create(CultureInfo.InvariantCulture, $"{large} {unit}") + (small == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {small} {smaller}"));
}
