using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>What the real crm_mon says of nodes in every state and of the cluster as a whole, as this program reads it.</summary>
internal sealed class CrmMonNodeTests
{
    private const string Properties = "configuration/crm_config/cluster_property_set";
    private CibFile _cib = null!;

    [SetUp]
    public void Begin() => _cib = new CibFile("nodes");

    [TearDown]
    public void End() => _cib.Dispose();

    [TestCase("dc", "member, online")]
    [TestCase("standby-for-good", "member, online, standby")]
    [TestCase("standby-till-reboot", "member, online, standby")]
    [TestCase("standby-by-failure", "member, online")]
    [TestCase("maintained", "member, online, maintenance")]
    [TestCase("lost", "member, unclean")]
    [TestCase("joining", "member, online, standby, pending")]
    [TestCase("down", "member, safely down")]
    [TestCase("never-seen", "member, unclean")]
    [TestCase("far-away", "unclean")]
    [TestCase("guest", "safely down")]
    public void A_node_is_read_as_what_it_is(string name, string words) => Assert.That(Words(Node(name)), Is.EqualTo(words));

    [Test]
    public void A_failure_with_on_fail_standby_puts_the_node_in_standby_too()
    {
        _cib.Ran("standby-by-failure", "fragile", "start").Ran("standby-by-failure", "fragile", "monitor", 1);
        Assert.That(Words(Node("standby-by-failure")), Is.EqualTo("member, online, standby"));
    }

    [Test]
    public void A_guest_on_a_running_container_is_online_but_no_member()
    {
        _cib.Ran("dc", "vm", "start").Ran("dc", "guest", "start");
        Assert.That(Words(Node("guest")), Is.EqualTo("online"));
    }

    [TestCase("dc", null)]
    [TestCase("far-away", null)]
    [TestCase("guest", "vm")]
    public void A_guest_is_known_by_the_resource_that_it_lives_in(string name, string? resource) => Assert.That(Node(name).GuestOf, Is.EqualTo(resource));

    [Test]
    public void Every_node_is_there_once_and_no_other() =>
        Assert.That(CrmMon.Ask().Nodes.Select(n => n.Name), Is.EquivalentTo((string[])
            ["dc", "standby-for-good", "standby-till-reboot", "standby-by-failure", "maintained", "lost", "joining", "down", "never-seen", "far-away", "guest"]));

    [Test]
    public void Node_attributes_come_as_they_were_written_whatever_is_in_them()
    {
        Assert.That(Node("dc").Attributes, Is.EquivalentTo(new Dictionary<string, string> { ["kpatch-kernel"] = "6.1.0-40-amd64", ["kpatch-state"] = "waiting: <two> & \"more\"" }));
        Assert.That(Node("down").Attributes, Is.Empty);
    }

    [Test]
    public void The_DC_is_named()
    {
        var mon = CrmMon.Ask();
        Assert.That((mon.Dc, mon.WithQuorum, mon.Maintenance, mon.StopAllResources), Is.EqualTo(("dc", true, false, false)));
    }

    [Test]
    public void Without_a_DC_there_is_none()
    {
        _cib.Replace(" dc-uuid=\"1\"", "");
        Assert.That(CrmMon.Ask().Dc, Is.Null);
    }

    [Test]
    public void Without_quorum_there_is_none()
    {
        _cib.Replace("have-quorum=\"1\"", "have-quorum=\"0\"");
        Assert.That(CrmMon.Ask().WithQuorum, Is.False);
    }

    [Test]
    public void Where_the_CIB_does_not_speak_of_quorum_there_is_none()
    {
        using var empty = new CibFile("empty");
        var mon = CrmMon.Ask();
        Assert.That((mon.Dc, mon.WithQuorum, mon.Nodes.Count), Is.EqualTo(((string?)null, false, 0)));
    }

    [Test]
    public void Maintenance_mode_is_seen_for_the_cluster()
    {
        _cib.Add(Properties, "<nvpair id=\"m\" name=\"maintenance-mode\" value=\"yes\"/>");
        Assert.That(CrmMon.Ask().Maintenance, Is.True);
    }

    [Test]
    public void The_property_stop_all_resources_is_seen()
    {
        _cib.Add(Properties, "<nvpair id=\"s\" name=\"stop-all-resources\" value=\"1\"/>");
        Assert.That(CrmMon.Ask().StopAllResources, Is.True);
    }

    [Test]
    public void The_gates_find_in_this_cluster_what_is_wrong_with_it()
    {
        var mon = CrmMon.Ask();
        var view = new ClusterView
        {
            LocalNode = "dc",
            Dc = mon.Dc,
            QuorumByCib = mon.WithQuorum,
            QuorumByMembership = true,
            Maintenance = mon.Maintenance,
            StopAllResources = mon.StopAllResources,
            Settled = true,
            Nodes = mon.Nodes,
            Resources = mon.Resources,
        };
        Assert.That(ClusterGates.Judge(view).Select(r => $"{r.Id}: {r.Why}"), Is.EquivalentTo((string[])
        [
            "cluster.node-maintenance: node maintained is in maintenance mode", "cluster.unclean: node lost is unclean", "cluster.unclean: node never-seen is unclean",
            "cluster.pending: node joining is joining", "cluster.member-offline: node down is offline",
        ]));
    }

    private static NodeView Node(string name) => CrmMon.Ask().Nodes.Single(n => n.Name == name);

    private static string Words(NodeView node) => string.Join(", ", Flags(node));

    private static IEnumerable<string> Flags(NodeView n)
    {
        if (n.IsMember)
            yield return "member";
        if (n.Online)
            yield return "online";
        if (n.Standby)
            yield return "standby";
        if (n.Maintenance)
            yield return "maintenance";
        if (n.Pending)
            yield return "pending";
        if (n.Unclean)
            yield return "unclean";
        if (n.IsSafelyDown)
            yield return "safely down";
    }
}
