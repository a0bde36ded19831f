using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>What keeps resources from moving, and from coming back, as the real tools tell and write it.</summary>
internal sealed class MovableTests
{
    private CibFile _cib = null!;

    [SetUp]
    public void Begin() => _cib = new CibFile("forecast");

    [TearDown]
    public void End() => _cib.Dispose();

    [Test]
    public void The_constraints_that_a_move_and_a_ban_leave_behind_are_found()
    {
        Assert.That(LeftOvers.Ask(), Is.Empty, "the administrator's own are none");
        Resource("--ban", "--resource", "web", "--node", "n2");
        Resource("--move", "--resource", "vm", "--node", "n3");
        Assert.That(LeftOvers.Ask(), Is.EquivalentTo((LeftOver[])[new("cli-ban-web-on-n2", "web", "n2", null), new("cli-prefer-vm", "vm", "n3", null)]));
        Assert.That(LeftOvers.Ask().Select(l => l.Draws), Is.EqualTo((bool[])[false, true]));
        Resource("--clear", "--resource", "web");
        Resource("--clear", "--resource", "vm");
        Assert.That(LeftOvers.Ask(), Is.Empty);
    }

    [Test]
    public void One_with_a_lifetime_names_its_node_and_its_end()
    {
        Resource("--ban", "--resource", "web", "--node", "n2", "--lifetime", "PT1H");
        var only = LeftOvers.Ask().Single();
        Assert.That((only.Id, only.Resource, only.Node), Is.EqualTo(("cli-ban-web-on-n2", "web", "n2")));
        Assert.That(only.Until, Is.EqualTo(DateTimeOffset.UtcNow.AddHours(1)).Within(TimeSpan.FromMinutes(2)));
    }

    [Test]
    public void Half_a_CIB_says_nothing_of_constraints()
    {
        var whole = _cib.Text.TrimEnd();
        for (var length = 0; length < whole.Length; length += 97)
            Assert.That(() => LeftOvers.Read(new StringReader(whole[..length])), Throws.TypeOf<ToolFailedException>(), $"cut at {length}");
        Assert.That(() => LeftOvers.Read(new StringReader("<cib/>")), Throws.TypeOf<ToolFailedException>());
    }

    [Test]
    public void Failures_are_counted_against_the_threshold_of_the_resource()
    {
        Assert.That(FailCounts.Ask(), Is.Empty);
        Fails("n2", "web", "3");
        Fails("n3", "lock", "INFINITY");
        Assert.That(FailCounts.Ask(), Is.EquivalentTo((FailCount[])[new("web", "n2", 3, 1_000_000), new("lock", "n3", 1_000_000, 1_000_000)]));
        Assert.That(FailCounts.Ask().Select(f => (f.Resource, f.KeepsAway)), Is.EquivalentTo(((string, bool)[])[("web", false), ("lock", true)]));

        _cib.Add("configuration/rsc_defaults/meta_attributes", "<nvpair id=\"d-t\" name=\"migration-threshold\" value=\"3\"/>");
        Assert.That(FailCounts.Ask().Select(f => (f.Resource, f.KeepsAway)), Is.EquivalentTo(((string, bool)[])[("web", true), ("lock", true)]));
        Assert.That(ToFrom(), Does.Not.Contain("n2"), "the scheduler judges the same way");
    }

    [TestCase("<pacemaker-result/>")]
    [TestCase("<pacemaker-result><node_history><node name=\"n1\"><resource_history id=\"a\" fail-count=\"many\" migration-threshold=\"3\"/></node></node_history><status code=\"0\"/></pacemaker-result>")]
    [TestCase("<pacemaker-result><node_history><node name=\"n1\"><resource_history id=\"a\" fail-count=\"1\"/></node></node_history><status code=\"0\"/></pacemaker-result>")]
    [TestCase("<pacemaker-result><node_history/><status code=\"1\"/></pacemaker-result>")]
    [TestCase("no XML")]
    public void Counts_that_are_not_understood_are_a_failure(string text) => Assert.That(() => FailCounts.Read(text), Throws.TypeOf<ToolFailedException>());

    [Test]
    public void An_orphan_and_our_own_agent_are_known_as_such()
    {
        _cib.Ran("n1", "gone", "start");
        var resources = CrmMon.Ask().Resources;
        Assert.That(resources.Where(r => r.Orphaned).Select(r => r.Id), Is.EqualTo((string[])["gone"]));
        Assert.That(resources.Where(r => r.IsOurs).Select(r => r.Id).Distinct(), Is.EqualTo((string[])["kpatch"]));
    }

    private static string[] ToFrom()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.At("scratch"));
        string[] to = [];
        MountNamespace.Run(folder.At("scratch"), [], () => to = [.. new PacemakerForesight().Drain("n1", DrainMode.Standby).Moves.Where(m => m.Resource == "web").Select(m => m.To)]);
        return to;
    }

    private static void Fails(string node, string resource, string count) =>
        Must(Shell.Run("crm_attribute", ["--node", node, "--name", $"fail-count-{resource}#monitor_10000", "--update", count, "--lifetime", "reboot"]));

    private static void Resource(params string[] arguments) => Must(Shell.Run("crm_resource", arguments));

    private static void Must(Answer answer) => Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
}
