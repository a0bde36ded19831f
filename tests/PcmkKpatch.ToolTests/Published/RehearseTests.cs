using System.Text.Json;
using System.Xml.Linq;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>
/// "rehearse" of the published binary, and what "status" tells of it, with the real cibadmin, crm_mon and crm_simulate on a CIB file of three nodes at rest. That
/// the nodes go through it is a stand-in's doing here, the one for crmadmin, which is asked at each look at the cluster; the node lab has the real thing.
/// </summary>
internal sealed class RehearseTests
{
    private static readonly DateTimeOffset s_night = new(2026, 1, 31, 22, 15, 0, TimeSpan.Zero);
    private static readonly RehearsalWish s_wish = RehearsalWish.Of("3f2a", ["n1", "n2", "n3"], "anna", DateTimeOffset.UtcNow);

    private Sandbox _box = null!;
    private CibFile _cib = null!;

    [SetUp]
    public void Begin()
    {
        (_box, _cib) = (new Sandbox(), new CibFile("forecast"));
        _box.ThreeNodes();
        Crmadmin("");
        Want("allow_stranded=pinned\n");
        foreach (var node in (string[])["n1", "n2", "n3"])
        {
            Says(node, "kpatch-state", "idle");
            Says(node, "kpatch-product", Sandbox.Version);
        }
    }

    [TearDown]
    public void End()
    {
        _cib.Dispose();
        _box.Dispose();
    }

    [Test]
    public void Every_node_goes_through_it_and_what_it_met_is_told()
    {
        EndsAtOnce("rehearsed drain=12.3 home=4.0 moved=web/n2,db/n3 stopped=pinned back=pinned why=well warnings=");
        var answer = Rehearse();
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        Assert.That(answer.Output, Does.Match("^rehearsal [0-9a-f]{12} of n3, n1, n2: each is drained and comes home in its turn, and nothing is loaded\n"));
        Assert.That(answer.Output, Does.Match(@"\n +\d+ s  n2  rehearsed, drained in 12\.3 s, home in 4\.0 s: well\n"));
        Assert.That(answer.Output, Does.Contain("\nRehearse n3, n1, n2 went through it as a run would, and nothing was loaded\n"));
        Assert.That(answer.Output, Does.Contain("\nn1:      rehearsed, drained in 12.3 s, home in 4.0 s: well\n  Moved  web to n2, db to n3\n  Stopped pinned: active nowhere while the node was drained\n  Back   pinned\n"));
        Assert.That(Wished(), Is.Null, "it is taken away");
        Assert.That(Value("pcmk-kpatch-token"), Is.EqualTo("free"));
    }

    [Test]
    public void As_JSON_the_report_is_alone_on_the_standard_output()
    {
        EndsAtOnce("rehearsed drain=12.3 home=4.0 moved=web/n2 stopped= back= why=well warnings=one%2C%20two,three");
        var answer = Rehearse("--json", "--node", "n2");
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        Assert.That(answer.Errors, Does.Contain(" s  n2  rehearsed"));
        using var report = JsonDocument.Parse(answer.Output);
        var root = report.RootElement;
        Assert.That((Text(root, "outcome"), root.GetProperty("nodes").GetArrayLength()), Is.EqualTo(("rehearsed", 1)));
        var node = root.GetProperty("nodes")[0];
        Assert.That((Text(node, "name"), Text(node, "verdict"), node.GetProperty("drain_seconds").GetDouble()), Is.EqualTo(("n2", "rehearsed", 12.3)));
        Assert.That(node.GetProperty("moved")[0].GetRawText(), Does.Match("\"resource\": \"web\",\\s+\"node\": \"n2\""));
        Assert.That(node.GetProperty("warnings").EnumerateArray().Select(w => w.GetString()), Is.EqualTo((string[])["one, two", "three"]));
    }

