using NUnit.Framework;
using PcmkKpatch.Core;

namespace PcmkKpatch.Tests;

public sealed class TimeTextTests
{
    [TestCase(0, "0.0 s")]
    [TestCase(-5, "0.0 s")]
    [TestCase(0.26, "0.3 s")]
    [TestCase(9.9, "9.9 s")]
    [TestCase(12.4, "12 s")]
    [TestCase(119.4, "119 s")]
    [TestCase(119.6, "2 min")]
    [TestCase(185, "3 min 5 s")]
    [TestCase(7200, "2 h")]
    [TestCase(3 * 3600 + 61, "3 h 1 min")]
    [TestCase(172800, "2 days")]
    [TestCase(3 * 86400 + 3 * 3600, "3 days 3 h")]
    public void a_time_has_two_units_at_most_and_is_never_below_nothing(double seconds, string said) => Assert.That(TimeText.Of(TimeSpan.FromSeconds(seconds)), Is.EqualTo(said));

    [Test]
    public void a_moment_is_said_in_UTC() => Assert.That(TimeText.Utc(new(2026, 1, 31, 23, 15, 0, TimeSpan.FromHours(1))), Is.EqualTo("2026-01-31 22:15:00 UTC"));
}
