using NUnit.Framework;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Rollout;

public sealed class StateWordsTests
{
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(2);

    [TestCase("due", true)]
    [TestCase("waiting for node3, which has the token since 2026-11-22T18:54:30Z", true)]
    [TestCase("waiting for node3, whose turn it is", true)]
    [TestCase("waiting: no window is open (schedule.window)", false)]
    [TestCase("waiting: the DC has no quorum (cluster.quorum)", false)]
    [TestCase("waiting", false)]
    [TestCase("waiting for", false)]
    [TestCase("Waiting for node3", false)]
    [TestCase("not waiting for node3", false)]
    [TestCase("Due", false)]
    [TestCase("due soon", false)]
    [TestCase("idle", false)]
    [TestCase("needs attention: waiting for a person", false)]
    [TestCase("parked: waiting for a person", false)]
    [TestCase("refused: waiting for node3", false)]
    [TestCase("soak", false)]
    [TestCase("patched", false)]
    [TestCase("", false)]
    public void only_who_waits_for_another_node_and_nothing_else_wants_the_token(string state, bool wants) => Assert.That(StateWords.WantsTheToken(state), Is.EqualTo(wants));

    [TestCase("waiting for node3, whose turn it is", "waiting for node3, whose turn it is")]
    [TestCase("waiting for node3, which has the token since then", "waiting for node3, which has the token since then")]
    [TestCase("no window is open (schedule.window)", "waiting: no window is open (schedule.window)")]
    [TestCase("a is held by anna until 2026-03-01 23:00:00 UTC: waiting for node3 (schedule.hold)", "waiting: a is held by anna until 2026-03-01 23:00:00 UTC: waiting for node3 (schedule.hold)")]
    [TestCase("waiting until it is done", "waiting: waiting until it is done")]
    [TestCase("", "acquire")]
    public void what_a_node_waits_for_is_published(string say, string published)
    {
        Assert.That(StateWords.After(Next.Wait(In(Phase.Acquire), s_poll, say)), Is.EqualTo(published));
        Assert.That(StateWords.WantsTheToken(published), Is.EqualTo(say.StartsWith("waiting for ", StringComparison.Ordinal)));
    }

    [Test]
    public void who_waits_for_a_person_does_not_want_the_token()
    {
        var published = StateWords.After(Next.Person(In(Phase.Acquire), s_poll, "waiting for nobody"));

        Assert.That(published, Is.EqualTo("needs attention: waiting for nobody"));
        Assert.That(StateWords.WantsTheToken(published!), Is.False);
    }

    [Test]
    public void what_is_over_in_a_moment_is_not_published([Values] Phase phase)
    {
        Phase[] lasting = [Phase.Drain, Phase.Install, Phase.Load, Phase.Soak, Phase.Rollback, Phase.Confirm, Phase.Pause, Phase.Parked];

        Assert.That(StateWords.After(Next.Go(In(phase))), Is.EqualTo(lasting.Contains(phase) ? phase.ToString().ToLowerInvariant() : null));
    }

    [TestCase(Phase.Gate, "waiting until the cluster has come to rest", "gate")]
    [TestCase(Phase.Drain, "2 resources are active still", "drain")]
    [TestCase(Phase.Soak, "waiting for 40 s more", "soak")]
    public void in_any_other_phase_the_phase_is(Phase phase, string say, string published) => Assert.That(StateWords.After(Next.Wait(In(phase), s_poll, say)), Is.EqualTo(published));

    [Test]
    public void a_parked_node_says_why_in_its_own_words() => Assert.That(StateWords.After(Next.Person(In(Phase.Parked), s_poll, "parked: the kernel warned")), Is.EqualTo("parked: the kernel warned"));

    [TestCase(Verdict.Patched, "patched")]
    [TestCase(Verdict.Refused, "refused: waiting for better times")]
    [TestCase(Verdict.DrainTooSlow, "draintooslow: waiting for better times")]
    public void a_run_that_has_ended_says_how(Verdict verdict, string published)
    {
        Assert.That(StateWords.After(Next.Done("it has ended", In(Phase.Release) with { Verdict = verdict, Why = "waiting for better times" })), Is.EqualTo(published));
        Assert.That(StateWords.WantsTheToken(published), Is.False);
    }

    [Test]
    public void without_a_run_a_node_is_idle() => Assert.That(StateWords.After(Next.Done("no patch is due on this node")), Is.EqualTo(StateWords.Idle));

    [Test]
    public void what_is_due_on_a_remote_node_is_for_a_person_and_wants_no_token()
    {
        var state = StateWords.NeedsAttention + StateWords.DueToAPerson("kpatch_1_1");

        Assert.That(state, Is.EqualTo("needs attention: kpatch_1_1 is due, and no run loads it on a remote or guest node: a person does"));
        Assert.That((StateWords.WantsTheToken(state), StateWords.IsKeptWaiting(state), StateWords.IsDue(state)), Is.EqualTo((false, false, (bool?)null)));
    }

    private static Run In(Phase phase) => new()
    {
        Id = "r",
        Node = "a",
        Boot = "b",
        Started = new DateTimeOffset(2026, 3, 1, 22, 0, 0, TimeSpan.Zero),
        Phase = phase,
        PhaseSince = TimeSpan.Zero,
        Policy = Parameters.Defaults,
    };
}
