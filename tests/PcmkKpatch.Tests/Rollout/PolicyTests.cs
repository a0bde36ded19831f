using System.Globalization;
using NUnit.Framework;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Rollout;

public sealed class PolicyTests
{
    private static readonly DateTimeOffset s_taken = new(2026, 3, 1, 22, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_guess = TimeSpan.FromMinutes(12);

    [Test]
    public void the_next_run_is_taken_to_last_as_long_as_the_last_good_one() => Assert.That(Estimate(Last(TimeSpan.FromMinutes(7))), Is.EqualTo(TimeSpan.FromMinutes(7)));

    [Test]
    public void the_time_that_it_waited_for_the_token_does_not_count() =>
        Assert.That(Estimate(Last(TimeSpan.FromMinutes(7)) with { Started = s_taken.AddDays(-3) }), Is.EqualTo(TimeSpan.FromMinutes(7)));

    [Test]
    public void without_a_last_run_it_is_a_guess_by_what_is_watched_and_waited_for()
    {
        Assert.That(Estimate(null), Is.EqualTo(s_guess));
        Assert.That((Parameters.Defaults with { Soak = TimeSpan.FromHours(1), TransitionTimeout = TimeSpan.FromMinutes(2) }).Estimate(null), Is.EqualTo(TimeSpan.FromMinutes(72)));
    }

    [Test]
    public void a_run_that_did_not_go_well_says_nothing_of_the_next([Values] Verdict verdict) =>
        Assert.That(Estimate(Last(TimeSpan.FromMinutes(7)) with { Verdict = verdict }), Is.EqualTo(verdict == Verdict.Patched ? TimeSpan.FromMinutes(7) : s_guess));

    [Test]
    public void nor_does_one_of_which_it_is_not_known_when_it_took_the_token_or_ended()
    {
        Assert.That(Estimate(Last(TimeSpan.FromMinutes(7)) with { Taken = null }), Is.EqualTo(s_guess));
        Assert.That(Estimate(Last(TimeSpan.FromMinutes(7)) with { Ended = null }), Is.EqualTo(s_guess));
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(-86400)]
    public void nor_does_one_in_which_the_clock_was_set_back(int seconds) => Assert.That(Estimate(Last(TimeSpan.FromSeconds(seconds))), Is.EqualTo(s_guess));

    [Test]
    public void where_the_clock_was_set_or_the_soak_changed_meanwhile_it_is_no_more_than_any_run_takes_and_no_less_than_it_is_watched()
    {
        Assert.That(Estimate(Last(TimeSpan.FromDays(400))), Is.EqualTo(Parameters.Defaults.LongestRun));
        Assert.That((Parameters.Defaults with { Soak = TimeSpan.FromHours(2) }).Estimate(Last(TimeSpan.FromMinutes(7))), Is.EqualTo(TimeSpan.FromHours(2)));
    }

    // The node is home by then, and nothing is moved any more.
    [Test]
    public void a_pause_does_not_count_for_a_window_and_does_for_who_waits_for_the_token()
    {
        var policy = Parameters.Defaults with { Pause = TimeSpan.FromHours(8) };
        var last = Last(TimeSpan.FromHours(8) + TimeSpan.FromMinutes(7)) with { Paused = TimeSpan.FromHours(8) };

        Assert.That(policy.Estimate(last), Is.EqualTo(TimeSpan.FromMinutes(7)));
        Assert.That(policy.Estimate(null), Is.EqualTo(s_guess));
        Assert.That(policy.Estimate(Last(TimeSpan.FromDays(400))), Is.EqualTo(Parameters.Defaults.LongestRun));
        Assert.That(policy.LongestRun, Is.EqualTo(Parameters.Defaults.LongestRun + TimeSpan.FromHours(8)));
    }

    // The calendar was set back in the pause, which goes by the time since boot.
    [Test]
    public void a_run_that_paused_longer_than_it_took_says_nothing() => Assert.That(Estimate(Last(TimeSpan.FromMinutes(7)) with { Paused = TimeSpan.FromMinutes(7) }), Is.EqualTo(s_guess));

    // 22:00 in Berlin is 21:00 UTC in winter and 20:00 UTC in summer; 12-24 begins there at 23:00 UTC of the day before.
    [TestCase("2026-12-19T20:59Z", false)]
    [TestCase("2026-12-19T21:00Z", true)]
    [TestCase("2026-07-19T19:59Z", false)]
    [TestCase("2026-07-19T20:00Z", true)]
    [TestCase("2026-12-23T22:59Z", true)]
    [TestCase("2026-12-23T23:00Z", false)]
    public void window_and_blackout_are_read_in_the_zones_time(string now, bool open)
    {
        var policy = Parameters.Defaults with { Window = "daily 22:00-02:00", Blackout = "12-24", TimeZone = "Europe/Berlin" };

        Assert.That(policy.Timetable().Open(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture)), open ? Is.Not.Null : Is.Null);
    }

    [Test]
    public void without_a_zone_it_is_the_nodes_own()
    {
        var timetable = Parameters.Defaults.Timetable();

        Assert.That(timetable.Zone, Is.EqualTo(TimeZoneInfo.Local));
        Assert.That(timetable.Open(s_taken), Is.EqualTo(DateTimeOffset.MaxValue), "and without a window it is always open");
    }

    [TestCase("", "")]
    [TestCase("web", "web")]
    [TestCase(" web , db ", "web|db")]
    [TestCase("*", "*")]
    public void the_resources_that_may_be_without_a_home_are_a_list(string text, string ids) =>
        Assert.That((Parameters.Defaults with { AllowStranded = text }).Stranded(), Is.EqualTo(ids.Split('|', StringSplitOptions.RemoveEmptyEntries)));

    [Test]
    public void the_gates_weigh_what_was_set()
    {
        Assert.That(Parameters.Defaults.Levels(), Is.EqualTo(GateLevels.Default));
        Assert.That((Parameters.Defaults with { Gates = "fencing.disabled=warn" }).Levels().Text, Is.EqualTo("fencing.disabled=warn"));
    }

    // A journal that a newer version wrote.
    [Test]
    public void gates_that_this_version_does_not_know_weigh_as_by_themselves() =>
        Assert.That((Parameters.Defaults with { Gates = "fencing.disabled=off, moon.full=warn" }).Levels(), Is.EqualTo(GateLevels.Default));

    private static TimeSpan Estimate(Run? last) => Parameters.Defaults.Estimate(last);

    private static Run Last(TimeSpan length) => new()
    {
        Id = "r",
        Node = "a",
        Boot = "b",
        Started = s_taken,
        Taken = s_taken,
        Ended = s_taken + length,
        Phase = Phase.Release,
        PhaseSince = TimeSpan.Zero,
        Policy = Parameters.Defaults,
        Verdict = Verdict.Patched,
    };
}
