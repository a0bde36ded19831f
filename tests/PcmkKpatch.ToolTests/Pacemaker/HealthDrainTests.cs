using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>
/// The drain by health, with the real crm_attribute, crm_mon and crm_simulate, for a cluster of three nodes at rest (Cibs/forecast.xml). What this program reads
/// of allow-unhealthy-nodes is held against what the scheduler does about it.
/// </summary>
internal sealed class HealthDrainTests
{
    private const string Allow = "<nvpair id=\"allow\" name=\"allow-unhealthy-nodes\" value=\"true\"/>";

    private readonly PacemakerCluster _n1 = new(() => "n1");
    private CibFile _cib = null!;

    [SetUp]
    public void Begin() => _cib = new CibFile("forecast").Replace("crm_feature_set=\"3.4.0\" validate-with", "crm_feature_set=\"3.15.0\" validate-with");

    [TearDown]
    public void End() => _cib.Dispose();

    [Test]
    public void The_mark_is_read_back_as_ours_on_that_node_alone_and_goes_again()
    {
        Assert.That(_n1.SeeMarks(), Is.EqualTo(new DrainMarks(new Standby(null, null))));
        _n1.SetMark(DrainMode.Health);
        _n1.SetMark(DrainMode.Health);
        Assert.That(_n1.SeeMarks(), Is.EqualTo(new DrainMarks(new Standby(null, null), "red")));
        Assert.That(new PacemakerCluster(() => "n2").SeeMarks().IsOurs, Is.False);
        Assert.That(_cib.Verify().ExitCode, Is.Zero);
        _n1.ClearMark(DrainMode.Health);
        _n1.ClearMark(DrainMode.Health);
        Assert.That(_n1.SeeMarks().IsOurs, Is.False);
        Assert.That(_cib.Text, Does.Not.Contain("health"));
    }

    [Test]
    public void Either_mark_leaves_the_other_and_those_of_others_alone()
    {
        Attribute("#health-smart", "yellow");
        Attribute("#health-pcmk", "red");
        Assert.That(_n1.SeeMarks().IsOurs, Is.False, "another's name is another's mark");
        _n1.SetMark(DrainMode.Health);
        _n1.SetMark(DrainMode.Standby);
        _n1.ClearMark(DrainMode.Standby);
        Assert.That(_n1.SeeMarks(), Is.EqualTo(new DrainMarks(new Standby(null, null), "red")));
        _n1.ClearMark(DrainMode.Health);
        Assert.That(_cib.Text, Does.Contain("name=\"#health-smart\" value=\"yellow\"").And.Contain("name=\"#health-pcmk\" value=\"red\"").And.Not.Contain("pcmk-kpatch"));
    }

    [TestCase("migrate-on-red", true)]
    [TestCase("only-green", true)]
    [TestCase("none", false)]
    [TestCase(null, false)]
    public void The_cluster_takes_a_marked_node_for_unhealthy_where_a_strategy_is_set(string? strategy, bool unhealthy)
    {
        SetStrategy(strategy);
        Assert.That(CrmMon.Ask().Nodes.Any(n => n.Unhealthy), Is.False);
        _n1.SetMark(DrainMode.Health);
        Assert.That(CrmMon.Ask().Nodes.Where(n => n.Unhealthy).Select(n => n.Name), Is.EqualTo(unhealthy ? (string[])["n1"] : []));
        Assert.That(CrmMon.Ask().Nodes.Any(n => n.Standby), Is.False);
    }

    [TestCase("migrate-on-red")]
    [TestCase("only-green")]
    public void The_drain_moves_what_a_standby_would_and_leaves_the_agent(string strategy) => Here(() =>
    {
        SetStrategy(strategy);
        Meta("kpatch-clone", Allow);
        var (standby, health) = (new PacemakerForesight().Drain("n1", DrainMode.Standby), new PacemakerForesight().Drain("n1", DrainMode.Health));
        Assert.That(Words(health), Is.EqualTo(Words(standby)).And.Contain("web > n2"));
        Assert.That(Stopped(), Does.Contain("web").And.Not.Contain("kpatch"));
        Assert.That(CrmSimulateTests.FailedStop("n1", DrainMode.Health).Select(f => f.Resource), Is.EquivalentTo(CrmSimulateTests.FailedStop("n1").Select(f => f.Resource)));
    });

    [Test]
    public void What_may_stay_does_not_move_and_is_lost_all_the_same_where_the_node_dies() => Here(() =>
    {
        SetStrategy("migrate-on-red");
        Meta("web", Allow);
        Assert.That(Words(new PacemakerForesight().Drain("n1", DrainMode.Health)), Does.Not.Contain("web").And.Contain("disk > "));
        Assert.That(Words(new PacemakerForesight().Loss("n1")), Does.Contain("web > "));
    });

