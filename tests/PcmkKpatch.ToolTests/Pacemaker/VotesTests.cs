using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>
/// Votes as corosync-quorumtool tells them. The texts are written as its source prints them (tools/corosync-quorumtool.c, alike in 3.0.0 to 3.1.10),
/// and were not seen: no corosync runs here. What the real tool says without one is.
/// </summary>
internal sealed class VotesTests
{
    private const string Three =
        """
        Quorum information
        ------------------
        Date:             Sun Nov 22 18:54:30 2026
        Quorum provider:  corosync_votequorum
        Nodes:            3
        Node ID:          2
        Ring ID:          1.1f
        Quorate:          Yes

        Votequorum information
        ----------------------
        Expected votes:   3
        Highest expected: 3
        Total votes:      3
        Quorum:           2
        Flags:            Quorate

        Membership information
        ----------------------
            Nodeid      Votes Name
                 1          1 10.0.0.1
                 2          1 10.0.0.2 (local)
                 3          1 10.0.0.3

        """;

    private const string WithDevice =
        """
        Quorum information
        ------------------
        Date:             Sun Nov 22 18:54:30 2026
        Quorum provider:  corosync_votequorum
        Nodes:            2
        Node ID:          1
        Ring ID:          1/8
        Quorate:          Yes

        Votequorum information
        ----------------------
        Expected votes:   3
        Highest expected: 3
        Total votes:      3
        Quorum:           2
        Flags:            Quorate Qdevice

        Membership information
        ----------------------
            Nodeid      Votes    Qdevice Name
                 1          1    A,V,NMW 10.0.0.1 (local)
                 2          1    A,V,NMW 10.0.0.2
                 0          1            Qdevice

        """;

    [Test]
    public void Three_nodes() => Assert.That(Votes.Parse(Three), Is.EqualTo(new VotesView { Total = 3, Quorum = 2, Own = 1 }));

    [Test]
    public void The_blanks_that_it_ends_lines_with_are_nothing() =>
        Assert.That(Votes.Parse(Three.Replace("Quorum:           2\n", "Quorum:           2  \n").Replace("Quorate\n", "Quorate \n")), Is.EqualTo(Votes.Parse(Three)));

    [Test]
    public void Two_nodes_with_two_node()
    {
        var text = Three.Replace("         3          1 10.0.0.3\n", "").Replace("Nodes:            3", "Nodes:            2").Replace("Total votes:      3", "Total votes:      2")
            .Replace("Quorum:           2", "Quorum:           1  ").Replace("Flags:            Quorate", "Flags:            2Node Quorate WaitForAll ");

        Assert.That(Votes.Parse(text), Is.EqualTo(new VotesView { Total = 2, Quorum = 1, Own = 1, TwoNode = true, WaitForAll = true }));
    }

    [Test]
    public void A_quorum_device_and_its_vote() => Assert.That(Votes.Parse(WithDevice), Is.EqualTo(new VotesView { Total = 3, Quorum = 2, Own = 1, Device = 1 }));

    [Test]
    public void A_quorum_device_that_does_not_vote()
    {
        var text = WithDevice.Replace("A,V,NMW", "A,NV,NMW").Replace("         0          1            Qdevice", "         0          0            Qdevice (votes 1)").Replace("Total votes:      3", "Total votes:      2");

        Assert.That(Votes.Parse(text), Is.EqualTo(new VotesView { Total = 2, Quorum = 2, Own = 1, Device = 0 }));
        Assert.That(Votes.Parse(text.Replace("Quorate Qdevice", "Quorate")), Is.EqualTo(new VotesView { Total = 2, Quorum = 2, Own = 1, Device = 0 }), "it runs on the other node only");
    }

    [Test]
    public void A_node_with_other_votes_in_a_membership_without_quorum()
    {
        var text = Three.Replace("         2          1 10", "         2         40 10").Replace("Total votes:      3", "Total votes:      42").Replace("Quorum:           2", "Quorum:           50 Activity blocked").Replace("Flags:            Quorate", "Flags:            AutoTieBreaker ");

        Assert.That(Votes.Parse(text), Is.EqualTo(new VotesView { Total = 42, Quorum = 50, Own = 40, AutoTieBreaker = true }));
    }

    [TestCase("Total votes:      3", "Total votes:      4")]
    [TestCase("Total votes:      3", "Total votes:      many")]
    [TestCase("Total votes:      3\n", "")]
    [TestCase("Quorum:           2", "Quorum:           -2")]
    [TestCase("Quorum:           2\n", "")]
    [TestCase("Flags:            Quorate\n", "")]
    [TestCase("Nodes:            3", "Nodes:            2")]
    [TestCase("Node ID:          2", "Node ID:          9")]
    [TestCase("Node ID:          2", "Node ID:          0x00000002")]
    [TestCase("Node ID:          2", "Node ID:          0")]
    [TestCase("         3          1 10.0.0.3", "         2          1 10.0.0.3")]
    [TestCase("         3          1 10.0.0.3", "         3 4294967295 10.0.0.3")]
    [TestCase("Expected votes:   3", "Total votes:      3")]
    [TestCase("10.0.0.3", "Membership information")]
    [TestCase("Membership information", "Members")]
    public void What_does_not_add_up_is_a_failure(string was, string now)
    {
        var text = Three.Replace(was, now);
        Assert.That(text, Is.Not.EqualTo(Three));
        Assert.That(() => Votes.Parse(text), Throws.TypeOf<ToolFailedException>().With.Message.StartsWith("corosync-quorumtool: "));
    }

    [Test]
    public void Half_a_text_is_a_failure_wherever_it_is_cut()
    {
        for (var length = 0; length < Three.LastIndexOf("3          1", StringComparison.Ordinal); length += 5)
            Assert.That(() => Votes.Parse(Three[..length]), Throws.TypeOf<ToolFailedException>(), $"cut at {length}");
    }

    [Test]
    public void Without_corosync_the_real_tool_fails() =>
        Assert.That(Votes.See, Throws.TypeOf<ToolFailedException>().With.Property("ExitCode").EqualTo(1).And.Message.Contain("CMAP"));
}
