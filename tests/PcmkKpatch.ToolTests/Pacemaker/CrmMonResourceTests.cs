using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>What the real crm_mon says of resources of every kind, as this program reads it.</summary>
internal sealed class CrmMonResourceTests
{
    private CibFile _cib = null!;

    [SetUp]
    public void Begin() => _cib = new CibFile("resources");

    [TearDown]
    public void End() => _cib.Dispose();

    [Test]
    public void A_stopped_primitive_is_there_and_active_nowhere() =>
        Assert.That(Only("web"), Is.EqualTo("Stopped, managed"));

    [Test]
    public void A_primitive_is_active_where_it_was_started()
    {
        _cib.Ran("n2", "web", "start");
        Assert.That(Only("web"), Is.EqualTo("Started on n2, active, managed"));
    }

    [Test]
    public void A_primitive_that_was_stopped_again_is_not_active()
    {
        _cib.Ran("n2", "web", "start").Ran("n2", "web", "stop");
        Assert.That(Only("web"), Is.EqualTo("Stopped, managed"));
    }

    [Test]
    public void Members_of_a_group_are_resources_of_their_own()
    {
        _cib.Ran("n1", "disk", "start");
        Assert.That((Only("disk"), Only("address")), Is.EqualTo(("Started on n1, active, managed", "Stopped, managed")));
    }

    [Test]
    public void Instances_of_an_anonymous_clone_share_an_id()
    {
        _cib.Ran("n1", "lock", "start").Ran("n3", "lock", "start");
        Assert.That(All("lock"), Is.EquivalentTo((string[])["Started on n1, active, managed", "Started on n3, active, managed", "Stopped, managed"]));
    }

    [Test]
    public void Instances_of_a_unique_clone_of_a_group_lose_their_numbers()
    {
        _cib.Ran("n1", "farm-a:0", "start").Ran("n2", "farm-a:1", "start").Ran("n2", "farm-b:1", "start");
        Assert.That(All("farm-a"), Is.EquivalentTo((string[])["Started on n1, active, managed", "Started on n2, active, managed"]));
        Assert.That(All("farm-b"), Is.EquivalentTo((string[])["Started on n2, active, managed", "Stopped, managed"]));
        Assert.That(See().Select(r => r.Id), Has.None.Contain(":"));
    }

    // The cluster places a container as one, and what lies deeper is placed with it.
    [Test]
    public void Each_is_known_by_its_outermost_container() =>
        Assert.That(See().Where(r => r.Id is "web" or "disk" or "lock" or "farm-a" or "inside").Select(r => $"{r.Id} in {r.Container}, {r.Top}").Distinct(), Is.EquivalentTo((string[])[
            "web in , web", "disk in stack, stack", "lock in lock-clone, lock-clone", "farm-a in farm, farm", "inside in box, box"]));

    [Test]
    public void A_promotable_clone_says_who_is_promoted()
    {
        _cib.Ran("n1", "db", "start").Ran("n2", "db", "start").Ran("n1", "db", "promote");
        Assert.That(All("db"), Is.EquivalentTo((string[])["Promoted on n1, active, managed", "Unpromoted on n2, active, managed", "Stopped, managed"]));
        Assert.That(See().Count(r => r.Promoted), Is.EqualTo(1));
    }

    [TestCase("disabled")]
    [TestCase("disabled-member")]
    [TestCase("disabled-instance")]
    public void What_is_disabled_is_so_in_groups_and_clones_too(string id) =>
        Assert.That(All(id).Distinct(), Is.EqualTo((string[])["Stopped, managed, disabled"]));

    [Test]
    public void A_disabled_resource_that_has_not_stopped_yet_is_both_active_and_disabled()
    {
        _cib.Ran("n1", "disabled", "start");
        Assert.That(Only("disabled"), Does.Contain("on n1, active, managed, disabled"));
    }

    [Test]
    public void An_unmanaged_resource_is_so_whether_active_or_not()
    {
        Assert.That(Only("unmanaged"), Is.EqualTo("Stopped"));
        _cib.Ran("n3", "unmanaged", "start");
        Assert.That(Only("unmanaged"), Is.EqualTo("Started on n3, active"));
    }

    [Test]
    public void A_failed_monitor_makes_an_active_resource_failed()
    {
        _cib.Ran("n3", "failed", "start").Ran("n3", "failed", "monitor", 1);
        Assert.That(Only("failed"), Is.EqualTo("Started on n3, active, managed, failed"));
    }

    [Test]
    public void A_failed_stop_without_fencing_blocks()
    {
        _cib.Ran("n3", "stuck", "start").Ran("n3", "stuck", "stop", 1);
        Assert.That(Only("stuck"), Is.EqualTo("Started on n3, active, failed, blocked"));
    }

    [Test]
    public void A_resource_found_on_two_nodes_names_both()
    {
        _cib.Ran("n1", "twice", "start").Ran("n2", "twice", "start");
        var twice = See().Single(r => r.Id == "twice");
        Assert.That(twice.Nodes, Is.EquivalentTo((string[])["n1", "n2"]));
    }

    [Test]
    public void An_orphan_that_still_runs_counts_as_active()
    {
        _cib.Ran("n3", "ghost", "start");
        Assert.That(Only("ghost"), Is.EqualTo("Started on n3, active, managed"));
    }

    [Test]
    public void Everything_inside_of_a_bundle_is_seen()
    {
        _cib.Ran("n2", "box-podman-0", "start").Ran("n2", "box-ip-192.0.2.1", "start");
        Assert.That(See().Select(r => r.Id), Is.SupersetOf((string[])["inside", "box-podman-0", "box-0", "box-ip-192.0.2.1"]));
        Assert.That(Only("box-podman-0"), Is.EqualTo("Started on n2, active, managed"));
    }

    [TestCase("inside", "box")]
    [TestCase("box-podman-0", "box")]
    [TestCase("box-0", "box")]
    [TestCase("web", null)]
    public void A_part_of_a_bundle_names_it(string id, string? bundle) => Assert.That(See().First(r => r.Id == id).Bundle, Is.EqualTo(bundle));

    [Test]
    public void In_a_cluster_in_maintenance_nothing_is_managed()
    {
        _cib.Ran("n1", "web", "start").Add("configuration/crm_config/cluster_property_set", "<nvpair id=\"mm\" name=\"maintenance-mode\" value=\"true\"/>");
        Assert.That(Only("web"), Is.EqualTo("Started on n1, active"));
    }

    [Test]
    public void A_cluster_without_resources_has_none()
    {
        using var empty = new CibFile("empty");
        Assert.That(See(), Is.Empty);
    }

    private static IReadOnlyList<ResourceView> See() => CrmMon.Ask().Resources;

    private static string Only(string id) => All(id).Single();

    private static string[] All(string id) => [.. See().Where(r => r.Id == id).Select(Words)];

    private static string Words(ResourceView r) =>
        r.Role + (r.Nodes.Count > 0 ? " on " + string.Join('+', r.Nodes) : "") + (r.Active ? ", active" : "") + (r.Managed ? ", managed" : "")
        + (r.Failed ? ", failed" : "") + (r.Blocked ? ", blocked" : "") + (r.Disabled ? ", disabled" : "");
}
