using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>
/// Standby with the real crm_attribute. On a live cluster the transient kind goes through pacemaker-attrd; where CIB_file is set
/// crm_attribute writes the same nvpair into the file's status section by itself (found on 2.1.5), so the file shows what attrd would
/// have written.
/// </summary>
internal sealed class StandbyTests
{
    private readonly PacemakerCluster _n2 = new(() => "n2");
    private CibFile _cib = null!;

    [SetUp]
    public void Begin() => _cib = new CibFile();

    [TearDown]
    public void End() => _cib.Dispose();

    [Test]
    public void A_node_without_standby_has_neither_kind()
    {
        Assert.That(_n2.SeeMarks().Standby, Is.EqualTo(new Standby(null, null)));
        Assert.That((_n2.SeeMarks().Standby.IsOurs, _n2.SeeMarks().Standby.IsAdministrators), Is.EqualTo((false, false)));
    }

    [Test]
    public void Our_standby_is_transient_and_read_back_as_ours_on_that_node_alone()
    {
        _n2.SetMark(DrainMode.Standby);
        Assert.That(_n2.SeeMarks().Standby, Is.EqualTo(new Standby("y", null)));
        Assert.That((_n2.SeeMarks().Standby.IsOurs, _n2.SeeMarks().Standby.IsAdministrators), Is.EqualTo((true, false)));
        Assert.That(new PacemakerCluster(() => "n1").SeeMarks().Standby, Is.EqualTo(new Standby(null, null)));
        Assert.That(_cib.Verify().ExitCode, Is.Zero);
    }

    [Test]
    public void Setting_it_twice_and_clearing_it_twice_is_as_good_as_once()
    {
        _n2.SetMark(DrainMode.Standby);
        var once = _cib.Xml.Root!.Element("status")!.ToString();
        _n2.SetMark(DrainMode.Standby);
        Assert.That(_cib.Xml.Root!.Element("status")!.ToString(), Is.EqualTo(once));
        _n2.ClearMark(DrainMode.Standby);
        Assert.That(_n2.SeeMarks().Standby, Is.EqualTo(new Standby(null, null)));
        _n2.ClearMark(DrainMode.Standby);
        Assert.That(_n2.SeeMarks().Standby, Is.EqualTo(new Standby(null, null)));
    }

    [Test]
    public void The_administrators_permanent_standby_stays_through_ours()
    {
        Administrator("on", "forever");
        Assert.That((_n2.SeeMarks().Standby.IsOurs, _n2.SeeMarks().Standby.IsAdministrators), Is.EqualTo((false, true)));
        _n2.SetMark(DrainMode.Standby);
        Assert.That(_n2.SeeMarks().Standby, Is.EqualTo(new Standby("y", "on")));
        _n2.ClearMark(DrainMode.Standby);
        Assert.That(_n2.SeeMarks().Standby, Is.EqualTo(new Standby(null, "on")));
    }

    [TestCase("<node_state id=\"2\">", true)]
    [TestCase("<node_state id=\"1\">", false)]
    [TestCase("<node_state id=\"2\" uname=\"n1\">", false)]
    public void A_state_that_has_no_name_yet_is_known_by_its_id(string state, bool ours)
    {
        var cib = $"""
            <cib><configuration><nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes></configuration><status>{state}
            <transient_attributes><instance_attributes><nvpair name="standby" value="y"/></instance_attributes></transient_attributes></node_state></status></cib>
            """;
        Assert.That(CibAdmin.ReadMarks(new StringReader(cib), "n2").IsOurs, Is.EqualTo(ours));
    }

    [TestCase("on")]
    [TestCase("true")]
    [TestCase("TRUE")]
    [TestCase("1")]
    [TestCase("yes")]
    public void The_administrators_transient_standby_is_told_from_ours(string value)
    {
        Administrator(value, "reboot");
        Assert.That((_n2.SeeMarks().Standby.IsOurs, _n2.SeeMarks().Standby.IsAdministrators), Is.EqualTo((false, true)));
        Assert.That(Node("n2").Standby, Is.True, "Pacemaker takes it for standby too");
    }

    [TestCase("off")]
    [TestCase("false")]
    [TestCase("0")]
    public void A_transient_off_is_nobodys_standby_even_over_a_permanent_on(string value)
    {
        Administrator("on", "forever");
        Administrator(value, "reboot");
        Assert.That((_n2.SeeMarks().Standby.IsOurs, _n2.SeeMarks().Standby.IsAdministrators), Is.EqualTo((false, false)));
        Assert.That(Node("n2").Standby, Is.False, "Pacemaker judges the same way");
    }

    [Test]
    public void Our_value_counts_as_true_for_crm_mon()
    {
        Assert.That(Node("n2").Standby, Is.False);
        _n2.SetMark(DrainMode.Standby);
        Assert.That((Node("n1").Standby, Node("n2").Standby, Node("n3").Standby), Is.EqualTo((false, true, false)));
        _n2.ClearMark(DrainMode.Standby);
        Assert.That(Node("n2").Standby, Is.False);
    }