    // Where red is a score, what wants to stay stays.
    [TestCase("none")]
    [TestCase("progressive")]
    [TestCase("custom")]
    public void A_strategy_that_may_leave_something_there_is_known_as_such(string strategy) => Here(() =>
    {
        SetStrategy(strategy);
        Must(Shell.Run("crm_attribute", ["--type", "crm_config", "--name", "node-health-red", "--update", "-10"]));
        Assert.That(Words(new PacemakerForesight().Drain("n1", DrainMode.Health)), Does.Not.Contain("web").And.Not.Contain("disk").And.Not.Contain("vm"));
        Assert.That((Rules().Strategy, Rules().Drains), Is.EqualTo((strategy, false)));
    });

    [Test]
    public void The_strategy_is_none_where_it_is_not_set() => Assert.That((Rules().Strategy, Rules().Drains), Is.EqualTo(("none", false)));

    [Test]
    public void A_strategy_by_a_rule_or_with_two_values_cannot_be_told()
    {
        SetStrategy("migrate-on-red");
        _cib.Add("configuration/crm_config", "<cluster_property_set id=\"two\"><nvpair id=\"two-h\" name=\"node-health-strategy\" value=\"none\"/></cluster_property_set>");
        Assert.That(Rules().Strategy, Is.Null);
        _cib.Replace("value=\"none\"", "value=\"migrate-on-red\"");
        Assert.That(Rules().Strategy, Is.EqualTo("migrate-on-red"), "twice the same is no question");
        _cib.Replace("<cluster_property_set id=\"two\">", "<cluster_property_set id=\"two\"><rule id=\"two-r\" score=\"0\"><date_expression id=\"two-d\" operation=\"gt\" start=\"2020-01-01\"/></rule>");
        Assert.That(Rules().Strategy, Is.Null);
    }

    [Test]
    public void The_release_is_that_of_the_DC() => Assert.That((Rules().FeatureSet, Rules().KnowsStaying), Is.EqualTo(("3.15.0", (bool?)true)));

    // Where Pacemaker looks for it, and where not: the scheduler is the judge.
    [TestCase("kpatch-clone", true, "kpatch")]
    [TestCase("web", true, "web")]
    [TestCase("stack", true, "disk", "address")]
    [TestCase("db-clone", true, "db")]
    [TestCase("kpatch-clone/kpatch", false, "kpatch")]
    [TestCase("stack/disk", false, "disk", "address")]
    public void What_may_stay_is_what_the_scheduler_leaves_there(string where, bool stays, params string[] resources)
    {
        SetStrategy("migrate-on-red");
        Meta(where, Allow);
        Assert.That(Rules().Staying.Contains(where.Split('/')[0]), Is.EqualTo(stays));
        Assert.That(Rules().Unsure, Is.Empty);
        _n1.SetMark(DrainMode.Health);
        Assert.That(resources.Select(Stopped().Contains), Has.All.EqualTo(!stays));
        Assert.That(CrmMon.Ask().Resources.Where(r => resources.Contains(r.Id)).Select(r => r.Top).Distinct(), Is.EqualTo((string[])[where.Split('/')[0]]));
    }

    [Test]
    public void A_default_counts_for_all_that_do_not_say_otherwise()
    {
        SetStrategy("migrate-on-red");
        _cib.Add("configuration/rsc_defaults/meta_attributes", Allow);
        Meta("web", "<nvpair id=\"not\" name=\"allow-unhealthy-nodes\" value=\"no\"/>");
        Assert.That(Rules().Staying, Does.Contain("kpatch-clone").And.Contain("stack").And.Not.Contain("web"));
        _n1.SetMark(DrainMode.Health);
        Assert.That(Stopped(), Is.EqualTo((string[])["web"]));
    }

    [Test]
    public void A_template_counts_for_a_resource_of_its_own()
    {
        SetStrategy("migrate-on-red");
        _cib.Add("configuration/resources", $"<template id=\"t\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"><meta_attributes id=\"t-m\">{Allow}</meta_attributes></template>")
            .Add("configuration/resources", "<primitive id=\"made\" template=\"t\"/>").Ran("n1", "made", "start").Probed("made");
        Assert.That(Rules().Staying, Does.Contain("made").And.Not.Contain("t"));
        _n1.SetMark(DrainMode.Health);
        Assert.That(Stopped(), Does.Not.Contain("made").And.Contain("web"));
    }

    [TestCase("TRUE", true)]
    [TestCase("on", true)]
    [TestCase("y", true)]
    [TestCase("1", true)]
    [TestCase("false", false)]
    [TestCase("2", false)]
    [TestCase("", false)]
    public void The_words_for_true_are_those_of_the_scheduler(string word, bool stays)
    {
        SetStrategy("migrate-on-red");
        Meta("web", Allow.Replace("\"true\"", $"\"{word}\""));
        Assert.That(Rules().Staying.Contains("web"), Is.EqualTo(stays));
        _n1.SetMark(DrainMode.Health);
        Assert.That(Stopped().Contains("web"), Is.EqualTo(!stays));
    }

