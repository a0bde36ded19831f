using PcmkKpatch.Core;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>What people hold, as the real tools write it into the CIB and find it there.</summary>
internal sealed class HoldsTests
{
    private static readonly Hold s_all = Hold.Of(null, null, "audit", "anna");
    private static readonly Hold s_n2 = Hold.Of("n2", new DateTimeOffset(2026, 1, 31, 22, 15, 0, TimeSpan.Zero), "firmware & \"discs\"", null);
    private readonly CibHolds _holds = new();
    private CibFile _cib = null!;

    [SetUp]
    public void Begin() => _cib = new CibFile();

    [TearDown]
    public void End() => _cib.Dispose();

    [Test]
    public void Where_nobody_holds_anything_there_is_none() => Assert.That(_holds.Read(), Is.Empty);

    [Test]
    public void One_of_all_nodes_is_a_property_of_the_cluster()
    {
        Attribute(s_all.Text, "--type", "crm_config");
        Assert.That(_holds.Read(), Is.EqualTo((Hold[])[s_all]));
        Assert.That(_cib.Verify().ExitCode, Is.Zero, "the CIB stays valid");
    }

    [Test]
    public void One_of_a_node_is_an_attribute_of_it_that_stays()
    {
        Attribute(s_n2.Text, "--node", "n2", "--lifetime", "forever");
        Assert.That(_holds.Read(), Is.EqualTo((Hold[])[s_n2]));
        Assert.That(_holds.Read().Single().Reason, Is.EqualTo("firmware & \"discs\""));
    }

    [Test]
    public void They_stand_side_by_side()
    {
        Attribute(s_all.Text, "--type", "crm_config");
        Attribute(s_n2.Text, "--node", "n2", "--lifetime", "forever");
        Attribute("until further notice", "--node", "n3", "--lifetime", "forever");
        var holds = _holds.Read();
        Assert.That(holds, Is.EquivalentTo((Hold[])[s_all, s_n2, Hold.Parse("until further notice")]));
        Assert.That(holds.Where(h => h.IsUnreadable).Select(h => h.Concerns("n1")), Is.EqualTo((bool[])[true]), "what is not understood holds every node");
    }

    [Test]
    public void One_that_is_taken_away_is_gone()
    {
        Attribute(s_n2.Text, "--node", "n2", "--lifetime", "forever");
        Must(Shell.Run("crm_attribute", ["--name", CibAdmin.HoldName, "--delete", "--node", "n2", "--lifetime", "forever"]));
        Assert.That(_holds.Read(), Is.Empty);
    }

    [Test]
    public void An_attribute_of_another_name_or_of_a_resource_is_none()
    {
        Must(Shell.Run("crm_attribute", ["--name", "kpatch-holds", "--update", s_all.Text, "--type", "crm_config"]));
        _cib.Replace("<primitive id=\"web\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"/>",
            $"<primitive id=\"web\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"><instance_attributes id=\"web-a\"><nvpair id=\"web-h\" name=\"kpatch-hold\" value=\"{s_all.Text}\"/></instance_attributes></primitive>");
        Assert.That(_holds.Read(), Is.Empty);
    }

    [Test]
    public void A_CIB_that_cannot_be_read_is_a_failure_and_not_a_cluster_without_holds()
    {
        File.WriteAllText(_cib.Path, _cib.Text[..200]);
        Assert.That(_holds.Read, Throws.TypeOf<ToolFailedException>());
    }

    private static void Attribute(string value, params string[] where) => Must(Shell.Run("crm_attribute", ["--name", CibAdmin.HoldName, "--update", value, .. where]));

    private static void Must(Answer answer) => Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
}
