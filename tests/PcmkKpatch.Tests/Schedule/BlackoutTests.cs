using System.Globalization;
using NUnit.Framework;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Schedule;

public sealed class BlackoutTests
{
    [TestCase("2026-11-27", "UTC", "2026-11-27T00:00Z", "2026-11-28T00:00Z", TestName = "a day")]
    [TestCase("2026-11-27", "Europe/Berlin", "2026-11-26T23:00Z", "2026-11-27T23:00Z", TestName = "in the zone's time")]
    [TestCase("2026-12-24..2027-01-02", "UTC", "2026-12-24T00:00Z", "2027-01-03T00:00Z", TestName = "a range over the year's end")]
    [TestCase("2026-12-24 .. 2026-12-24", "UTC", "2026-12-24T00:00Z", "2026-12-25T00:00Z", TestName = "a range of one day")]
    [TestCase("2026-12-24,2026-12-25", "UTC", "2026-12-24T00:00Z", "2026-12-26T00:00Z", TestName = "days that touch are one")]
    [TestCase("2026-12-26..2026-12-31, 2026-12-24..2026-12-28", "UTC", "2026-12-24T00:00Z", "2027-01-01T00:00Z", TestName = "ranges that overlap are one")]
    [TestCase("12-24..12-26", "UTC", "2026-12-24T00:00Z", "2026-12-27T00:00Z", TestName = "every year")]
    [TestCase("12-24..12-26", "UTC", "2199-12-24T00:00Z", "2199-12-27T00:00Z", TestName = "every year, and in a far one")]
    [TestCase("12-24..01-02", "UTC", "2026-12-24T00:00Z", "2027-01-03T00:00Z", TestName = "every year, over its end")]
    [TestCase("12-31, 01-01", "UTC", "2026-12-31T00:00Z", "2027-01-02T00:00Z", TestName = "every year, its last and its first day")]
    [TestCase("12-24..12-31, 2027-01-01..2027-01-06", "UTC", "2026-12-24T00:00Z", "2027-01-07T00:00Z", TestName = "every year, and longer in one")]
    [TestCase("02-29", "UTC", "2028-02-29T00:00Z", "2028-03-01T00:00Z", TestName = "the leap day")]
    [TestCase("02-28..03-01", "UTC", "2027-02-28T00:00Z", "2027-03-02T00:00Z", TestName = "over a leap day that is not there")]
    [TestCase("2026-01-01..2999-12-31", "UTC", "2026-01-01T00:00Z", "3000-01-01T00:00Z", TestName = "a thousand years")]
    [TestCase("02-01..12-31", "UTC", "2026-02-01T00:00Z", "2027-01-01T00:00Z", TestName = "all the year but a month")]
    [TestCase("2026-03-29", "Europe/Berlin", "2026-03-28T23:00Z", "2026-03-29T22:00Z", TestName = "Berlin: a day of 23 hours")]
    [TestCase("2026-10-25", "Europe/Berlin", "2026-10-24T22:00Z", "2026-10-25T23:00Z", TestName = "Berlin: a day of 25 hours")]
    [TestCase("2026-10-04", "Australia/Lord_Howe", "2026-10-03T13:30Z", "2026-10-04T13:00Z", TestName = "Lord Howe: a day of 23 hours and a half")]
    [TestCase("2026-09-06", "America/Santiago", "2026-09-06T04:00Z", "2026-09-07T03:00Z", TestName = "Santiago: a midnight that does not exist")]
    [TestCase("2026-04-04", "America/Santiago", "2026-04-04T03:00Z", "2026-04-05T04:00Z", TestName = "Santiago: a day that is set back at its end")]
    // The Azores set their clocks from 01:00 back to 00:00 on 2026-10-25, at 01:00Z: midnight comes at 00:00Z and again an hour later.
    [TestCase("2026-10-24", "Atlantic/Azores", "2026-10-24T00:00Z", "2026-10-25T01:00Z", TestName = "Azores: until the last midnight")]
    [TestCase("2026-10-25", "Atlantic/Azores", "2026-10-25T00:00Z", "2026-10-26T01:00Z", TestName = "Azores: from the first midnight")]
    public void it_covers_whole_days(string text, string zone, string start, string end)
    {
        var (from, until) = (At(start), At(end));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Covers(text, zone, from.AddTicks(-1)), Is.Null, "just before");
            Assert.That(Covers(text, zone, from), Is.EqualTo(until), "at its start");
            Assert.That(Covers(text, zone, until.AddTicks(-1)), Is.EqualTo(until), "just before its end");
            Assert.That(Covers(text, zone, until), Is.Null, "at its end");
        }
    }

    [TestCase("")]
    [TestCase(" ")]
    public void without_days_nothing_is_covered(string text) => Assert.That(Covers(text, "UTC", At("2026-12-24T12:00Z")), Is.Null);

    [Test]
    public void they_are_the_same_where_their_texts_are()
    {
        Assert.That(Of(" 05-01 "), Is.EqualTo(Of("05-01")));
        Assert.That(Of(" 05-01 ").GetHashCode(), Is.EqualTo(Of("05-01").GetHashCode()));
        Assert.That(Of("").ToString(), Is.EqualTo(Blackout.None.ToString()));
    }

    [TestCase("christmas", "\"christmas\" is no day of the calendar")]
    [TestCase("2026-13-01", "\"2026-13-01\" is no day of the calendar")]
    [TestCase("2026-02-29", "\"2026-02-29\" is no day of the calendar")]
    [TestCase("02-30", "\"02-30\" is no day of the calendar")]
    [TestCase("2026-1-1", "\"2026-1-1\" is no day of the calendar")]
    [TestCase("0026-12-24", "\"0026-12-24\" is no day of the calendar")]
    [TestCase("1999-12-31", "\"1999-12-31\" is no day of the calendar")]
    [TestCase("3000-01-01", "\"3000-01-01\" is no day of the calendar")]
    [TestCase("24.12.2026", "\"24.12.2026\" is no day of the calendar")]
    [TestCase("12/24/2026", "\"12/24/2026\" is no day of the calendar")]
    [TestCase("2026-12", "\"2026-12\" is no day of the calendar")]
    [TestCase("2026-12-24T00:00", "\"2026-12-24T00:00\" is no day of the calendar")]
    [TestCase("2026-12-24-2026-12-26", "is no day of the calendar")]
    [TestCase("2026-12-24 2026-12-26", "is no day of the calendar")]
    [TestCase("2026-12-24; 2026-12-26", "is no day of the calendar")]
    [TestCase("2026\u201312\u201324", "is no day of the calendar", TestName = "other dashes")]
    [TestCase("202\u0666-12-24", "is no day of the calendar", TestName = "digits of another script")]
    [TestCase("2026-12-24..", "\"\" is no day of the calendar")]
    [TestCase("..2026-12-24", "\"\" is no day of the calendar")]
    [TestCase("2026-12-24...2026-12-26", "\".2026-12-26\" is no day of the calendar")]
    [TestCase("2026-12-24..2026-12-25..2026-12-26", "is neither a day nor a range")]
    [TestCase("2026-12-24..12-26", "one end of \"2026-12-24..12-26\" has a year and the other has none")]
    [TestCase("12-24..2026-12-26", "has a year and the other has none")]
    [TestCase("2026-12-26..2026-12-24", "\"2026-12-26..2026-12-24\" ends before it begins")]
    [TestCase("2026-12-24,", "nothing stands on one side of a ,")]
    [TestCase(",", "nothing stands on one side of a ,")]
    [TestCase("2026-12-24\n2026-12-25", "cannot be seen")]
    [TestCase("01-01..12-31", "no day of the year is left")]
    [TestCase("07-01..06-30", "no day of the year is left")]
    [TestCase("03-01..02-28", "no day of the year is left")]
    [TestCase("01-01..06-30, 07-01..12-31", "no day of the year is left")]
    public void what_is_malformed_is_named_beside_an_example(string text, string problem)
    {
        Assert.That(Blackout.Parse(text, out var error), Is.Null);
        Assert.That(error, Does.Contain(problem).And.Contains("write for example \"2026-12-24..2027-01-02, 2026-11-27\""));
    }

    [Test]
    public void what_is_too_long_is_no_blackout()
    {
        Assert.That(Blackout.Parse(new string('1', 4001), out var error), Is.Null);
        Assert.That(error, Is.EqualTo("it is longer than 4000 characters"));
    }

    private static DateTimeOffset? Covers(string text, string zone, DateTimeOffset now) => Of(text).Covers(now, TimeZoneInfo.FindSystemTimeZoneById(zone));

    private static Blackout Of(string text)
    {
        var blackout = Blackout.Parse(text, out var error);
        Assert.That(error, Is.Null);
        return blackout!;
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
