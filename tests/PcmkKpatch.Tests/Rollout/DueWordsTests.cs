using NUnit.Framework;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Rollout;

public sealed class DueWordsTests
{
    [TestCase("idle", false)]
    [TestCase("patched", false)]
    [TestCase("due", true)]
    [TestCase("waiting for node3, which has the token since 2026-11-22T18:54:30Z", true)]
    [TestCase("waiting: no window is open (schedule.window)", true)]
    [TestCase("refused: the DC has no quorum (cluster.quorum)", true)]
    [TestCase("agentstopped: the agent was stopped on this node", true)]
    [TestCase("draintooslow: not drained in 600 s", true)]
    [TestCase("soak", true)]
    [TestCase("parked: reboot node3", true)]
    [TestCase("needs attention: the patch is damaged", null)]
    [TestCase("notsettled: web is not active", null)]
    [TestCase("takenaway: somebody took the token", null)]
    [TestCase("rehearsed", null)]
    [TestCase("drain: rehearsal", null)]
    [TestCase("ready", null)]
    [TestCase("12", null)]
    [TestCase("", null)]
    public void what_a_node_says_tells_whether_a_patch_is_due_there_or_does_not_tell(string state, bool? due) => Assert.That(StateWords.IsDue(state), Is.EqualTo(due));

    [Test]
    public void every_phase_is_a_patch_that_is_due() =>
        Assert.That(Enum.GetNames<Phase>().Select(phase => StateWords.IsDue(phase.ToLowerInvariant())), Has.All.True);

    [TestCase("waiting: no window is open (schedule.window)", true)]
    [TestCase("waiting for node3, whose turn it is", false)]
    [TestCase("due", false)]
    public void who_waits_for_anything_but_another_node_is_kept_waiting(string state, bool kept) => Assert.That(StateWords.IsKeptWaiting(state), Is.EqualTo(kept));
}
