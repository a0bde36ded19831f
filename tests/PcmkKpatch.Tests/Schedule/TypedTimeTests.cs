using System.Globalization;
using NUnit.Framework;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Schedule;

public sealed class TypedTimeTests
{
    [TestCase("2026-02-01", "2026-01-31T23:00Z")]
    [TestCase("2026-02-01T06:00", "2026-02-01T05:00Z")]
    [TestCase("2026-02-01T06:00:30Z", "2026-02-01T06:00:30Z")]
    [TestCase("2025-10-26T02:30", "2025-10-26T00:30Z", TestName = "of a time that came twice the first one, so that nothing is missed")]
    [TestCase("2h", "2026-03-01T20:15:20Z", TestName = "a length is so long ago")]
    [TestCase("3d", "2026-02-26T22:15:20Z")]
    [TestCase("0", "2026-03-01T22:15:20Z")]
    public void what_is_typed_is_a_moment_that_has_been(string typed, string moment)
    {
        Assert.That(Past(typed, out var error), Is.EqualTo(DateTimeOffset.Parse(moment, CultureInfo.InvariantCulture)), error);
        Assert.That(error, Is.Null);
    }

    [TestCase("2026-03-02", "is still to come; write a time that has been, for example 2026-12-01")]
    [TestCase("9999-12-31", "is still to come")]
    [TestCase("yesterday", "is no time; write for example 2026-12-01")]
    [TestCase("", "is no time")]
    [TestCase("-2h", "is no time")]
    public void anything_else_is_told(string typed, string said)
    {
        Assert.That(Past(typed, out var error), Is.Null);
        Assert.That(error, Does.StartWith($"\"{typed}\" {said}"));
    }

    private static DateTimeOffset? Past(string typed, out string? error) =>
        TypedTime.Past(typed, DateTimeOffset.Parse("2026-03-01T22:15:20Z", CultureInfo.InvariantCulture), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), out error);
}
