using System.Globalization;
using NUnit.Framework;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Schedule;

public sealed class TimetableTests
{
    // 2026-12-19 is a Saturday.
    [TestCase("", "", "2026-12-19T12:00Z", "9999-12-31T23:59:59.9999999Z", TestName = "always")]
    [TestCase("Sat 22:00-04:00", "", "2026-12-19T23:00Z", "2026-12-20T04:00Z", TestName = "until the window closes")]
    [TestCase("Sat 22:00-04:00", "2026-12-20", "2026-12-19T23:00Z", "2026-12-20T00:00Z", TestName = "until a blackout begins")]
    [TestCase("", "12-24..12-26", "2026-12-19T23:00Z", "2026-12-24T00:00Z", TestName = "without windows, until a blackout begins")]
    [TestCase("Sat 22:00-04:00", "12-24..12-26", "2026-12-19T23:00Z", "2026-12-20T04:00Z", TestName = "a blackout that begins later does not matter")]
    [TestCase("Sat 22:00-04:00", "2026-12-19", "2026-12-19T23:00Z", null, TestName = "not in a blackout")]
    [TestCase("Sat 22:00-04:00", "2026-12-19", "2026-12-20T01:00Z", "2026-12-20T04:00Z", TestName = "after a blackout, in what is left of the window")]
    [TestCase("Sat 22:00-04:00", "", "2026-12-19T21:00Z", null, TestName = "not outside of a window")]
    public void runs_may_be_in_a_window_and_not_in_a_blackout(string window, string blackout, string now, string? until) =>
        Assert.That(Of(window, blackout).Open(At(now)), Is.EqualTo(until is null ? null : (DateTimeOffset?)At(until)));

    [TestCase("", "", 60, "2026-12-19T12:00Z", TestName = "now")]
    [TestCase("Sat 22:00-04:00", "", 60, "2026-12-19T22:00Z", TestName = "when the window opens")]
    [TestCase("Sat 22:00-04:00", "2026-12-19..2026-12-20", 60, "2026-12-26T22:00Z", TestName = "an opening in a blackout is none")]
    [TestCase("Sat 22:00-04:00", "2026-12-19", 60, "2026-12-20T00:00Z", TestName = "when the blackout ends in a window")]
    [TestCase("", "2026-12-19", 60, "2026-12-20T00:00Z", TestName = "without windows, when the blackout ends")]
    [TestCase("Sat 22:00-04:00", "2026-12-20", 121, "2026-12-26T22:00Z", TestName = "not where a blackout leaves too little time")]
    [TestCase("Sat 22:00-04:00", "2026-12-20", 120, "2026-12-19T22:00Z", TestName = "where it leaves just enough")]
    [TestCase("Sat 22:00-23:00; Sun 22:00-24:00", "", 90, "2026-12-20T22:00Z", TestName = "not in a window that is too short")]
    [TestCase("Sat 22:00-23:00", "", 61, null, TestName = "never where each is too short")]
    [TestCase("Sat 22:00-23:00", "2026-12-01..2998-12-31", 60, null, TestName = "never in what a person lives to see")]
    [TestCase("Sat 22:00-23:00", "2026-12-01..2028-01-01", 60, "2028-01-08T22:00Z", TestName = "after a long blackout")]
    public void a_run_may_be_when_there_is_time_enough(string window, string blackout, int minutes, string? opening) =>
        Assert.That(Of(window, blackout).NextOpening(At("2026-12-19T12:00Z"), TimeSpan.FromMinutes(minutes)), Is.EqualTo(opening is null ? null : (DateTimeOffset?)At(opening)));

    [Test]
    public void the_next_opening_is_the_first_minute_that_is_open()
    {
        var random = new Random(7);
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        for (var i = 0; i < 60; i++)
        {
            var spring = At("2026-03-20T00:00Z").AddMinutes(15 * random.Next(20 * 96));
            var timetable = Of($"Sun {random.Next(4):00}:15-{random.Next(24):00}:45; Wed 23:00-{random.Next(24):00}:00", $"2026-03-{random.Next(20, 32)}..2026-04-{random.Next(1, 10):00}", zone);
            var length = TimeSpan.FromMinutes(15 * random.Next(12));

            var first = spring;
            while (timetable.Open(first) is not { } closes || closes - first < length)
                first = first.AddMinutes(15);

            Assert.That(timetable.NextOpening(spring, length), Is.EqualTo(first), $"{timetable} at {spring:u}, {length}");
        }
    }

    [TestCase("Europe/Berlin", "2026-12-19 23:30 UTC (Sun 2026-12-20 00:30 Europe/Berlin)")]
    [TestCase("Australia/Lord_Howe", "2026-12-19 23:30 UTC (Sun 2026-12-20 10:30 Australia/Lord_Howe)")]
    [TestCase("UTC", "2026-12-19 23:30 UTC (Sat 2026-12-19 23:30 UTC)")]
    public void people_are_told_in_utc_and_in_their_own_time(string zone, string said) =>
        Assert.That(Of("", "", TimeZoneInfo.FindSystemTimeZoneById(zone)).Say(At("2026-12-19T23:30Z")), Is.EqualTo(said));

    private static Timetable Of(string window, string blackout, TimeZoneInfo? zone = null) =>
        new(Windows.Parse(window, out _)!, Blackout.Parse(blackout, out _)!, zone ?? TimeZoneInfo.Utc);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
