using System.Globalization;

namespace PcmkKpatch.Core.Schedule;

/// <summary>
/// The weekly windows in which runs may be, in the time of some zone. A window belongs to the day on which it begins, and goes on over midnight
/// where its end is not after its start. Where the clocks are set forward over a start or an end, it is the first instant after that; where they are set back
/// over one, a start is the earlier instant and an end the later. Where there are no windows, one is always open.
/// </summary>
public sealed record Windows
{
    private const string Example = "\"Sat,Sun 22:00-04:00; Mon..Fri 01:30-03:00\" or \"daily 22:00-02:00\"";
    private const int MinutesOfDay = 24 * 60;

    // Windows that leave out nothing never close. Others close within two weeks: what they leave out may be the very hour that the clocks are set forward over.
    private const int DaysLookedAt = 35;
    private static readonly TimeSpan s_forEver = TimeSpan.FromDays(28);

    private static readonly string[] s_days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

    private readonly IReadOnlyList<Weekly> _windows;

    private Windows(string text, IEnumerable<Weekly> windows) => (Text, _windows) = (text, [.. windows.OrderBy(w => w.Start)]);

    /// <summary>No windows: one is always open.</summary>
    public static Windows Always { get; } = new("", []);

    /// <summary>The text that they were read from.</summary>
    public string Text { get; }

    /// <summary>Reads the parameter "window", such as Sat,Sun 22:00-04:00; Mon..Fri 01:30-03:00. An empty text means no windows.</summary>
    /// <param name="text">The parameter.</param>
    /// <param name="error">What is wrong with which part, and what to write; null where nothing is.</param>
    /// <returns>The windows, or null where anything is wrong.</returns>
    public static Windows? Parse(string text, out string? error)
    {
        var windows = new List<Weekly>();
        error = ListText.Problem(text, ';', Example, part => Add(part, windows));
        return error is null ? new Windows(text.Trim(), windows) : null;
    }

    /// <summary>
    /// When the window that is open now closes; where others touch or overlap it, when the last of them does. <see cref="DateTimeOffset.MaxValue"/> where
    /// that never happens; null where none is open.
    /// </summary>
    public DateTimeOffset? Open(DateTimeOffset now, TimeZoneInfo zone) =>
        _windows.Count == 0 ? DateTimeOffset.MaxValue
            : Interval.EndOf(From(now, zone), now) is not { } end ? null
            : end - now > s_forEver ? DateTimeOffset.MaxValue
            : end;

    /// <summary>The first instant, from now on, at which a window is open: now, where one is.</summary>
    public DateTimeOffset? NextOpening(DateTimeOffset now, TimeZoneInfo zone) => Open(now, zone) is not null ? now : Interval.NextStart(From(now, zone), now);

    /// <inheritdoc/>
    public bool Equals(Windows? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private IEnumerable<Interval> From(DateTimeOffset now, TimeZoneInfo zone)
    {
        // A window is a day long at most, so none from before is open still, even where the clocks are set back over a midnight.
        var first = LocalTime.Date(now, zone).AddDays(-2).ToDateTime(TimeOnly.MinValue);
        return from ahead in Enumerable.Range(0, DaysLookedAt)
               let day = first.AddDays(ahead)
               from window in _windows
               where window.Day == day.DayOfWeek
               let interval = Interval.Of(day.AddMinutes(window.Start), day.AddMinutes(window.End), zone)
               where interval.Start < interval.End
               select interval;
    }

    private static string? Add(string part, List<Weekly> windows)
    {
        // No name of a day has a digit.
        var names = part.TakeWhile(c => !char.IsAsciiDigit(c)).Count();
        var times = part[names..].Split('-', StringSplitOptions.TrimEntries);
        if (times.Length != 2)
            return $"{ListText.Quote(part)} has no start and end such as 22:00-04:00";
        if (Minute(times[0]) is not ({ } start and < MinutesOfDay))
            return $"{ListText.Quote(times[0])} is no time of a day from 00:00 to 23:59";
        if (Minute(times[1]) is not { } end)
            return $"{ListText.Quote(times[1])} is no time of a day from 00:00 to 24:00";
        if (names == 0)
            return $"{ListText.Quote(part)} does not say on which days";
        foreach (var item in part[..names].Split(',', StringSplitOptions.TrimEntries))
        {
            if (Days(item) is not { } days)
                return $"{ListText.Quote(item)} is none of Mon, Tue, Wed, Thu, Fri, Sat, Sun, no range of them and not daily";
            windows.AddRange(days.Select(day => new Weekly(day, start, end > start ? end : end + MinutesOfDay)));
        }

        return null;
    }

    private static IEnumerable<DayOfWeek>? Days(string item)
    {
        if (item.Equals("daily", StringComparison.OrdinalIgnoreCase))
            return Enum.GetValues<DayOfWeek>();
        var ends = item.Split("..", StringSplitOptions.TrimEntries);
        if (ends.Length > 2 || Day(ends[0]) is not (>= 0 and var first) || Day(ends[^1]) is not (>= 0 and var last))
            return null;
        return Enumerable.Range(first, ((last - first + 7) % 7) + 1).Select(day => (DayOfWeek)(day % 7));
    }

    private static int Day(string name) => Array.FindIndex(s_days, day => day.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static int? Minute(string time) =>
        time == "24:00" ? MinutesOfDay
            : TimeOnly.TryParseExact(time, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var found) ? (found.Hour * 60) + found.Minute
            : null;

    /// <summary>One window: start and end in minutes from the midnight with which its day begins.</summary>
    private readonly record struct Weekly(DayOfWeek Day, int Start, int End);
}
