using NUnit.Framework;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Gates;

public sealed class RehearsalGatesTests
{
    private static readonly DateTimeOffset s_night = new(2026, 1, 31, 22, 15, 0, TimeSpan.Zero);
    private static readonly RehearsalWish s_wish = RehearsalWish.Of("3f2a", ["a", "b", "gone"], "anna", s_night);

    [Test]
    public void without_a_rehearsal_nothing_is_refused() => Assert.That(RehearsalGates.Judge(null, Views.Cluster, s_night), Is.Empty);

    [Test]
    public void one_that_not_every_node_went_through_is_waited_for_and_who_is_left_is_named()
    {
        var refusal = Judge(("a", "3f2a rehearsed")).Single();
        Assert.That((refusal.Id, refusal.Why), Is.EqualTo(("rehearsal.under-way", "a rehearsal goes on since 2026-01-31T22:15:00Z by anna; to go through it: b")));
        Assert.That(refusal.Remedy, Does.Contain("--follow").And.Contain("--cancel"));
        Assert.That(refusal.NeedsPerson, Is.False);
    }

    [TestCase("3f2b rehearsed")]
    [TestCase("3f2a")]
    [TestCase("")]
    public void what_a_node_says_of_another_one_does_not_count(string said) => Assert.That(Judge(("a", "3f2a rehearsed"), ("b", said)), Has.Count.EqualTo(1));

    [Test]
    public void when_all_went_through_it_however_it_ended_nothing_is_refused() => Assert.That(Judge(("a", "3f2a rehearsed"), ("b", "3f2a notsettled drain=1.0")), Is.Empty);

    [Test]
    public void one_that_is_not_understood_refuses_nothing() => Assert.That(RehearsalGates.Judge(RehearsalWish.Parse("rehearsal v2"), Views.Cluster, s_night), Is.Empty);

    [Test]
    public void one_that_is_too_old_for_any_node_to_begin_with_it_is_waited_for_by_none() => Assert.That(RehearsalGates.Judge(s_wish, Views.Cluster, s_night + RehearsalWish.GoodFor + TimeSpan.FromSeconds(1)), Is.Empty);

    private static List<Refusal> Judge(params (string Node, string Said)[] published)
    {
        var said = published.ToDictionary(p => p.Node, p => p.Said);
        var nodes = Views.Cluster.Nodes.Select(n => n with { Attributes = new Dictionary<string, string> { [RehearsalGates.Attribute] = said.GetValueOrDefault(n.Name, "") } });
        return [.. RehearsalGates.Judge(s_wish, Views.Cluster with { Nodes = [.. nodes] }, s_night)];
    }
}
