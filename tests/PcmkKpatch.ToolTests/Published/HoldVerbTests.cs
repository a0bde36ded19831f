using System.Text.Json;
using System.Xml.Linq;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>
/// "hold" of the published binary, and what "status" tells of it, with the real cibadmin, crm_attribute and crm_mon on a CIB file. crm_node and crmadmin,
/// which answer from a live cluster only, have stand-ins.
/// </summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class HoldVerbTests : IDisposable
{
    private readonly Sandbox _box = new();
    private readonly TempFolder _folder = new();

    public HoldVerbTests()
    {
        _box.Tool("crm_node", "case $1 in --name) echo n1;; *) echo 1;; esac");
        _box.Tool("crmadmin", "echo 'Controller on n1 in state S_IDLE: ok'");
        File.Copy(Path.Combine(TestContext.CurrentContext.TestDirectory, "Cibs", "three-nodes.xml"), Cib);
    }

    private string Cib => _folder.At("cib.xml");

    public void Dispose()
    {
        _box.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void Without_a_hold_that_is_said()
    {
        Tells(["--list"], "^no node is held\n$");
        Tells(["--clear"], "^there is no hold of all nodes\n$");
        Tells(["--clear", "n2"], "^there is no hold of n2\n$");
        Assert.That(Texts(), Is.Empty);
    }

    [Test]
    public void A_node_is_held_until_it_is_taken_away()
    {
        Tells(["n2"], "^held: n2 by root\nNo run begins there; .* pcmk-kpatch hold --clear n2\n$");
        Assert.That(Texts(), Is.EqualTo((string[])["hold node=n2 until= by=root why="]));
        Tells(["--list"], "^n2 by root\n$");
        Tells(["--clear", "n2"], "^no longer held: n2 by root\n$");
        Assert.That(Texts(), Is.Empty);
        Assert.That(_box.Left(), Is.Empty, "it writes no file");
    }

    [Test]
    public void All_nodes_are_held_with_time_and_reason_in_any_order_of_the_words()
    {
        Tells(["--reason", "no changes", "--until", "2035-12-01T06:00+01:00"], "^held: every node until 2035-12-01 05:00 UTC by root: no changes\n.* pcmk-kpatch hold --clear\n$");
        Assert.That(Texts(), Is.EqualTo((string[])["hold node= until=2035-12-01T05:00:00Z by=root why=no%20changes"]));
        Tells(["--until", "2035-12-01", "n2", "--reason", "firmware"], "^held: n2 until .*: firmware\nalso held: every node until .*: no changes\n");
        Tells(["--clear"], "^no longer held: every node .*\nalso held: n2 until .*: firmware\n$");
        Tells(["n2", "--clear"], "^no longer held: n2 ");
    }

    [Test]
    public void A_new_hold_tells_in_whose_place_it_is()
    {
        Run(["n2", "--reason", "firmware"], ("SUDO_USER", "anna"));
        Tells(["n2", "--reason", "disks"], "^held: n2 by root: disks\nin the place of: n2 by anna: firmware\nNo run begins");
        Assert.That(Texts(), Has.Length.EqualTo(1));
    }

    [TestCase("anna", "anna")]
    [TestCase("root", "root")]
    [TestCase("", "root")]
    [TestCase("an\u001bna", "root")]
    [TestCase("an na", "root")]
    [TestCase("annaannaannaannaannaannaannaannaanna", "root")]
    public void Who_was_root_by_sudo_is_named_where_that_is_a_name(string user, string by)
    {
        Assert.That(Run(["n2"], ("SUDO_USER", user)).ExitCode, Is.Zero);
        Assert.That(Texts(), Is.EqualTo((string[])[$"hold node=n2 until= by={by} why="]));
    }

    [Test]
    public void A_time_without_a_zone_is_in_the_zone_of_the_node()
    {
        Run(["--until", "2035-12-01T06:00"], ("TZ", "America/New_York"));
        Assert.That(Texts(), Is.EqualTo((string[])["hold node= until=2035-12-01T11:00:00Z by=root why="]));
    }

    [Test]
    public void A_time_from_now_is_so_far_away()
    {
        Tells(["--until", "3d"], "held: every node until ");
        var until = DateTimeOffset.Parse(Texts().Single().Split(' ')[2]["until=".Length..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.That(until, Is.EqualTo(DateTimeOffset.UtcNow.AddDays(3)).Within(TimeSpan.FromMinutes(2)));
    }

    [TestCase("2020-01-01", "\"2020-01-01\" is over already")]
    [TestCase("0s", "\"0s\" is over already")]
    [TestCase("tomorrow", "\"tomorrow\" is no time; write for example 2026-12-01,")]
    [TestCase("2999-01-01", "more than 10 years")]
    public void A_time_that_is_past_or_none_is_refused(string until, string why) => Refuses(["n2", "--until", until], why);

    [TestCase("n9")]
    [TestCase("N2")]
    [TestCase("n'2")]
    [TestCase("n2;reboot")]
    public void A_node_that_the_cluster_does_not_know_is_refused_and_those_it_knows_are_named(string node)
    {
        Refuses([node], $"no node {node} is patched in this cluster; its nodes are n1, n2, n3");
        Refuses(["--clear", node], $"no node {node} is patched in this cluster; its nodes are n1, n2, n3");
    }

    [Test]
    public void A_hostile_reason_is_kept_and_does_not_move_the_cursor()
    {
        Tells(["n2", "--reason", "\u001b[2J'\"<&> -- \n" + new string('x', 500)], "held: n2 by root: \\?\\[2J'\"<&> -- \\?x+…\n");
        Assert.That(Texts().Single(), Does.Match("^hold node=n2 until= by=root why=%1B%5B2J%27%22%3C%26%3E%20--%20%0Ax+%E2%80%A6$"));
        Tells(["--list"], "^[^\u001b]*$");
    }

    [Test]
    public void What_a_later_version_has_written_is_shown_and_taken_away()
    {
        Lay("hold v2 nodes=n1,n2");
        Tells(["--list"], "^every node, for n2 has a hold that says what this version does not know: hold v2 nodes=n1,n2\n$");
        Tells(["--clear"], "^there is no hold of all nodes\nalso held: every node, for n2 has a hold .*\n$");
        Tells(["--clear", "n2"], "^no longer held: every node, for n2 has a hold ");
        Assert.That(Texts(), Is.Empty);
    }

    [Test]
    public void A_hold_that_is_over_is_listed_as_such_and_not_in_the_status()
    {
        Lay("hold node=n2 until=2026-01-31T22:15:00Z by=anna why=");
        Tells(["--list"], "^n2 until 2026-01-31 22:15 UTC by anna \\(over\\)\n$");
        Assert.That(Status().Output, Does.Not.Contain("Held"));
        Assert.That(Holds(Status("--json")), Is.Empty);
    }

    [Test]
    public void Several_in_one_place_are_taken_away_before_another_one_is_laid()
    {
        Lay("hold v2");
        var document = XDocument.Load(Cib);
        Node(document).Add(XElement.Parse("<instance_attributes id=\"more\"><nvpair id=\"more-h\" name=\"kpatch-hold\" value=\"hold v3\"/></instance_attributes>"));
        document.Save(Cib);
        Refuses(["n2"], "more than one hold lies there, .*: pcmk-kpatch hold --clear n2");
        Tells(["--clear", "n2"], "hold v2\n(.|\n)*hold v3\n");
        Tells(["n2"], "^held: n2 by root\n");
    }

    [Test]
    public void A_hold_that_is_not_found_afterwards_is_no_hold()
    {
        _box.Tool("crm_attribute", "exit 0");
        Refuses(["n2"], "crm_attribute: the hold was not found in the CIB afterwards: see pcmk-kpatch hold --list, and try again");
        Refuses([], "not found in the CIB afterwards");
    }

    [Test]
    public void The_status_tells_what_is_held()
    {
        Run(["n2", "--until", "2035-12-01T06:00Z", "--reason", "firmware"], ("SUDO_USER", "anna"));
        Run([]);
        var text = Status();
        Assert.That(text.ExitCode, Is.Zero, text.ToString());
        Assert.That(text.Output, Does.Contain("\nHeld     n2 until 2035-12-01 06:00 UTC by anna: firmware\n").And.Contain("\nHeld     every node by root\n"));
        Assert.That(Holds(Status("--json")), Is.EquivalentTo((string[])[
            """{"node":"n2","until":"2035-12-01T06:00:00Z","by":"anna","reason":"firmware","unreadable":null}""",
            """{"node":null,"until":null,"by":"root","reason":null,"unreadable":null}"""]));
    }

    private void Tells(string[] words, string says)
    {
        var answer = Run(words);
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        Assert.That(answer.Output, Does.Match(says));
    }

    private void Refuses(string[] words, string why)
    {
        var before = File.ReadAllText(Cib);
        var answer = Run(words);
        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Errors, Does.Match($"^pcmk-kpatch: .*{why}").And.Not.Contain("   at "));
        Assert.That(File.ReadAllText(Cib), Is.EqualTo(before));
    }

    private Answer Run(string[] words, params (string Name, string Value)[] environment) => _box.Run([_box.Program, "hold", .. words], [("CIB_file", Cib), .. environment]);

    private Answer Status(params string[] options) => _box.Run([_box.Program, "status", .. options], ("CIB_file", Cib));

    private static string[] Holds(Answer json)
    {
        Assert.That(json.ExitCode, Is.Zero, json.ToString());
        using var document = JsonDocument.Parse(json.Output);
        return [.. document.RootElement.GetProperty("holds").EnumerateArray().Select(hold => JsonSerializer.Serialize(hold))];
    }

    // Among n2's permanent attributes, as crm_attribute writes it.
    private void Lay(string text)
    {
        var document = XDocument.Load(Cib);
        Node(document).Add(new XElement("instance_attributes", new XAttribute("id", "nodes-2"), new XElement("nvpair", new XAttribute("id", "nodes-2-kpatch-hold"), new XAttribute("name", "kpatch-hold"), new XAttribute("value", text))));
        document.Save(Cib);
    }

    private static XElement Node(XDocument document) => document.Descendants("node").Single(e => (string?)e.Attribute("uname") == "n2");

    private string[] Texts() => [.. XDocument.Load(Cib).Descendants("nvpair").Where(e => (string?)e.Attribute("name") == "kpatch-hold").Select(e => (string)e.Attribute("value")!)];
}
