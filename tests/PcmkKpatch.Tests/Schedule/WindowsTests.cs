using System.Globalization;
using NUnit.Framework;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Schedule;

public sealed class WindowsTests
{
    private const string Berlin = "Europe/Berlin";
    private const string NewYork = "America/New_York";
    private const string LordHowe = "Australia/Lord_Howe";
    private const string Never = "9999-12-31T23:59:59.9999999Z";

    // An ordinary week: 2026-03-07 is a Saturday.
    [TestCase("Sat 22:00-23:00", "UTC", "2026-03-07T22:00Z", "2026-03-07T23:00Z")]
    [TestCase("Sat 22:00-04:00", "UTC", "2026-03-07T22:00Z", "2026-03-08T04:00Z", TestName = "over midnight")]
    [TestCase("Sat 22:00-00:00", "UTC", "2026-03-07T22:00Z", "2026-03-08T00:00Z", TestName = "until midnight, as the next day's 00:00")]
    [TestCase("Sat 22:00-24:00", "UTC", "2026-03-07T22:00Z", "2026-03-08T00:00Z", TestName = "until midnight, as 24:00")]
    [TestCase("Sat 00:00-24:00", "UTC", "2026-03-07T00:00Z", "2026-03-08T00:00Z", TestName = "a whole day")]
    [TestCase("Sat 22:00-22:00", "UTC", "2026-03-07T22:00Z", "2026-03-08T22:00Z", TestName = "a day from one evening to the next")]
    [TestCase("Sat 22:00-04:00", Berlin, "2026-03-07T21:00Z", "2026-03-08T03:00Z", TestName = "in the zone's time")]
    [TestCase("Sat 22:00-02:00; Sun 01:00-05:00", "UTC", "2026-03-07T22:00Z", "2026-03-08T05:00Z", TestName = "windows that overlap are one")]
    [TestCase("Sun 00:00-05:00; Sat 22:00-24:00", "UTC", "2026-03-07T22:00Z", "2026-03-08T05:00Z", TestName = "windows that touch are one, in whichever order")]
    [TestCase("Sat 20:00-23:00; Sat 21:00-22:00", "UTC", "2026-03-07T20:00Z", "2026-03-07T23:00Z", TestName = "one window within another")]
    [TestCase("Fri..Mon 00:00-24:00", "UTC", "2026-03-06T00:00Z", "2026-03-10T00:00Z", TestName = "a range over the week's end")]
    [TestCase("Mon, sat , WED 10:00 - 11:00", "UTC", "2026-03-07T10:00Z", "2026-03-07T11:00Z", TestName = "blanks and small letters do not matter")]
    [TestCase("Sat..Sat 10:00-11:00", "UTC", "2026-03-07T10:00Z", "2026-03-07T11:00Z", TestName = "a range of one day")]
    [TestCase("daily 10:00-11:00", "UTC", "2026-03-07T10:00Z", "2026-03-07T11:00Z")]
    // Berlin, 2026-03-29: 02:00 becomes 03:00 at 01:00Z.
    [TestCase("Sat 22:00-04:00", Berlin, "2026-03-28T21:00Z", "2026-03-29T02:00Z", TestName = "Berlin: over midnight into spring")]
    [TestCase("Sun 02:30-05:00", Berlin, "2026-03-29T01:00Z", "2026-03-29T03:00Z", TestName = "Berlin: a start that does not exist")]
    [TestCase("Sat 22:00-02:30", Berlin, "2026-03-28T21:00Z", "2026-03-29T01:00Z", TestName = "Berlin: an end that does not exist")]
    [TestCase("Sat 22:00-02:00", Berlin, "2026-03-28T21:00Z", "2026-03-29T01:00Z", TestName = "Berlin: the end at which the gap begins")]
    [TestCase("Sun 03:00-04:00", Berlin, "2026-03-29T01:00Z", "2026-03-29T02:00Z", TestName = "Berlin: the start with which the gap ends")]
    [TestCase("Sat 22:00-02:10; Sun 02:50-04:00", Berlin, "2026-03-28T21:00Z", "2026-03-29T02:00Z", TestName = "Berlin: the pause falls into the gap")]
    // Berlin, 2026-10-25: 03:00 becomes 02:00 at 01:00Z.
    [TestCase("Sat 22:00-04:00", Berlin, "2026-10-24T20:00Z", "2026-10-25T03:00Z", TestName = "Berlin: over midnight into autumn")]
    [TestCase("Sat 22:00-02:30", Berlin, "2026-10-24T20:00Z", "2026-10-25T01:30Z", TestName = "Berlin: an end that comes twice")]
    [TestCase("Sun 02:30-04:00", Berlin, "2026-10-25T00:30Z", "2026-10-25T03:00Z", TestName = "Berlin: a start that comes twice")]
    [TestCase("Sun 02:15-02:45", Berlin, "2026-10-25T00:15Z", "2026-10-25T01:45Z", TestName = "Berlin: both come twice")]
    // New York, 2026-03-08: 02:00 becomes 03:00 at 07:00Z; 2026-11-01: 02:00 becomes 01:00 at 06:00Z.
    [TestCase("Sat 23:00-02:30", NewYork, "2026-03-08T04:00Z", "2026-03-08T07:00Z", TestName = "New York: an end that does not exist")]
    [TestCase("Sun 02:00-06:00", NewYork, "2026-03-08T07:00Z", "2026-03-08T10:00Z", TestName = "New York: a start that does not exist")]
    [TestCase("Sat 23:00-01:30", NewYork, "2026-11-01T03:00Z", "2026-11-01T06:30Z", TestName = "New York: an end that comes twice")]
    [TestCase("Sun 01:30-03:00", NewYork, "2026-11-01T05:30Z", "2026-11-01T08:00Z", TestName = "New York: a start that comes twice")]
    // Lord Howe, half an hour: 2026-10-04: 02:00 becomes 02:30 at 15:30Z of the day before; 2026-04-05: 02:00 becomes 01:30 at 15:00Z of the day before.
    [TestCase("Sat 23:00-02:15", LordHowe, "2026-10-03T12:30Z", "2026-10-03T15:30Z", TestName = "Lord Howe: an end that does not exist")]
    [TestCase("Sun 02:15-03:00", LordHowe, "2026-10-03T15:30Z", "2026-10-03T16:00Z", TestName = "Lord Howe: a start that does not exist")]
    [TestCase("Sat 23:00-01:45", LordHowe, "2026-04-04T12:00Z", "2026-04-04T15:15Z", TestName = "Lord Howe: an end that comes twice")]
    [TestCase("Sun 01:45-03:00", LordHowe, "2026-04-04T14:45Z", "2026-04-04T16:30Z", TestName = "Lord Howe: a start that comes twice")]
    // Santiago changes at midnight: 2026-04-05 00:00 becomes 23:00 at 03:00Z; 2026-09-06 00:00 becomes 01:00 at 04:00Z.
    [TestCase("Sat 22:00-24:00", "America/Santiago", "2026-04-05T01:00Z", "2026-04-05T04:00Z", TestName = "Santiago: set back at midnight")]
    [TestCase("Sun 00:00-03:00", "America/Santiago", "2026-09-06T04:00Z", "2026-09-06T06:00Z", TestName = "Santiago: set forward at midnight")]
    // Samoa went over the date line: the 30th of December 2011 did not exist there.
    [TestCase("Thu 22:00-04:00", "Pacific/Apia", "2011-12-30T08:00Z", "2011-12-30T10:00Z", TestName = "Apia: the day of the end does not exist")]
    public void a_window_is_open_from_its_start_until_just_before_its_end(string text, string zone, string start, string end)
    {
        var (from, until) = (At(start), At(end));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Open(text, zone, from.AddTicks(-1)), Is.Null, "just before");
            Assert.That(Open(text, zone, from), Is.EqualTo(until), "at its start");
            Assert.That(Open(text, zone, until.AddTicks(-1)), Is.EqualTo(until), "just before its end");
            Assert.That(Open(text, zone, until), Is.Null, "at its end");
            Assert.That(Of(text).NextOpening(from.AddHours(-1), Zone(zone)), Is.EqualTo(from), "people are told");
        }
    }

    [TestCase("")]
    [TestCase("  ")]
    [TestCase("daily 00:00-24:00", TestName = "all days")]
    [TestCase("daily 06:00-06:00", TestName = "from each morning to the next")]
    [TestCase("Mon..Fri 00:00-24:00; Sat,Sun 00:00-12:00; Sat..Sun 12:00-24:00", TestName = "pieces that leave out nothing")]
    public void what_leaves_out_nothing_never_closes(string text) => Assert.That(Open(text, Berlin, At("2026-03-28T12:00Z")), Is.EqualTo(At(Never)));

    [Test]
    public void what_leaves_out_only_the_hour_that_spring_has_not_closes_a_week_later()
    {
        const string Text = "Mon..Sat 00:00-24:00; Sun 00:00-02:00; Sun 03:00-24:00";

        Assert.That(Open(Text, Berlin, At("2026-03-22T02:00Z")), Is.EqualTo(At("2026-04-05T00:00Z")), "14 days on end");
        Assert.That(Open(Text, Berlin, At("2026-04-05T00:00Z")), Is.Null);
    }

    [Test]
    public void a_window_within_the_gap_is_not_there_that_day()
    {
        Assert.That(Open("Sun 02:15-02:45", Berlin, At("2026-03-29T01:00Z")), Is.Null);
        Assert.That(Of("Sun 02:15-02:45").NextOpening(At("2026-03-28T12:00Z"), Zone(Berlin)), Is.EqualTo(At("2026-04-05T00:15Z")));
    }

    [Test]
    public void while_one_is_open_the_next_opening_is_now() =>
        Assert.That(Of("Sat 22:00-04:00").NextOpening(At("2026-03-07T23:12:34Z"), TimeZoneInfo.Utc), Is.EqualTo(At("2026-03-07T23:12:34Z")));

    [Test]
    public void they_are_the_same_where_their_texts_are()
    {
        Assert.That(Of(" daily 01:00-02:00 "), Is.EqualTo(Of("daily 01:00-02:00")));
        Assert.That(Of(" daily 01:00-02:00 ").GetHashCode(), Is.EqualTo(Of("daily 01:00-02:00").GetHashCode()));
        Assert.That(Of("").ToString(), Is.EqualTo(Windows.Always.ToString()));
    }

    [TestCase("Sat", "\"Sat\" has no start and end")]
    [TestCase("Sat 22:00", "\"Sat 22:00\" has no start and end")]
    [TestCase("Sat 22:00-", "\"\" is no time of a day from 00:00 to 24:00")]
    [TestCase("Sat 22:00-02:00-04:00", "has no start and end")]
    [TestCase("Sat 22:00\u201304:00", "has no start and end", TestName = "another dash")]
    [TestCase("Sat 22:00..04:00", "has no start and end")]
    [TestCase("22:00-04:00", "\"22:00-04:00\" does not say on which days")]
    [TestCase("Sat 24:00-04:00", "\"24:00\" is no time of a day from 00:00 to 23:59")]
    [TestCase("Sat 25:00-04:00", "\"25:00\" is no time")]
    [TestCase("Sat 22:60-04:00", "\"22:60\" is no time")]
    [TestCase("Sat 22:00-24:01", "\"24:01\" is no time")]
    [TestCase("Sat 22-04", "\"22\" is no time")]
    [TestCase("Sat 1:30-04:00", "\"1:30\" is no time")]
    [TestCase("Sat 22:00:00-04:00:00", "\"22:00:00\" is no time")]
    [TestCase("Sat 10pm-4am", "\"10pm\" is no time")]
    [TestCase("Sat 22:00-04:00 UTC", "\"04:00 UTC\" is no time")]
    [TestCase("Sat 2\u0662:00-04:00", "\"2\u0662:00\" is no time", TestName = "digits of another script")]
    [TestCase("Sat -1:00-04:00", "\"1:00\" is no time")]
    [TestCase("Saturday 22:00-04:00", "\"Saturday\" is none of Mon")]
    [TestCase("Sa 22:00-04:00", "\"Sa\" is none of Mon")]
    [TestCase("Sat, 22:00-04:00", "\"\" is none of Mon")]
    [TestCase("Sat Sun 22:00-04:00", "\"Sat Sun\" is none of Mon")]
    [TestCase("Mon-Fri 22:00-04:00", "\"Mon-Fri\" is none of Mon")]
    [TestCase("Mon.Fri 22:00-04:00", "\"Mon.Fri\" is none of Mon")]
    [TestCase("Mon...Fri 22:00-04:00", "\"Mon...Fri\" is none of Mon")]
    [TestCase("Mon..Wed..Fri 22:00-04:00", "\"Mon..Wed..Fri\" is none of Mon")]
    [TestCase("..Fri 22:00-04:00", "\"..Fri\" is none of Mon")]
    [TestCase("Mon.. 22:00-04:00", "\"Mon..\" is none of Mon")]
    [TestCase("weekly 22:00-04:00", "\"weekly\" is none of Mon")]
    [TestCase(";", "nothing stands on one side of a ;")]
    [TestCase("Sat 22:00-04:00;", "nothing stands on one side of a ;")]
    [TestCase("Sat 22:00-04:00;; Sun 22:00-04:00", "nothing stands on one side of a ;")]
    [TestCase("Sat 22:00-04:00, Sun 22:00-04:00", "has no start and end")]
    [TestCase("Sat 22:00-04:00\nSun 22:00-04:00", "cannot be seen")]
    [TestCase("Sat\t22:00-04:00", "cannot be seen")]
    [TestCase("\u001b[2J", "cannot be seen")]
    [TestCase("\u202e 22:00-04:00", "\"?\" is none of Mon", TestName = "text that runs the other way")]
    public void what_is_malformed_is_named_beside_an_example(string text, string problem)
    {
        Assert.That(Windows.Parse(text, out var error), Is.Null);
        Assert.That(error, Does.Contain(problem).And.Contains("write for example \"Sat,Sun 22:00-04:00; Mon..Fri 01:30-03:00\""));
    }

    [Test]
    public void what_is_too_long_is_no_windows()
    {
        Assert.That(Windows.Parse(string.Join(';', Enumerable.Repeat("Sat 22:00-04:00", 300)), out var error), Is.Null);
        Assert.That(error, Is.EqualTo("it is longer than 4000 characters"));
    }

    private static DateTimeOffset? Open(string text, string zone, DateTimeOffset now) => Of(text).Open(now, Zone(zone));

    private static Windows Of(string text)
    {
        var windows = Windows.Parse(text, out var error);
        Assert.That(error, Is.Null);
        return windows!;
    }

    private static TimeZoneInfo Zone(string name) => TimeZoneInfo.FindSystemTimeZoneById(name);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
