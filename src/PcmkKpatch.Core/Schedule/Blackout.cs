using System.Globalization;

namespace PcmkKpatch.Core.Schedule;

/// <summary>
/// The days on which no run may be: whole days in the time of some zone, each from the first time that its midnight comes until the last time that the next
/// one does.
/// </summary>
public sealed record Blackout
{
    private const string Example = "\"2026-12-24..2027-01-02, 2026-11-27\", or for every year \"12-24..12-26\"";

    private readonly IReadOnlyList<Days> _days;

    private Blackout(string text, IReadOnlyList<Days> days) => (Text, _days) = (text, days);

    /// <summary>No such days.</summary>
    public static Blackout None { get; } = new("", []);

    /// <summary>The text that they were read from.</summary>
    public string Text { get; }

    /// <summary>Reads the parameter "blackout", such as 2026-12-24..2027-01-02, 2026-11-27, 05-01. An empty text means none.</summary>
    /// <param name="text">The parameter.</param>
    /// <param name="error">What is wrong with which part, and what to write; null where nothing is.</param>
    /// <returns>The days, or null where anything is wrong.</returns>
    public static Blackout? Parse(string text, out string? error)
    {
        var days = new List<Days>();
        error = ListText.Problem(text, ',', Example, part => Add(part, days));
        if (error is null && CoverEveryYear(days))
            error = $"no day of the year is left; write for example {Example}";
        return error is null ? new Blackout(text.Trim(), days) : null;
    }

    /// <summary>When the blackout that covers this instant ends, those that follow it without a break among it; null where none does.</summary>
    public DateTimeOffset? Covers(DateTimeOffset now, TimeZoneInfo zone) => Interval.EndOf(From(now, zone), now);

    /// <summary>When the next one begins, asked where none covers this instant; null where none does within <see cref="Timetable.DaysLookedAt"/>.</summary>
    internal DateTimeOffset? Next(DateTimeOffset now, TimeZoneInfo zone) => Interval.NextStart(From(now, zone), now);

    /// <inheritdoc/>
    public bool Equals(Blackout? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private IEnumerable<Interval> From(DateTimeOffset now, TimeZoneInfo zone)
    {
        if (_days.Count == 0)
            yield break;
        // Where the clocks are set back over midnight, yesterday goes on into today.
        var day = LocalTime.Date(now, zone).AddDays(-1);
        for (var last = day.AddDays(Timetable.DaysLookedAt); day <= last;)
        {
            var next = day.AddDays(1);
            if (_days.FirstOrDefault(d => d.Have(day)) is { } dark)
            {
                next = dark.After(day);
                yield return Interval.Of(day.ToDateTime(TimeOnly.MinValue), next.ToDateTime(TimeOnly.MinValue), zone);
            }

            day = next;
        }
    }

    private static string? Add(string part, List<Days> days)
    {
        var ends = part.Split("..", StringSplitOptions.TrimEntries);
        if (ends.Length > 2)
            return $"{ListText.Quote(part)} is neither a day nor a range from one to another";
        if (ends.FirstOrDefault(end => Read(end) is null) is { } wrong)
            return $"{ListText.Quote(wrong)} is no day of the calendar";
        var ((first, yearly), (last, lastYearly)) = (Read(ends[0])!.Value, Read(ends[^1])!.Value);
        if (yearly != lastYearly)
            return $"one end of {ListText.Quote(part)} has a year and the other has none";
        if (!yearly && last < first)
            return $"{ListText.Quote(part)} ends before it begins";
        days.Add(new Days(first, last, yearly));
        return null;
    }

    private static (DateOnly Day, bool Yearly)? Read(string text)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return day.Year is >= 2000 and < 3000 ? (day, false) : null;
        return DateOnly.TryParseExact($"{Days.AnyYear}-{text}", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day) ? (day, true) : null;
    }

    // The 29th of February alone is nothing that anybody could wait for.
    private static bool CoverEveryYear(List<Days> days)
    {
        var newYear = new DateOnly(2001, 1, 1);
        return Enumerable.Range(0, 365).All(ahead => days.Any(d => d.Yearly && d.Have(newYear.AddDays(ahead))));
    }

    /// <summary>From one day to another, both among them; what is yearly is written in <see cref="AnyYear"/>, and may go on over its end.</summary>
    private sealed record Days(DateOnly First, DateOnly Last, bool Yearly)
    {
        /// <summary>A leap year, so that the 29th of February can be written.</summary>
        public const int AnyYear = 2000;

        /// <summary>The day is one of them.</summary>
        public bool Have(DateOnly day)
        {
            var asked = Yearly ? new DateOnly(AnyYear, day.Month, day.Day) : day;
            return First <= Last ? First <= asked && asked <= Last : First <= asked || asked <= Last;
        }

        /// <summary>A later day, up to which they go on from that one, which is one of them.</summary>
        public DateOnly After(DateOnly day) => (Yearly ? day : Last).AddDays(1);
    }
}
