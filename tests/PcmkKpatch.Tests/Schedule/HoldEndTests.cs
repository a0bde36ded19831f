using System.Globalization;
using NUnit.Framework;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Schedule;

public sealed class HoldEndTests
{
    private static readonly DateTimeOffset s_now = At("2026-03-01T22:15:20Z");

    [TestCase("2026-12-01", "2026-11-30T23:00Z")]
    [TestCase("2026-07-01", "2026-06-30T22:00Z", TestName = "in summer")]
    [TestCase("2026-12-01T06:00", "2026-12-01T05:00Z")]
    [TestCase("2026-12-01T06:00:00", "2026-12-01T05:00Z")]
    [TestCase("2026-12-01T06:00:01", "2026-12-01T05:01Z", TestName = "to the full minute")]
    [TestCase("2026-12-01T06:00Z", "2026-12-01T06:00Z")]
    [TestCase("2026-12-01T06:00:30Z", "2026-12-01T06:01Z")]
    [TestCase("2026-12-01T06:00-05:00", "2026-12-01T11:00Z")]
    [TestCase("2026-12-01T06:00:00+05:30", "2026-12-01T00:30Z")]
    [TestCase("2026-10-25T02:30", "2026-10-25T01:30Z", TestName = "a time that comes twice is over when it came twice")]
    [TestCase("2026-03-29T02:30", "2026-03-29T01:00Z", TestName = "a time that never comes is the first one after it")]
    [TestCase("2h", "2026-03-02T00:16Z")]
    [TestCase("90min", "2026-03-01T23:46Z")]
    [TestCase("3d", "2026-03-04T22:16Z")]
    [TestCase("1", "2026-03-01T22:16Z", TestName = "a number alone is seconds, as in the agent's parameters")]
    [TestCase("48hr", "2026-03-03T22:16Z")]
    [TestCase("2036-03-01T00:00Z", "2036-03-01T00:00Z")]
    public void what_is_typed_is_a_moment(string typed, string moment)
    {
        Assert.That(Parse(typed, out var error), Is.EqualTo(At(moment)), error);
        Assert.That(error, Is.Null);
    }

    [TestCase("")]
    [TestCase("tomorrow")]
    [TestCase("2026-12-1")]
    [TestCase("2026-02-30")]
    [TestCase("2026-12-01 06:00")]
    [TestCase("2026-12-01T25:00")]
    [TestCase("2026-12-01T06:00 ")]
    [TestCase("2026-12-01T06:00CET")]
    [TestCase("2026-12-01Z")]
    [TestCase("01.12.2026")]
    [TestCase("06:00")]
    [TestCase("-2h")]
    [TestCase("2w")]
    [TestCase("2 h")]
    [TestCase("1.5h")]
    [TestCase("1h30min")]
    [TestCase("d")]
    [TestCase("9999999999d")]
    [TestCase("999999999d")]
    [TestCase("0001-01-01T00:00+14:00")]
    [TestCase("9999-12-31T23:59-12:00")]
    [TestCase("٣d")]
    public void what_is_no_time_is_said_to_be_none(string typed)
    {
        Assert.That(Parse(typed, out var error), Is.Null);
        Assert.That(error, Is.EqualTo($"\"{typed}\" is no time; write for example 2026-12-01, 2026-12-01T06:00, 2026-12-01T06:00+01:00, 90min, 2h or 3d"));
    }

    [TestCase("2026-03-01")]
    [TestCase("2026-03-01T22:15:20Z")]
    [TestCase("2026-03-01T23:15")]
    [TestCase("0001-01-01")]
    [TestCase("1969-12-31T23:59Z")]
    [TestCase("0s")]
    public void what_is_past_is_refused(string typed)
    {
        Assert.That(Parse(typed, out var error), Is.Null);
        Assert.That(error, Does.StartWith($"\"{typed}\" is over already; write a time to come"));
    }

    [TestCase("2036-03-02")]
    [TestCase("9999-12-31")]
    [TestCase("9999-12-31T23:59:59")]
    [TestCase("9999-12-31T23:59:59Z")]
    [TestCase("3700d")]
    public void what_nobody_lives_to_see_is_refused(string typed)
    {
        Assert.That(Parse(typed, out var error), Is.Null);
        Assert.That(error, Is.EqualTo($"\"{typed}\" is more than 10 years from now; without it the hold lasts until it is taken away"));
    }

    [Test]
    public void what_is_hostile_is_shown_as_far_as_it_can_be_seen()
    {
        Assert.That(Parse("\u001b[2J" + new string('x', 5000), out var error), Is.Null);
        Assert.That(error, Does.StartWith("\"?[2Jx").And.Length.LessThan(200));
    }

    private static DateTimeOffset? Parse(string typed, out string? error) => HoldEnd.Parse(typed, s_now, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), out error);

    private static DateTimeOffset At(string moment) => DateTimeOffset.Parse(moment, CultureInfo.InvariantCulture);
}
