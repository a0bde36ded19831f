using System.Globalization;
using NUnit.Framework;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Gates;

public sealed class ScheduleGatesTests
{
    private static readonly DateTimeOffset s_ended = new(2026, 3, 1, 22, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_delay = Parameters.Defaults.RetryDelay;

    [TestCase(Verdict.Refused)]
    [TestCase(Verdict.DrainTooSlow)]
    public void a_run_that_was_put_off_is_tried_again_after_the_delay(Verdict verdict)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judge(verdict, TimeSpan.Zero), Is.EqualTo("schedule.back-off"));
            Assert.That(Judge(verdict, s_delay - TimeSpan.FromSeconds(1)), Is.EqualTo("schedule.back-off"));
            Assert.That(Judge(verdict, s_delay), Is.Null);
        }
    }

    [Test]
    public void every_other_verdict_leaves_the_waiting_to_the_token([Values] Verdict verdict)
    {
        if (verdict is not (Verdict.Refused or Verdict.DrainTooSlow))
            Assert.That(Judge(verdict, TimeSpan.Zero), Is.Null);
        else
            Assert.That(verdict.Halts(), Is.False, "it waits instead of halting");
    }

    [TestCase(0, 1)]
    [TestCase(1, 1)]
    [TestCase(2, 2)]
    [TestCase(3, 4)]
    [TestCase(7, 64)]
    [TestCase(8, 96, TestName = "a day at most")]
    [TestCase(5000, 96, TestName = "a day at most, however often")]
    public void each_one_that_is_put_off_doubles_the_delay(int tries, int delays)
    {
        var last = Last(Verdict.DrainTooSlow) with { Tries = tries, Patch = Views.Module, Why = "no" };
        Assert.That(BackOff(last, (delays * s_delay) - TimeSpan.FromSeconds(1))?.Id, Is.EqualTo("schedule.back-off"));
        Assert.That(BackOff(last, delays * s_delay), Is.Null);
    }

    [TestCase(1, 1)]
    [TestCase(2, 2)]
    [TestCase(3, 4)]
    [TestCase(4, 4)]
    [TestCase(5000, 4)]
    public void what_a_gate_refused_is_tried_again_after_four_delays_at_most(int tries, int delays)
    {
        var last = Last(Verdict.Refused) with { Tries = tries, Patch = Views.Module };
        Assert.That(BackOff(last, (delays * s_delay) - TimeSpan.FromSeconds(1))?.Id, Is.EqualTo("schedule.back-off"));
        Assert.That(BackOff(last, delays * s_delay), Is.Null);
    }

    [Test]
    public void how_often_and_until_when_is_said()
    {
        var last = Last(Verdict.Refused) with { Why = "no" };
        Assert.That(BackOff(last, TimeSpan.Zero)?.Why, Is.EqualTo("the last run here ended with: no; waiting until 2026-03-01 22:15:00 UTC"));
        Assert.That(BackOff(last with { Tries = 5 }, TimeSpan.Zero)?.Why, Is.EqualTo("the last 5 runs here came to nothing, the latest ended with: no; waiting until 2026-03-01 23:00:00 UTC"));
    }

    [Test]
    public void for_another_build_it_begins_anew()
    {
        var last = Last(Verdict.DrainTooSlow) with { Tries = 5, Patch = Views.Module with { BuildId = "0123" } };
        Assert.That(BackOff(last, s_delay - TimeSpan.FromSeconds(1)), Is.Not.Null);
        Assert.That(BackOff(last, s_delay), Is.Null);
    }

    [Test]
    public void a_changed_parameter_is_not_waited_for() =>
        Assert.That(BackOff(Last(Verdict.Refused) with { Tries = 5, Policy = Parameters.Defaults with { AllowStranded = "report" } }, TimeSpan.Zero), Is.Null);

    [Test]
    public void a_failure_that_was_tolerated_waits_by_what_the_token_counts_on_this_node()
    {
        var last = Last(Verdict.LoadRefused) with { Tolerated = true, Patch = Views.Module };
        var failures = Failures.None.With("a", "abcd").With("a", "ABCD").With("b", "abcd");
        Assert.That(BackOff(last, (2 * s_delay) - TimeSpan.FromSeconds(1), failures), Is.Not.Null);
        Assert.That(BackOff(last, 2 * s_delay, failures), Is.Null);
        Assert.That(BackOff(last, TimeSpan.Zero, Failures.None), Is.Null, "a person has resumed");
    }

    [Test]
    public void an_end_in_the_future_says_nothing() => Assert.That(Judge(Verdict.Refused, TimeSpan.FromSeconds(-1)), Is.Null);

    [Test]
    public void a_node_without_a_last_run_may_begin() =>
        Assert.That(ScheduleGates.BackOff(null, Views.Module, Failures.None, Parameters.Defaults, new Moment(s_ended, TimeSpan.Zero)), Is.Empty);

    // 2026-12-19 is a Saturday; a run may take 25 minutes.
    [TestCase("", "", "2026-12-19T12:00Z")]
    [TestCase("Sat 22:00-04:00", "12-24..12-26", "2026-12-19T21:00Z")]
    [TestCase("Sat 22:00-04:00", "12-24..12-26", "2026-12-20T02:35Z", TestName = "just time enough")]
    public void where_there_is_time_the_calendar_says_nothing(string window, string blackout, string now) => Assert.That(OutOfHours(window, blackout, now), Is.Empty);

    [TestCase("Sat 22:00-04:00", "", "2026-12-19T20:00Z", "schedule.window: no window is open. wait until 2026-12-19 21:00 UTC (Sat 2026-12-19 22:00 Europe/Berlin)")]
    [TestCase("Sat 22:00-04:00", "", "2026-12-20T02:36Z", "schedule.time-left: a run may take 25 minutes, and there is time only until 2026-12-20 03:00 UTC (Sun 2026-12-20 04:00 Europe/Berlin). wait until 2026-12-26 21:00 UTC (Sat 2026-12-26 22:00 Europe/Berlin)")]
    [TestCase("", "12-24..12-26", "2026-12-23T22:36Z", "schedule.time-left: a run may take 25 minutes, and there is time only until 2026-12-23 23:00 UTC (Thu 2026-12-24 00:00 Europe/Berlin). wait until 2026-12-26 23:00 UTC (Sun 2026-12-27 00:00 Europe/Berlin)")]
    [TestCase("daily 23:00-03:00", "12-24..12-26", "2026-12-24T22:30Z", "schedule.blackout: a blackout is in force until 2026-12-26 23:00 UTC (Sun 2026-12-27 00:00 Europe/Berlin). wait until 2026-12-26 23:00 UTC (Sun 2026-12-27 00:00 Europe/Berlin)")]
    public void where_there_is_none_it_says_when(string window, string blackout, string now, string said)
    {
        var refusal = OutOfHours(window, blackout, now).Single();

        Assert.That($"{refusal.Id}: {refusal.Why}. {refusal.Remedy}", Is.EqualTo(said + ", or change the parameters window and blackout"));
        Assert.That(refusal.NeedsPerson, Is.False);
    }

    [Test]
    public void a_blackout_and_a_closed_window_are_both_said() =>
        Assert.That(OutOfHours("Sat 22:00-04:00", "12-24..12-26", "2026-12-24T12:00Z").Select(r => r.Id), Is.EqualTo((string[])["schedule.blackout", "schedule.window"]));

    [Test]
    public void windows_that_are_too_short_for_any_run_are_said_to_be()
    {
        var refusals = OutOfHours("daily 22:00-22:24", "", "2026-12-24T21:00Z");

        Assert.That(refusals.Select(r => r.Id), Is.EqualTo((string[])["schedule.time-left"]));
        Assert.That(refusals[0].Remedy, Is.EqualTo("no time of 25 minutes is left for a run in the next two years: change the parameters window and blackout"));
    }

    [Test]
    public void a_hold_keeps_its_node_or_all_of_them_until_it_is_over()
    {
        Hold[] holds = [Hold.Of("a", s_ended.AddHours(1), "firmware", "anna"), Hold.Of(null, null, "audit", null)];

        Assert.That(
            ScheduleGates.Held(holds, "a", At(s_ended)).Select(r => r.ToString()),
            Is.EqualTo((string[])["a is held by anna until 2026-03-01 23:00:00 UTC: firmware (schedule.hold)", "every node is held until the hold is taken away: audit (schedule.hold)"]));
        Assert.That(ScheduleGates.Held(holds[..1], "b", At(s_ended)), Is.Empty);
        Assert.That(ScheduleGates.Held(holds[..1], "a", At(s_ended.AddHours(1))), Is.Empty);
        Assert.That(ScheduleGates.Held([], "a", At(s_ended)), Is.Empty);
    }

    [Test]
    public void a_hold_that_is_not_understood_keeps_every_node()
    {
        var refusal = ScheduleGates.Held([Hold.Parse("hold v2 node=b")], "a", At(s_ended)).Single();

        Assert.That(refusal.ToString(), Is.EqualTo("a hold says what this version does not know: hold v2 node=b (schedule.hold-unknown)"));
    }

    [Test]
    public void a_record_that_cannot_be_read_waits_for_a_person()
    {
        Assert.That(ScheduleGates.Records(null), Is.Empty);
        var refusal = ScheduleGates.Records("/last.json cannot be read: its format 2 is not known to this version").Single();

        Assert.That((refusal.Id, refusal.NeedsPerson), Is.EqualTo(("schedule.record-unknown", true)));
        Assert.That((refusal.Why, refusal.Remedy), Is.EqualTo((
            "how the last runs here ended is not known: /last.json cannot be read: its format 2 is not known to this version",
            "use the version that wrote it; or look at it and delete it, and the next run begins as if there had been none")));
    }

    private static List<Refusal> OutOfHours(string window, string blackout, string now)
    {
        var timetable = new Timetable(Windows.Parse(window, out _)!, Blackout.Parse(blackout, out _)!, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
        return [.. ScheduleGates.OutOfHours(timetable, TimeSpan.FromMinutes(25), At(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture)))];
    }

    private static Moment At(DateTimeOffset wall) => new(wall, TimeSpan.Zero);

    private static string? Judge(Verdict verdict, TimeSpan later) => BackOff(Last(verdict), later)?.Id;

    private static Refusal? BackOff(Run last, TimeSpan later, Failures? failures = null) =>
        ScheduleGates.BackOff(last, Views.Module, failures ?? Failures.None, Parameters.Defaults, new Moment(s_ended + later, TimeSpan.Zero)).SingleOrDefault();

    private static Run Last(Verdict verdict) => new()
    {
        Id = "r",
        Node = "a",
        Boot = "b",
        Started = s_ended,
        Ended = s_ended,
        Phase = Phase.Release,
        PhaseSince = TimeSpan.Zero,
        Policy = Parameters.Defaults,
        Verdict = verdict,
    };
}