    [TestCase("<meta_attributes id=\"b\"><rule id=\"b-r\" score=\"0\"><date_expression id=\"b-d\" operation=\"gt\" start=\"2020-01-01\"/></rule><nvpair id=\"b-n\" name=\"allow-unhealthy-nodes\" value=\"true\"/></meta_attributes>")]
    [TestCase("<meta_attributes id-ref=\"d\"/>")]
    [TestCase("<meta_attributes id=\"b\"><nvpair id-ref=\"d-s\"/></meta_attributes>")]
    public void What_a_rule_or_a_reference_decides_is_not_guessed(string set)
    {
        _cib.Add("configuration/resources/primitive", set);
        Assert.That(_cib.Verify().ExitCode, Is.Zero);
        Assert.That((Rules().Staying.Contains("web"), Rules().Unsure), Is.EqualTo((false, (string[])["web"])));
    }

    [Test]
    public void A_rule_about_something_else_is_no_question()
    {
        _cib.Add("configuration/resources/primitive", "<meta_attributes id=\"b\"><rule id=\"b-r\" score=\"0\"><date_expression id=\"b-d\" operation=\"gt\" start=\"2020-01-01\"/></rule><nvpair id=\"b-n\" name=\"priority\" value=\"1\"/></meta_attributes>");
        Assert.That(Rules().Unsure, Is.Empty);
    }

    [Test]
    public void Half_a_CIB_is_a_failure_wherever_it_is_cut()
    {
        var whole = _cib.Text.TrimEnd();
        for (var length = 0; length < whole.Length; length += 97)
            Assert.That(() => HealthConfig.Parse(new StringReader(whole[..length])), Throws.TypeOf<ToolFailedException>(), $"cut at {length}");
    }

    [TestCase("<cib/>")]
    [TestCase("<html><body>Service unavailable</body></html>")]
    [TestCase("")]
    public void What_is_no_whole_CIB_says_nothing(string text) => Assert.That(() => HealthConfig.Parse(new StringReader(text)), Throws.TypeOf<ToolFailedException>());

    private static HealthRules Rules() => HealthConfig.Parse(CibAdmin.Query().WithoutHistories());

    private static void SetStrategy(string? strategy)
    {
        if (strategy is not null)
            Must(Shell.Run("crm_attribute", ["--type", "crm_config", "--name", "node-health-strategy", "--update", strategy]));
    }

    private static void Attribute(string name, string value) => Must(Shell.Run("crm_attribute", ["--node", "n1", "--name", name, "--update", value, "--lifetime", "reboot"]));

    private static void Must(Answer answer) => Assert.That(answer.ExitCode, Is.Zero, answer.ToString());

    // Into a set of its own, of the resource at that path of ids.
    private void Meta(string path, string nvpair)
    {
        var document = _cib.Xml;
        var element = document.Descendants().Single(e => e.Parent?.Parent is not null && (string?)e.Attribute("id") == path.Split('/')[^1] && e.Name.LocalName is "primitive" or "clone" or "group");
        element.Add(System.Xml.Linq.XElement.Parse($"<meta_attributes id=\"meta-of-the-test\">{nvpair}</meta_attributes>"));
        document.Save(_cib.Path);
    }

    // What the scheduler would stop on n1 as the CIB is now, each named once.
    private List<string> Stopped()
    {
        using var folder = new TempFolder();
        if (!_n1.SeeMarks().IsOurs)
        {
            _n1.SetMark(DrainMode.Health);
            var marked = Stopped();
            _n1.ClearMark(DrainMode.Health);
            return marked;
        }

        Must(Shell.Run("crm_simulate", ["--quiet", "--xml-file", _cib.Path, "--save-output", folder.At("out.xml"), "--save-graph", folder.At("graph.xml")]));
        using var graph = File.OpenText(folder.At("graph.xml"));
        return [.. Graph.Read(graph).Where(a => a is { Operation: "stop" or "migrate_to", Node: "n1" }).Select(a => a.Resource).Distinct()];
    }

    private static string Words(Forecast forecast) => string.Join('\n', forecast.Moves.Concat(forecast.Migrations).Select(m => $"{m.Resource} > {m.To}")
        .Concat(forecast.Stops.Select(s => $"{s.Resource} nowhere")).Concat(forecast.StopsOfClones).Concat(forecast.Fences).Concat(forecast.Pending));

    // With a /run of the test's own.
    private static void Here(Action test)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.At("scratch"));
        MountNamespace.Run(folder.At("scratch"), [], test);
    }
}
