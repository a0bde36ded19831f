using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Schedule;

public sealed class OrderTests
{
    // node2 is the DC and has nothing, node1 has three, node3 and node4 have one each, node5 has two instances of one.
    private static readonly ClusterView s_view = Views.Cluster with
    {
        LocalNode = "node1",
        Dc = "node2",
        Nodes = [.. Enumerable.Range(1, 5).Select(i => Views.Node($"node{i}")), Views.Node("remote1") with { IsMember = false }],
        Resources =
        [
            Views.Resource("db", "node1"), Views.Resource("vip", "node1"), Views.Resource("mail", "node1"), Views.Resource("web", "node4"), Views.Resource("web", "node3"),
            Views.Resource("pool", "node5"), Views.Resource("pool", "node5"), Views.Resource("spare", null),
        ],
    };

    [TestCase("fewest", "node1 node2 node3 node4 node5", "node3 node4 node5 node1 node2", TestName = "fewest resources first, then by name, the DC last")]
    [TestCase("", "node4 node3", "node3 node4", TestName = "fewest is the default")]
    [TestCase("node5,node1", "node1 node2 node3 node4 node5", "node5 node1 node3 node4 node2", TestName = "the named ones first")]
    [TestCase("node2 , node1", "node1 node2 node3", "node2 node1 node3", TestName = "the DC where it is named")]
    [TestCase("node5,node1", "node1 node2", "node1 node2", TestName = "a named one that is not due is not waited for")]
    [TestCase("fewest", "node3 node1 node3", "node3 node1", TestName = "each once")]
    [TestCase("node9", "node1 node3", "node3 node1", TestName = "a stranger is not waited for")]
    [TestCase("fewest", "", "", TestName = "none is due")]
    public void who_goes_when(string text, string due, string sequence)
    {
        Assert.That(string.Join(' ', Of(text).Sequence(s_view, Names(due))), Is.EqualTo(sequence));
        Assert.That(Of(text).Next(s_view, Names(due)), Is.EqualTo(Names(sequence).FirstOrDefault()));
    }

    [Test]
    public void without_a_dc_none_is_last() => Assert.That(Of("fewest").Next(s_view with { Dc = null }, ["node1", "node2"]), Is.EqualTo("node2"));

    [TestCase("node9,node1", "order=node9,node1: \"node9\" is no member of this cluster; write names as crm_node -l gives them")]
    [TestCase("remote1", "order=remote1: \"remote1\" is no member of this cluster; write names as crm_node -l gives them")]
    [TestCase("Node1", "order=Node1: \"Node1\" is no member of this cluster; write names as crm_node -l gives them")]
    public void a_stranger_is_named(string text, string problem) => Assert.That(Of(text).Problems(s_view), Is.EqualTo((string[])[problem]));

    [TestCase("fewest")]
    [TestCase("node3,node1")]
    public void nothing_is_wrong_with_members(string text) => Assert.That(Of(text).Problems(s_view), Is.Empty);

    [TestCase("node1 node2", "\"node1 node2\" is no name of a node")]
    [TestCase("node1; node2", "\"node1; node2\" is no name of a node")]
    [TestCase("node1,node1", "\"node1\" is named twice")]
    [TestCase("node1,,node2", "nothing stands on one side of a ,")]
    [TestCase("node1,", "nothing stands on one side of a ,")]
    [TestCase("node1,fewest", "fewest stands alone")]
    [TestCase("node1\nnode2", "cannot be seen")]
    public void what_is_malformed_is_named_beside_an_example(string text, string problem)
    {
        Assert.That(Order.Parse(text, out var error), Is.Null);
        Assert.That(error, Does.Contain(problem).And.Contains("write for example \"fewest\", or names such as \"node3,node1\""));
    }

    [Test]
    public void they_are_the_same_where_their_texts_are()
    {
        Assert.That(Of(" node1 "), Is.EqualTo(Of("node1")));
        Assert.That(Of("").GetHashCode(), Is.EqualTo(Order.Fewest.GetHashCode()));
        Assert.That(Of("").ToString(), Is.EqualTo("fewest"));
    }

    private static Order Of(string text)
    {
        var order = Order.Parse(text, out var error);
        Assert.That(error, Is.Null);
        return order!;
    }

    private static string[] Names(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