    [Test]
    public void A_node_on_which_it_went_otherwise_fails_it_and_is_named()
    {
        EndsAtOnce("draintooslow drain= home=4.0 moved= stopped= back= why=not%20drained%1B%5B2J warnings=");
        var answer = Rehearse();
        Assert.That(answer.ExitCode, Is.EqualTo(1), answer.ToString());
        Assert.That(answer.Output, Does.Contain("Rehearse not as a run should go on n3, n1, n2\nTo do    mend that, and rehearse again\n").And.Contain("draintooslow, home in 4.0 s: not drained?[2J\n").And.Not.Contain("\u001b"));
        Assert.That(Wished(), Is.Null);
    }

    [Test]
    public void A_halted_rollout_ends_it_and_says_what_to_type()
    {
        LayToken(Token.Halted("n2", "run", "boot", s_night, "not settled").Text);
        Lay(s_wish.Text);
        var answer = Rehearse("--follow");
        Assert.That(answer.ExitCode, Is.EqualTo(1), answer.ToString());
        Assert.That(answer.Output, Does.Contain("; the rollout is halted by n2: not settled\nTo do    mend that, and see pcmk-kpatch status; then let the rollout go on: pcmk-kpatch resume.").And.Contain("\nn1:      did not go through it\n"));
        Assert.That(Wished(), Is.Null, "else the others would go through it when the rollout is resumed");
    }

