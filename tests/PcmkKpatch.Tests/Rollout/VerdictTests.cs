using NUnit.Framework;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Rollout;

public sealed class VerdictTests
{
    [TestCase(Verdict.Patched, false, false)]
    [TestCase(Verdict.Refused, false, true)]
    [TestCase(Verdict.AgentStopped, false, false)]
    [TestCase(Verdict.DrainTooSlow, false, true)]
    [TestCase(Verdict.InstallFailed, true, false)]
    [TestCase(Verdict.LoadRefused, true, false)]
    [TestCase(Verdict.NotPersisted, true, false)]
    [TestCase(Verdict.Stalled, true, false)]
    [TestCase(Verdict.ReversalStalled, true, false)]
    [TestCase(Verdict.Unhealthy, true, false)]
    [TestCase(Verdict.NodeDown, true, false)]
    [TestCase(Verdict.NotSettled, true, false)]
    [TestCase(Verdict.TakenAway, true, false)]
    [TestCase(Verdict.Aborted, true, false)]
    [TestCase(Verdict.JournalLost, true, false)]
    [TestCase(Verdict.Rehearsed, false, false)]
    [TestCase(Verdict.Cancelled, false, false)]
    [TestCase(Verdict.Undecided, true, false)]
    public void a_failure_halts_and_only_what_was_put_off_is_tried_again(Verdict verdict, bool halts, bool backsOff) =>
        Assert.That((verdict.Halts(), verdict.BacksOff()), Is.EqualTo((halts, backsOff)));

    [Test]
    public void only_these_left_the_kernel_alone_and_may_be_tolerated() =>
        Assert.That(Enum.GetValues<Verdict>().Where(v => v.LeftTheKernelAlone()), Is.EqualTo((Verdict[])[Verdict.InstallFailed, Verdict.LoadRefused, Verdict.Stalled]));

    [Test]
    public void every_verdict_is_in_the_table_above() => Assert.That(Enum.GetValues<Verdict>(), Has.Length.EqualTo(18));
}