    [Test]
    public void Our_value_counts_as_true_for_the_scheduler_and_moves_what_runs_there()
    {
        Assert.That(ActionsOfWeb(), Is.Empty, "nothing to do before");
        _n2.SetMark(DrainMode.Standby);
        Assert.That(ActionsOfWeb(), Does.Contain("stop on n2").And.Match("start on n[13]"));
        _n2.ClearMark(DrainMode.Standby);
        Assert.That(ActionsOfWeb(), Is.Empty, "nothing to do afterwards");
    }

    // What the scheduler takes for true, and what IsAdministrators takes for true, must be the same words.
    [Test]
    public void The_words_for_true_are_those_of_the_scheduler()
    {
        foreach (var word in (string[])["on", "ON", "true", "True", "yes", "YES", "Y", "y", "1", "off", "false", "no", "n", "0", "2", "t", "maybe", "enabled"])
        {
            Administrator(word, "forever");
            Assert.That(_n2.SeeMarks().Standby.IsAdministrators, Is.EqualTo(Node("n2").Standby), word);
        }
    }

    [Test]
    public void A_node_that_the_cluster_does_not_know_is_a_failure()
    {
        var stranger = new PacemakerCluster(() => "n9");
        Assert.That(() => stranger.SetMark(DrainMode.Standby), Throws.TypeOf<ToolFailedException>().With.Message.Contains("n9"));
        Assert.That(() => stranger.ClearMark(DrainMode.Standby), Throws.TypeOf<ToolFailedException>());
        Assert.That(_cib.Text, Does.Not.Contain("standby"));
    }

    [TestCase("--help")]
    [TestCase("n2; touch x")]
    [TestCase("")]
    public void A_hostile_node_name_is_an_argument_and_nothing_more(string name)
    {
        var before = _cib.Text;
        Assert.That(() => new PacemakerCluster(() => name).SetMark(DrainMode.Standby), Throws.TypeOf<ToolFailedException>());
        Assert.That(_cib.Text, Is.EqualTo(before));
    }

    [Test]
    public void Half_a_CIB_is_a_failure_wherever_it_is_cut()
    {
        _n2.SetMark(DrainMode.Standby);
        var whole = _cib.Text.TrimEnd();
        for (var length = 0; length < whole.Length; length += 37)
            Assert.That(() => CibAdmin.ReadMarks(new StringReader(whole[..length]), "n2"), Throws.TypeOf<ToolFailedException>(), $"cut at {length}");
        Assert.That(CibAdmin.ReadMarks(new StringReader(whole), "n2").Standby, Is.EqualTo(new Standby("y", null)));
    }

    [TestCase("<cib/>")]
    [TestCase("<cib><configuration/></cib>")]
    [TestCase("<html><body>Service unavailable</body></html>")]
    [TestCase("<other><deeper><status/></deeper></other>")]
    [TestCase("")]
    [TestCase("Call failed")]
    public void What_is_no_whole_CIB_says_nothing_about_standby(string text) =>
        Assert.That(() => CibAdmin.ReadMarks(new StringReader(text), "n2"), Throws.TypeOf<ToolFailedException>());

    // Rules, utilization, and other nodes' attributes have nvpairs of the same name.
    [Test]
    public void Only_the_nodes_own_attributes_of_that_name_count()
    {
        const string Cib =
            """
            <cib>
              <configuration>
                <crm_config><cluster_property_set id="a"><nvpair id="1" name="standby" value="on"/></cluster_property_set></crm_config>
                <nodes>
                  <node id="1" uname="n1"><instance_attributes id="b"><nvpair id="2" name="standby" value="on"/></instance_attributes></node>
                  <node id="2" uname="n2"><instance_attributes id="c"><nvpair id="3" name="stand-by" value="on"/></instance_attributes></node>
                </nodes>
                <resources><primitive id="p"><instance_attributes id="d"><nvpair id="4" name="standby" value="on"/></instance_attributes></primitive></resources>
              </configuration>
              <status>
                <node_state id="2" uname="n2"><lrm><nvpair id="5" name="standby" value="on"/></lrm></node_state>
                <node_state id="3" uname="n3"><transient_attributes id="3"><instance_attributes id="e"><nvpair id="6" name="standby" value="y"/></instance_attributes></transient_attributes></node_state>
              </status>
            </cib>
            """;
        Assert.That(CibAdmin.ReadMarks(new StringReader(Cib), "n2").Standby, Is.EqualTo(new Standby(null, null)));
        Assert.That(CibAdmin.ReadMarks(new StringReader(Cib), "n1").Standby, Is.EqualTo(new Standby(null, "on")));
        Assert.That(CibAdmin.ReadMarks(new StringReader(Cib), "n3").Standby, Is.EqualTo(new Standby("y", null)));
    }

    private void Administrator(string value, string lifetime) =>
        Assert.That(Shell.Run("crm_attribute", ["--node", "n2", "--name", "standby", "--update", value, "--lifetime", lifetime]).ExitCode, Is.Zero);

    private static NodeView Node(string name) => CrmMon.Ask().Nodes.Single(n => n.Name == name);

    // The scheduler's actions for web, probes aside.
    private string ActionsOfWeb()
    {
        var answer = Shell.Run("crm_simulate", ["--simulate", "--xml-file", _cib.Path]);
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        return string.Join('\n', answer.Output.Split('\n').Where(line => line.Contains("Resource action: web") && !line.Contains("monitor")));
    }
}
