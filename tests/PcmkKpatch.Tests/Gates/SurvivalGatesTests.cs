using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Tests.Gates;

public sealed class SurvivalGatesTests
{
    private static readonly VotesView s_three = new() { Total = 3, Quorum = 2, Own = 1 };
    private static readonly VotesView s_twoNode = new() { Total = 2, Quorum = 1, Own = 1, TwoNode = true, WaitForAll = true };

    [Test]
    public void three_nodes_can_do_without_one() => Expect(null, s_three, "if this node died now, 2 of 3 votes would be left, and quorum takes 2");

    [Test]
    public void two_of_three_nodes_cannot() => Expect("survivable.quorum", s_three with { Total = 2 }, "if this node died now, 1 of 2 votes would be left, and quorum takes 2");

    [Test]
    public void a_node_with_more_votes_than_others_is_missed_more() => Expect("survivable.quorum", s_three with { Total = 4, Own = 2, Quorum = 3 }, "2 of 4");

    [Test]
    public void with_two_node_the_survivor_keeps_quorum()
    {
        Expect(null, s_twoNode, "the survivor keeps quorum (two_node), but does not get it back by itself once it is restarted (wait_for_all)");
        Expect(null, s_twoNode with { WaitForAll = false }, "the survivor keeps quorum (two_node)");
    }

    [Test]
    public void with_two_node_there_must_be_a_survivor() => Expect("survivable.quorum", s_twoNode with { Total = 1 }, "0 of 1");

    [Test]
    public void the_vote_of_a_quorum_device_counts_and_is_named()
    {
        Expect(null, s_three with { Device = 1 }, "; 1 of those left is the quorum device's, which it must give to the others");
        Expect(null, s_three with { Total = 5, Quorum = 3, Device = 2 }, "; 2 of those left are the quorum device's");
        Expect("survivable.quorum", s_three with { Total = 2, Device = 0 }, "; the quorum device gives no vote now");
    }

    [Test]
    public void an_automatic_tie_breaker_is_not_counted_on()
    {
        Expect("survivable.quorum", new VotesView { Total = 2, Quorum = 2, Own = 1, AutoTieBreaker = true }, "auto_tie_breaker may help them, which is not counted on");
        Assert.That(SurvivalGates.Outlook(s_three with { AutoTieBreaker = true }), Does.Not.Contain("auto_tie_breaker"));
    }

    [Test]
    public void votes_that_are_not_known_or_cannot_be_true_are_refused()
    {
        VotesView?[] bad = [null, s_three with { Quorum = 0 }, s_three with { Own = -1 }, s_three with { Own = 4 }, s_three with { Device = -1 }, s_three with { Device = 3 }];

        Assert.That(bad.Select(v => SurvivalGates.Judge(v).Single().Id), Is.All.EqualTo("survivable.unknown"));
    }

    private static void Expect(string? id, VotesView votes, string words)
    {
        Assert.That(SurvivalGates.Judge(votes).Select(r => r.Id), Is.EqualTo(id is null ? [] : new[] { id }));
        Assert.That(SurvivalGates.Outlook(votes), Does.Contain(words));
    }
}
