using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Tests.Gates;

public sealed class ReleaseGatesTests
{
    private static readonly Token s_held = Token.Held("b", "run-1", "boot", DateTimeOffset.UnixEpoch);
    private static readonly Token s_parked = Token.Parked("b", "run-1", "boot", DateTimeOffset.UnixEpoch, "oops");
    private static readonly NodeView s_down = Views.Node("b") with { Online = false };
    private static readonly ClusterView s_bIsDown = Views.Cluster with { Dc = "a", Nodes = [Views.Node("a"), s_down] };

    [Test]
    public void the_token_of_a_node_that_is_down_and_clean_may_be_released() => Assert.That((Ids(s_held, s_bIsDown), Ids(s_parked, s_bIsDown)), Is.EqualTo(("", "")));

    [Test]
    public void a_token_that_nobody_has_is_not_released()
    {
        Assert.That(Ids(null, s_bIsDown), Is.EqualTo("release.free"));
        Assert.That(Ids(Token.Free, s_bIsDown), Is.EqualTo("release.free"));
        Assert.That(Ids(Token.Halted("b", "r", "b", DateTimeOffset.UnixEpoch, "why"), s_bIsDown), Is.EqualTo("release.halted"));
        Assert.That(Ids(Token.Parse("held by a later version"), s_bIsDown, "b"), Is.EqualTo("release.unreadable"));
    }

    [TestCase(null)]
    [TestCase("b")]
    public void a_holder_that_is_there_keeps_its_token_whatever_a_person_says(string? confirmed)
    {
        Assert.That(Ids(s_held, Views.Cluster, confirmed), Is.EqualTo("release.online"));
        Assert.That(Ids(s_held, With(Views.Node("b") with { Unclean = true }), confirmed), Is.EqualTo("release.online"));
        Assert.That(Ids(s_held, With(s_down with { Pending = true }), confirmed), Is.EqualTo("release.pending"));
    }

    [Test]
    public void where_the_cluster_does_not_know_a_person_must_say_that_it_is_down()
    {
        var unclean = With(s_down with { Unclean = true });
        var gone = s_bIsDown with { Nodes = [Views.Node("a")] };
        var unfenced = s_bIsDown with { FencingEnabled = false };

        Assert.That((Ids(s_held, unclean), Ids(s_held, gone), Ids(s_held, unfenced)), Is.EqualTo(("release.unclean", "release.unknown", "release.no-fencing")));
        Assert.That((Ids(s_held, unclean, "b"), Ids(s_held, gone, "b"), Ids(s_held, unfenced, "b")), Is.EqualTo(("", "", "")));
    }

    [Test]
    public void a_confirmation_that_names_another_node_is_refused() => Assert.That(Ids(s_held, s_bIsDown, "a"), Is.EqualTo("release.other-node"));

    [TestCase(null)]
    [TestCase("b")]
    public void without_quorum_or_a_DC_nothing_is_known_of_the_holder(string? confirmed)
    {
        Assert.That(Ids(s_held, s_bIsDown with { Dc = null }, confirmed), Is.EqualTo("cluster.dc"));
        Assert.That(Ids(s_held, s_bIsDown with { QuorumByCib = false }, confirmed), Is.EqualTo("cluster.quorum"));
        Assert.That(Ids(s_held, s_bIsDown with { QuorumByMembership = false }, confirmed), Is.EqualTo("cluster.quorum-membership"));
    }

    [Test]
    public void every_refusal_says_what_to_do()
    {
        foreach (var view in (ClusterView[])[Views.Cluster, With(s_down with { Unclean = true }), With(s_down with { Pending = true }), s_bIsDown with { Nodes = [] }, s_bIsDown with { FencingEnabled = false }])
            Assert.That(ReleaseGates.Judge(s_held, view, null).Select(r => r.Remedy), Has.All.Not.Empty);
    }

    private static ClusterView With(NodeView b) => s_bIsDown with { Nodes = [Views.Node("a"), b] };

    private static string Ids(Token? token, ClusterView view, string? confirmed = null) => string.Join(' ', ReleaseGates.Judge(token, view, confirmed).Select(r => r.Id));
}