    [Test]
    public void What_plan_says_against_a_run_keeps_it_from_being_begun_and_nothing_is_changed()
    {
        Want("");
        Hold("freeze");
        var before = _cib.Text;
        var answer = Rehearse();
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Output, Does.StartWith("Rehearse not begun: ").And.Contain("(schedule.hold)\n  To do ").And.Contain("Refused  n1: ").And.Contain("(drain.stranded)"));
        Assert.That(_cib.Text, Is.EqualTo(before));
        using var report = JsonDocument.Parse(Rehearse("--json").Output);
        Assert.That((Text(report.RootElement, "outcome"), report.RootElement.GetProperty("refused").GetArrayLength()), Is.EqualTo(("refused", 3)), "the hold, the drain and the death");
    }

    [TestCase("n3", "n3 is unclean (cluster.unclean)")]
    [TestCase("n9", "the cluster does not know a node n9 (plan.no-node)")]
    public void A_node_that_would_not_be_patched_is_not_rehearsed(string node, string why)
    {
        if (node == "n3")
            _cib.Replace("<node_state id=\"3\" uname=\"n3\" in_ccm=\"true\" crmd=\"online\" join=\"member\" expected=\"member\"", "<node_state id=\"3\" uname=\"n3\" in_ccm=\"false\" crmd=\"offline\" join=\"down\" expected=\"down\"");
        var answer = Rehearse("--node", node);
        Assert.That(answer.ExitCode, Is.EqualTo(1), answer.ToString());
        Assert.That(answer.Output, Does.Contain(why));
        Assert.That(Wished(), Is.Null);
    }

    [Test]
    public void A_node_without_the_agent_would_never_go_through_it()
    {
        Says("n2", "kpatch-state", null);
        File.Delete(_box.Runtime("wanted"));
        var answer = Rehearse();
        Assert.That(answer.Output, Does.Contain("the agent is not started on n2 (rehearsal.no-agent)").And.Contain("the agent is not started on n1 (rehearsal.no-agent)"));
        Assert.That((answer.ExitCode, Wished()), Is.EqualTo((1, (string?)null)));
    }

    [Test]
    public void One_that_goes_on_is_not_begun_again_and_is_in_status_and_plan()
    {
        LayToken(Token.HeldToRehearse("n2", "run", "boot", DateTimeOffset.UtcNow).Text);
        Lay(s_wish.Text);
        Says("n1", "kpatch-rehearsed", "3f2a rehearsed");
        var answer = Rehearse();
        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Errors, Does.Match($"^pcmk-kpatch: a rehearsal goes on already, since {s_wish.Since} by anna. .*--follow.*--cancel"));
        var status = Verb("status").Output;
        Assert.That(status, Does.Match("^Rollout  n2 goes through a rehearsal since ").And.Contain($"\nRehearse 3f2a by anna since {s_wish.Since}; to go through it: n2, n3\n"));
        Assert.That(Verb("plan").Output, Does.Contain("to go through it: n2, n3 (rehearsal.under-way)"));
        using var json = JsonDocument.Parse(Verb("status", "--json").Output);
        Assert.That(json.RootElement.GetProperty("rehearsal").GetProperty("open").EnumerateArray().Select(n => n.GetString()), Is.EqualTo((string[])["n2", "n3"]));
    }

    [Test]
    public void It_is_called_off_and_who_is_in_it_is_told()
    {
        LayToken(Token.HeldToRehearse("n2", "run", "boot", s_night).Text);
        Lay(s_wish.Text);
        var answer = Rehearse("--cancel");
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        Assert.That(answer.Output, Is.EqualTo($"called off: the rehearsal 3f2a of n1, n2, n3, which anna wanted since {s_wish.Since}\nn2 is in it still, and goes home by itself: pcmk-kpatch status\n"));
        Assert.That(Wished(), Is.Null);
        Assert.That(Rehearse("--cancel").Output, Is.EqualTo("no rehearsal goes on\n"));
        Assert.That(Rehearse("--follow").ExitCode, Is.EqualTo(1));
    }

    [Test]
    public void Who_follows_one_that_is_called_off_is_told_when_the_last_node_is_home()
    {
        LayToken("free");
        Lay(s_wish.Text);
        Crmadmin($"CIB_file={_cib.Path} cibadmin --delete --xml-text '<nvpair id=\"pcmk-kpatch-rehearsal\"/>'");
        var answer = Rehearse("--follow");
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Output, Does.Contain("Rehearse it was called off\n\nn1:      did not go through it\n"));
    }

    [TestCase("n2", null, "n2 does not say which version of this product it has, and n1 has ")]
    [TestCase("n3", "0.0.9", "n3 has version 0.0.9 of this product, and n1 has ")]
    public void A_node_that_may_not_know_what_a_rehearsal_is_keeps_it_from_being_begun(string node, string? version, string why)
    {
        Says(node, "kpatch-product", version);
        var answer = Rehearse("--node", "n1");
        Assert.That((answer.ExitCode, Wished()), Is.EqualTo((1, (string?)null)), answer.ToString());
        Assert.That(answer.Output, Does.Contain(why).And.Contain("(rehearsal.version)"));
    }

    [Test]
    public void One_that_is_too_old_is_neither_followed_nor_waited_for_and_only_called_off()
    {
        LayToken("free");
        Lay(RehearsalWish.Of("3f2a", ["n1", "n2"], "anna", s_night).Text);
        foreach (var options in (string[][])[[], ["--follow"]])
        {
            var answer = Rehearse(options);
            Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
            Assert.That(answer.Errors, Is.EqualTo("pcmk-kpatch: the wish for a rehearsal since 2026-01-31T22:15:00Z by anna is too old for any node to begin with it. Take it away: pcmk-kpatch rehearse --cancel\n"));
        }

        Assert.That(Verb("status").Output, Does.Contain("\nRehearse 3f2a by anna since 2026-01-31T22:15:00Z; too old for any node to begin with it: "));
        Assert.That(Verb("plan").Output, Does.Not.Contain("rehearsal.under-way"));
        Assert.That((Rehearse("--cancel").ExitCode, Wished()), Is.EqualTo((0, (string?)null)));
    }

    [TestCase]
    [TestCase("--follow")]
    [TestCase("--cancel")]
    public void A_wish_of_a_later_version_is_shown_and_left_alone(params string[] options)
    {
        LayToken("free");
        Lay("rehearsal v2 of everything");
        var answer = Rehearse(options);
        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Errors, Does.Contain("does not know, and is left alone: rehearsal v2 of everything"));
        Assert.That(Wished(), Is.EqualTo("rehearsal v2 of everything"));
        Assert.That(Verb("status").Output, Does.Contain("Rehearse the wish for a rehearsal says what this version does not know, and is left alone: rehearsal v2 of everything\n"));
    }

    [Test]
    public void Ctrl_C_leaves_it_going_and_says_how_to_look_again_and_how_to_call_it_off()
    {
        LayToken("free");
        Lay(s_wish.Text);
        var answer = _box.Run(["timeout", "-s", "INT", "--preserve-status", "3", _box.Program, "rehearse", "--follow"], ("CIB_file", _cib.Path));
        Assert.That(answer.ExitCode, Is.EqualTo(1), answer.ToString());
        Assert.That(answer.Errors, Is.EqualTo("the rehearsal goes on. To look again: pcmk-kpatch rehearse --follow; to call it off: pcmk-kpatch rehearse --cancel\n"));
        Assert.That(Wished(), Is.EqualTo(s_wish.Text));
    }

    [TestCase("--force")]
    [TestCase("--node")]
    [TestCase("--node", "--json")]
    [TestCase("n1")]
    [TestCase("--cancel", "--json")]
    [TestCase("--follow", "--node", "n1")]
    [TestCase("--follow", "--cancel")]
    [TestCase("--json", "--json")]
    public void What_makes_no_sense_is_bad_usage(params string[] options) => Assert.That(Rehearse(options).ExitCode, Is.EqualTo(64));

    private void Want(string parameters) => _box.Lay(_box.Runtime("wanted"), parameters);

    // At the next look at the cluster every node that is named has gone through it, and says so.
    private void EndsAtOnce(string outcome) => Crmadmin(
        $"""
        wish=$(CIB_file={_cib.Path} cibadmin --query --xpath "//nvpair[@id='pcmk-kpatch-rehearsal']" 2>/dev/null) || exit 0
        id=$(expr "$wish" : '.*id=\([0-9a-f]*\) nodes')
        for n in 1 2 3; do sed -i "s|<nvpair id=\"n$n-kpatch-rehearsed\"[^>]*>|<nvpair id=\"n$n-kpatch-rehearsed\" name=\"kpatch-rehearsed\" value=\"$id {outcome}\"/>|" {_cib.Path}; done
        """);

    private void Crmadmin(string first)
    {
        foreach (var node in (string[])["n1", "n2", "n3"])
            Says(node, "kpatch-rehearsed", "none yet");
        _box.Tool("crmadmin", $"echo 'Controller on n2 in state S_IDLE: ok'\n{first}");
    }

    private void Says(string node, string name, string? value)
    {
        var document = _cib.Xml;
        var set = document.Descendants("node_state").Single(e => (string?)e.Attribute("uname") == node).Element("transient_attributes")!.Element("instance_attributes")!;
        set.Elements().Where(e => (string?)e.Attribute("name") == name).Remove();
        if (value is not null)
            set.Add(new XElement("nvpair", new XAttribute("id", $"{node}-{name}"), new XAttribute("name", name), new XAttribute("value", value)));
        document.Save(_cib.Path);
    }

    private void Hold(string why) =>
        _cib.Add("configuration/crm_config", $"<cluster_property_set id=\"h\"><nvpair id=\"h-h\" name=\"kpatch-hold\" value=\"{Core.Schedule.Hold.Of(null, null, why, null).Text}\"/></cluster_property_set>");

    private void LayToken(string text) =>
        _cib.Add("configuration/crm_config", $"<cluster_property_set id=\"pcmk-kpatch\"><nvpair id=\"pcmk-kpatch-token\" name=\"pcmk-kpatch-token\" value=\"{text}\"/></cluster_property_set>");

    private void Lay(string wish)
    {
        var document = _cib.Xml;
        document.Descendants("cluster_property_set").Single(e => (string?)e.Attribute("id") == "pcmk-kpatch")
            .Add(new XElement("nvpair", new XAttribute("id", "pcmk-kpatch-rehearsal"), new XAttribute("name", "pcmk-kpatch-rehearsal"), new XAttribute("value", wish)));
        document.Save(_cib.Path);
    }

    private string? Wished() => Value("pcmk-kpatch-rehearsal");

    private string? Value(string id) => (string?)_cib.Xml.Descendants("nvpair").SingleOrDefault(e => (string?)e.Attribute("id") == id)?.Attribute("value");

    private Answer Rehearse(params string[] options) => Verb(["rehearse", .. options]);

    private Answer Verb(params string[] words) => _box.Run([_box.Program, .. words], ("CIB_file", _cib.Path));

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
