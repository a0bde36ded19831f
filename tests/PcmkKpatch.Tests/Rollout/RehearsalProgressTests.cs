using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Rollout;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RehearsalProgressTests
{
    private static readonly DateTimeOffset s_night = new(2026, 1, 31, 22, 15, 0, TimeSpan.Zero);
    private static readonly RehearsalWish s_wish = RehearsalWish.Of("3f2a", ["a", "b"], "anna", s_night);
    private readonly RehearsalProgress _progress = new(s_wish);

    [Test]
    public void it_goes_on_while_a_node_has_not_told_how_it_ended()
    {
        Assert.That(Look(Token.HeldToRehearse("a", "run", "boot", s_night), ("a", ""), ("b", "")), Is.EqualTo(RehearsalEnd.None));
        Assert.That(Look(Token.Free, ("a", "3f2a rehearsed"), ("b", "another rehearsed")), Is.EqualTo(RehearsalEnd.None));
        Assert.That((_progress.OutcomeOn("a")?.Verdict, _progress.OutcomeOn("b")), Is.EqualTo(("rehearsed", (RehearsalOutcome?)null)));
    }

    [Test]
    public void what_a_node_told_is_remembered_when_it_tells_nothing_any_more()
    {
        Look(Token.Free, ("a", "3f2a rehearsed"), ("b", ""));
        Assert.That(Look(Token.Free, ("a", ""), ("b", "3f2a notsettled")), Is.EqualTo(RehearsalEnd.Done));
        Assert.That(_progress.OutcomeOn("a")!.IsGood, Is.True);
    }

    [Test]
    public void a_node_that_has_left_the_cluster_is_not_waited_for() => Assert.That(Look(Token.Free, ("a", "3f2a rehearsed")), Is.EqualTo(RehearsalEnd.Done));

    [Test]
    public void a_rollout_that_is_halted_or_parked_ends_it()
    {
        Assert.That(Look(Token.Halted("a", "run", "boot", s_night, "not settled"), ("a", ""), ("b", "")), Is.EqualTo(RehearsalEnd.Halted));
        Assert.That(Look(Token.Parked("a", "run", "boot", s_night, "lost"), ("a", ""), ("b", "")), Is.EqualTo(RehearsalEnd.Halted));
    }

    [Test]
    public void one_whose_wish_is_gone_ends_when_no_node_is_in_it_any_more()
    {
        Assert.That(Look(null, Token.HeldToRehearse("a", "run", "boot", s_night), ("a", ""), ("b", "")), Is.EqualTo(RehearsalEnd.None));
        Assert.That(Look(null, Token.Held("a", "run", "boot", s_night), ("a", ""), ("b", "")), Is.EqualTo(RehearsalEnd.CalledOff));
        Assert.That(Look(RehearsalWish.Of("3f2b", ["a"], "anna", s_night), Token.Free, ("a", ""), ("b", "")), Is.EqualTo(RehearsalEnd.CalledOff));
        Assert.That(Look(null, null, ("a", "3f2a rehearsed"), ("b", "3f2a rehearsed")), Is.EqualTo(RehearsalEnd.Done), "another one who followed it took the wish away");
    }

    [Test]
    public void one_that_is_too_old_ends_when_no_node_is_in_it_any_more()
    {
        var late = s_night + RehearsalWish.GoodFor + TimeSpan.FromSeconds(1);
        Assert.That(_progress.Look(s_wish, Token.HeldToRehearse("a", "run", "boot", s_night), Views.Cluster, late), Is.EqualTo(RehearsalEnd.None));
        Assert.That(_progress.Look(s_wish, Token.Free, Views.Cluster, late), Is.EqualTo(RehearsalEnd.Stale));
    }

    private RehearsalEnd Look(Token? token, params (string Node, string Said)[] published) => Look(s_wish, token, published);

    private RehearsalEnd Look(RehearsalWish? wish, Token? token, params (string Node, string Said)[] published) => _progress.Look(wish, token, Views.Cluster with
    {
        Nodes = [.. published.Select(p => Views.Node(p.Node) with { Attributes = new Dictionary<string, string> { [RehearsalGates.Attribute] = p.Said } })],
    }, s_night);
}
