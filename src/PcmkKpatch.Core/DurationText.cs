using System.Globalization;

namespace PcmkKpatch.Core;

/// <summary>A length of time as people write it: a number and a unit.</summary>
internal static class DurationText
{
    /// <summary>Reads one in the units that Pacemaker itself takes; a number alone is seconds.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">What is longer is not taken.</param>
    /// <param name="days">Days (d) are taken as well.</param>
    public static TimeSpan? Parse(string text, TimeSpan longest, bool days = false)
    {
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9') is >= 0 and var first ? first : text.Length;
        if (digits is 0 or > 9)
            return null;
        var number = long.Parse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture);
        TimeSpan? unit = text[digits..] switch
        {
            "" or "s" or "sec" => TimeSpan.FromSeconds(1),
            "m" or "min" => TimeSpan.FromMinutes(1),
            "h" or "hr" => TimeSpan.FromHours(1),
            "d" when days => TimeSpan.FromDays(1),
            _ => null,
        };
        return unit is { } one && number * one.TotalSeconds <= longest.TotalSeconds ? number * one : null;
    }
}
