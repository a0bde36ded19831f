using NUnit.Framework;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;

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

    [Test]
    public void an_end_in_the_future_says_nothing() => Assert.That(Judge(Verdict.Refused, TimeSpan.FromSeconds(-1)), Is.Null);

    [Test]
    public void a_node_without_a_last_run_may_begin() =>
        Assert.That(ScheduleGates.Judge(null, Parameters.Defaults, new Moment(s_ended, TimeSpan.Zero)), Is.Empty);

    private static string? Judge(Verdict verdict, TimeSpan later)
    {
        var last = new Run
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
        return ScheduleGates.Judge(last, Parameters.Defaults, new Moment(s_ended + later, TimeSpan.Zero)).SingleOrDefault()?.Id;
    }
}
