using System.Globalization;
using System.Text;

namespace PcmkKpatch.Core.Cluster;

/// <summary>
/// What this program writes as one value into the CIB: words with blanks between them, in characters that need no quoting in XPath, XML or a shell.
/// </summary>
internal static class CibText
{
    /// <summary>How a moment is written, in UTC: 2026-01-31T22:15:00Z.</summary>
    public const string Stamp = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private const string Plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:";

    /// <summary>It has such characters only.</summary>
    public static bool IsPlain(string text) => text.All(c => Plain.Contains(c, StringComparison.Ordinal) || c is '%' or '=' or ' ');

    /// <summary>The moment as it is written.</summary>
    public static string Of(DateTimeOffset moment) => moment.UtcDateTime.ToString(Stamp, CultureInfo.InvariantCulture);

    /// <summary>The moment that is written there, or null.</summary>
    public static DateTimeOffset? Moment(string text) =>
        DateTimeOffset.TryParseExact(text, Stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;

    /// <summary>A time as it is written: seconds, with a tenth.</summary>
    public static string OfSeconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>The time that is written there, or null.</summary>
    public static TimeSpan? Seconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds >= 0 ? TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue)) : null;

    /// <summary>What a word key=value says, or null where it is another word.</summary>
    public static string? Field(string word, string key) =>
        word.StartsWith(key + "=", StringComparison.Ordinal) ? Uri.UnescapeDataString(word[(key.Length + 1)..]) : null;

    /// <summary>Several values as one word, with commas between them.</summary>
    public static string List(IEnumerable<string> values) => string.Join(',', values.Select(Escape));

    /// <summary>What a word key=value,value says, or null where it is another word.</summary>
    public static IReadOnlyList<string>? Items(string word, string key) =>
        word.StartsWith(key + "=", StringComparison.Ordinal) ? [.. word[(key.Length + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)] : null;

    /// <summary>The value, with %XX for each byte of what is not plain.</summary>
    public static string Escape(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var b in Encoding.UTF8.GetBytes(value))
        {
            if (Plain.Contains((char)b, StringComparison.Ordinal))
                text.Append((char)b);
            else
                text.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    /// <summary>The value, with what is longer cut off.</summary>
    public static string Clip(string value, int longest) => value.Length <= longest ? value : value[..longest] + "…";
}
