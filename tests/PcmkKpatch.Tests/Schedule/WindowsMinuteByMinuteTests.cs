using System.Globalization;
using NUnit.Framework;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Schedule;

/// <summary>
/// Random windows, asked in every minute of a year, against a table of its minutes that is filled in by what .NET says of times that do not exist or come twice.
/// </summary>
public sealed class WindowsMinuteByMinuteTests
{
    private const int Year = 2026;
    private const int Minutes = 365 * 24 * 60;
    private static readonly DateTimeOffset s_newYear = new(Year, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] s_days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

    [TestCase("Europe/Berlin", 1)]
    [TestCase("America/New_York", 2)]
    [TestCase("Australia/Lord_Howe", 3)]
    public void a_year(string name, int seed)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(name);
        var written = Write(new Random(seed));
        var windows = Windows.Parse(string.Join("; ", written.Select(w => $"{s_days[w.Day]} {Time(w.Start)}-{Time(w.End)}")), out _)!;
        var open = Table(written, zone);

        // A month past the year is in the table too, so that what is open at its end has an end.
        var end = open.Length;
        for (var minute = open.Length - 1; minute >= 0; minute--)
        {
            end = open[minute] ? end : minute;
            if (minute >= Minutes)
                continue;
            DateTimeOffset? expected = open[minute] ? s_newYear.AddMinutes(end) : null;
            var now = s_newYear.AddMinutes(minute);
            if (windows.Open(now, zone) != expected)
                Assert.Fail($"seed {seed}, {windows} in {name} at {now:u}: {windows.Open(now, zone):u} instead of {expected:u}");
        }
    }

    // Most of them about the hours in which clocks are changed.
    private static List<(int Day, int Start, int End)> Write(Random random) =>
    [
        (0, random.Next(60, 180), random.Next(60, 240)),
        (6, random.Next(20 * 60, 24 * 60), random.Next(60, 180)),
        .. Enumerable.Range(0, random.Next(1, 3)).Select(_ => (random.Next(7), random.Next(24 * 60), random.Next((24 * 60) + 1))),
    ];

    private static bool[] Table(List<(int Day, int Start, int End)> windows, TimeZoneInfo zone)
    {
        var open = new bool[Minutes + (31 * 24 * 60)];
        for (var day = new DateTime(Year - 1, 12, 28); day < new DateTime(Year + 1, 2, 5); day = day.AddDays(1))
        {
            foreach (var (_, start, end) in windows.Where(w => w.Day == (int)day.DayOfWeek))
            {
                var first = Minute(day.AddMinutes(start), zone, offsets => offsets.Max());
                var last = Minute(day.AddMinutes(end > start ? end : end + (24 * 60)), zone, offsets => offsets.Min());
                for (var minute = Math.Max(first, 0); minute < Math.Min(last, open.Length); minute++)
                    open[minute] = true;
            }
        }

        return open;
    }

    // The greater offset from UTC is the earlier instant.
    private static int Minute(DateTime local, TimeZoneInfo zone, Func<TimeSpan[], TimeSpan> choose)
    {
        while (zone.IsInvalidTime(local))
            local = local.AddMinutes(1);
        var offset = zone.IsAmbiguousTime(local) ? choose(zone.GetAmbiguousTimeOffsets(local)) : zone.GetUtcOffset(local);
        return (int)(new DateTimeOffset(local, offset) - s_newYear).TotalMinutes;
    }

    private static string Time(int minutes) => string.Create(CultureInfo.InvariantCulture, $"{minutes / 60:00}:{minutes % 60:00}");
}
