using System.Text.Json;
using System.Xml.Linq;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>
/// "plan" of the published binary, before a kernel that is a tree of files: with the real cibadmin, crm_mon and crm_simulate, on a CIB file of three nodes at
/// rest. What answers from a live cluster only (crm_node, crmadmin, stonith_admin, corosync-quorumtool) has stand-ins.
/// </summary>
internal sealed partial class PlanTests
{
    private const string Parameters = "allow_stranded=pinned\n";

    private Sandbox _box = null!;
    private CibFile _cib = null!;
    private BuiltModule _module = null!;

    [SetUp]
    public void Begin()
    {
        (_box, _cib, _module) = (new Sandbox(), new CibFile("forecast"), new BuiltModule("kpatch-1-2.ko", "name=kpatch_1_2", "livepatch=Y", "vermagic=5.14.0-1 SMP "));
        _box.ThreeNodes();
        _box.Tool("crmadmin", "echo 'Controller on n2 in state S_IDLE: ok'");
        _box.Mounts =
            """
            fake="$box/fake"
            mkdir -p "$fake/sys/kernel/livepatch" "$fake/sys/module" "$fake/sysctl"
            echo 5.14.0-1 >"$fake/sysctl/osrelease"; echo 0 >"$fake/sysctl/tainted"; echo 1 >"$fake/sysctl/ftrace_enabled"; echo 0 >"$fake/sysctl/modules_disabled"
            mount --bind "$fake/sysctl" /proc/sys/kernel
            mount --bind "$fake/sys" /sys
            """;
        Want(Parameters);
        Install();
        Says("n2", "due");
        Says("n3", "idle");
    }

    [TearDown]
    public void End()
    {
        _module.Dispose();
        _cib.Dispose();
        _box.Dispose();
    }

    [Test]
    public void What_a_rollout_would_meet_is_told_for_each_node()
    {
        var (before, left) = (_cib.Text, _box.Left());
        var answer = Plan();
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        foreach (var line in (string[])[
            "Plan     a run could begin now on n1, n2\n",
            "Order    n3, n1, n2; likely, for the parameter order is not set",
            "When     now, and at any time\n",
            "Takes    about 12 min a node, by the parameters: no good run here to go by; 36 min for all 3\n",
            "Quorum   if this node died now, 2 of 3 votes would be left, and quorum takes 2\n",
            "\nn1 (this node): kernel 5.14.0-1, no patch in force; kpatch_1_2 is due\n",
            "  Drain    web to n2; disk, address to n3; vm to n2 without a stop; db promoted on n2; pinned nowhere; its instances of lock, db stop\n",
            "  Death    web, vm to n2; disk, address to n3; db promoted on n2; pinned nowhere; its instances of lock, db stop\n",
            "\nn2: kernel 5.14.0-1, kpatch_1_1 in force; a patch is due, it says: due\n",
            "\nn3: kernel 5.14.0-1, kpatch_1_1 in force; no patch is due, it says: idle\n"])
            Assert.That(answer.Output, Does.Contain(line));
        Assert.That(answer.Output, Does.Not.Contain("Refused").And.Not.Contain("Stop "));
        Assert.That(_cib.Text, Is.EqualTo(before));
        Assert.That(_box.Left(), Is.EqualTo(left));
    }

    [Test]
    public void As_JSON_it_is_the_same()
    {
        using var report = Json();
        var root = report.RootElement;
        Assert.That((Text(root, "outcome"), Text(root, "local_node"), root.GetProperty("agent_started").GetBoolean()), Is.EqualTo(("ready", "n1", true)));
        Assert.That((root.GetProperty("estimated_seconds").GetInt64(), root.GetProperty("estimated_seconds_of_all").GetInt64()), Is.EqualTo((720, 2160)));
        Assert.That(root.GetProperty("when").GetProperty("now").GetBoolean());
        var node = Node(root, "n1");
        Assert.That((Text(node, "due_patch"), node.GetProperty("read_now").GetBoolean(), node.GetProperty("due").GetBoolean()), Is.EqualTo(("kpatch_1_2", true, true)));
        Assert.That(node.GetProperty("drain").GetProperty("migrations")[0].GetRawText(), Does.Match("\"resource\": \"vm\",\\s+\"from\": \"n1\",\\s+\"to\": \"n2\""));
        Assert.That(Node(root, "n3").GetProperty("due").GetBoolean(), Is.False);
    }

    [Test]
    public void Where_nothing_is_drained_nothing_of_a_drain_is_told()
    {
        Want("drain=none\nallow_stranded=pinned\n");
        var answer = Plan("--node", "n1");
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        Assert.That(answer.Output, Does.Contain("\n  Drain    none: every resource stays where it is").And.Contain("\n  Death    web, vm to n2").And.Not.Contain("\n  Stop "));
        using var report = Json();
        Assert.That((Text(Node(report.RootElement, "n1"), "drained_by"), Node(report.RootElement, "n1").GetProperty("drain").ValueKind), Is.EqualTo(("none", JsonValueKind.Null)));
    }

    [Test]
    public void A_drain_by_health_is_refused_until_the_cluster_is_set_up_for_it()
    {
        Want("drain=health\nallow_stranded=pinned\n");
        Assert.That(Ids(Json(), 1), Is.EquivalentTo((string[])["drain.health-release", "drain.health-strategy", "drain.health-agent"]));
        _cib.Replace("<cib crm_feature_set=\"3.4.0\"", "<cib crm_feature_set=\"3.15.0\"").Add("configuration/crm_config/cluster_property_set", "<nvpair id=\"o-h\" name=\"node-health-strategy\" value=\"migrate-on-red\"/>")
            .Replace("<nvpair id=\"kp-i\"", "<nvpair id=\"kp-u\" name=\"allow-unhealthy-nodes\" value=\"true\"/><nvpair id=\"kp-i\"");
        var answer = Plan();
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        Assert.That(answer.Output, Does.Contain("\n  Drain    web to n2; disk, address to n3; vm to n2 without a stop;"));
    }

    [Test]
    public void One_node_is_planned_alone_and_with_the_stops_that_must_not_fail()
    {
        var answer = Plan("--node", "n2");
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        Assert.That(answer.Output, Does.Contain("could begin now on n2\n").And.Contain("\n  Drain    fence to n3; ").And.Contain("\n  Stop     n2 is fenced where the stop fails of ").And.Not.Contain("\nn1:").And.Not.Contain("\nn3:"));
        Assert.That(Plan("--node", "n3").ExitCode, Is.EqualTo(2));
        Assert.That(Ids(Json("--node", "n9"), 1), Does.Contain("plan.no-node"));
    }

    [Test]
    public void Where_nothing_is_due_that_is_said_and_the_gates_all_the_same()
    {
        File.Delete(Directory.GetFiles(_box.Library("kpatch/5.14.0-1"))[0]);
        Says("n2", "patched");
        var answer = Plan();
        Assert.That(answer.ExitCode, Is.EqualTo(2), answer.ToString());
        Assert.That(answer.Output, Does.Contain("Plan     no patch is due on n3, n1, n2\n").And.Contain("\nn1 (this node): kernel 5.14.0-1, no patch in force; no patch is due\n"));
        Want("window=Mon 01:00-01:01\n");
        Assert.That(Plan().Output, Does.Contain("(schedule.window)\n  To do "));
    }

    [Test]
    public void A_node_that_publishes_nothing_is_unknown_and_one_that_waits_is_heard()
    {
        Says("n2", null);
        Says("n3", "waiting: its own reason (kernel.transition)");
        File.Delete(Directory.GetFiles(_box.Library("kpatch/5.14.0-1"))[0]);
        var answer = Plan();
        Assert.That(answer.ExitCode, Is.EqualTo(1), answer.ToString());
        Assert.That(answer.Output, Does.Contain("no run could begin now on n3, n2: plan.waiting, plan.unknown\n").And.Contain("n2 did not say whether a patch is due there (plan.unknown)"));
    }

    [Test]
    public void Nodes_that_are_not_patched_are_listed_with_the_reason()
    {
        _cib.Add("configuration/nodes", "<node id=\"4\" uname=\"n4\"/>").Add("configuration/nodes", "<node id=\"5\" uname=\"n5\"><instance_attributes id=\"n5-a\"><nvpair id=\"n5-s\" name=\"standby\" value=\"on\"/></instance_attributes></node>")
            .Add("status", "<node_state id=\"4\" uname=\"n4\" in_ccm=\"false\" crmd=\"offline\" join=\"down\" expected=\"down\"/>").Add("status", "<node_state id=\"5\" uname=\"n5\" in_ccm=\"true\" crmd=\"online\" join=\"member\" expected=\"member\"/>")
            .Add("configuration/resources", "<primitive id=\"far\" class=\"ocf\" provider=\"pacemaker\" type=\"remote\"/>");
        var answer = Plan();
        Assert.That(answer.Output, Does.Contain("\nn4: not patched: it is offline\n").And.Contain("\nn5: not patched: it is in standby, where the agent does not run").And.Contain("\nfar: not patched: it is a remote node, which only a person patches\n"));
        Assert.That(answer.Output, Does.Contain("node n4 is offline (cluster.member-offline)\n  To do "));
        Assert.That(Plan("--node", "far").Output, Does.Contain("far: not patched"));
        Assert.That(Text(Node(Json().RootElement, "far"), "not_patched"), Is.EqualTo("it is a remote node, which only a person patches"));
        Assert.That(Plan("--node", "far").ExitCode, Is.EqualTo(1));
    }

    [TestCase("soak=0\n", "drain.stranded")]
    [TestCase("window=Mon 01:00-01:01\n", "schedule.window")]
    [TestCase("patch=/nowhere/kpatch.ko\n", "patch.missing")]
    [TestCase("persist=yes\n", "patch.no-boot-service")]
    public void Parameters_decide(string parameters, string id)
    {
        Want(parameters);
        Assert.That(Ids(Json("--node", "n1"), 1), Does.Contain(id));
    }

    [TestCase("held", "token.held")]
    [TestCase("parked", "token.parked")]
    [TestCase("halted", "token.halted")]
    [TestCase("later", "token.unreadable")]
    public void The_token_counts(string state, string id)
    {
        var now = DateTimeOffset.UtcNow;
        var token = state switch
        {
            "held" => Token.Held("n2", "r", "b", now),
            "parked" => Token.Parked("n2", "r", "b", now, "oops"),
            "halted" => Token.Halted("n2", "r", "b", now, "oops"),
            _ => Token.Parse("held by a later version"),
        };
        _cib.Add("configuration/crm_config", $"<cluster_property_set id=\"pcmk-kpatch\"><nvpair id=\"pcmk-kpatch-token\" name=\"pcmk-kpatch-token\" value=\"{token.Text}\"/></cluster_property_set>");
        Assert.That(Ids(Json(), 1), Does.Contain(id));
    }

    [TestCase("max_failures=1\n", "fleet.failures")]
    [TestCase("max_failures=2\n", null)]
    public void Failures_so_far_are_shown_and_refuse_where_they_are_too_many(string parameters, string? id)
    {
        Want(Parameters + parameters);
        var build = _module.BuildId;
        _cib.Add("configuration/crm_config", $"<cluster_property_set id=\"pcmk-kpatch\"><nvpair id=\"pcmk-kpatch-token\" name=\"pcmk-kpatch-token\" value=\"free failed=2:{build}:n3\"/></cluster_property_set>");
        Assert.That(Plan().Output, Does.Contain($"\nFailed   n3 2 times (build {build})\n"));
        using var report = Json();
        Assert.That(report.RootElement.GetProperty("failures")[0].GetRawText(), Does.Match($"\"node\": \"n3\",\\s+\"build\": \"{build}\",\\s+\"times\": 2"));
        // On n3 nothing is due.
        foreach (var (node, expected) in ((string, string?)[])[("n1", id), ("n2", id), ("n3", null)])
            Assert.That(Node(report.RootElement, node).GetProperty("refused").EnumerateArray().Select(r => Text(r, "id")), expected is null ? Is.Empty : Is.EqualTo((string[])[expected]), node);
    }

    [TestCase("max_skew=1h\n", 0, true)]
    [TestCase("max_skew=1h\ngates=fleet.patch-drift=refuse\n", 1, false)]
    [TestCase("max_skew=300d\n", 0, false)]
    [TestCase("", 0, false)]
    public void What_differs_is_shown_with_since_when_and_speaks_where_it_lasts_too_long(string parameters, int exitCode, bool warns)
    {
        Want(Parameters + parameters);
        var since = DateTimeOffset.UtcNow.AddDays(-2);
        var stamp = since.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        Publish("n1", ("kpatch-kernel", "5.14.0-1"), ("kpatch-patch", "none"), ("kpatch-since", $"kernel={stamp} patch={stamp}"));
        foreach (var node in (string[])["n2", "n3"])
            Publish(node, ("kpatch-since", $"kernel={stamp} patch={stamp}"));
        var answer = Plan();
        Assert.That(answer.ExitCode, Is.EqualTo(exitCode), answer.ToString());
        var what = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the patches in force differ: kpatch_1_1 on n2, n3; none on n1, since {since.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
        Assert.That(answer.Output, Does.Contain($"Note     {what} (fleet.patch-drift)\n"));
        Assert.That(answer.Output.Contains($"Warning  {what}, for longer than max_skew=3600s (fleet.patch-drift)\n", StringComparison.Ordinal), Is.EqualTo(warns), answer.Output);
        using var report = Json();
        Assert.That(report.RootElement.GetProperty("drifts")[0].GetRawText(), Does.Contain("\"fleet.patch-drift\"").And.Contain(stamp[..16]));
    }

    [Test]
    public void A_hold_of_one_node_is_no_hold_of_another()
    {
        var document = _cib.Xml;
        document.Descendants("node").Single(n => (string?)n.Attribute("uname") == "n1").Add(XElement.Parse(
            $"<instance_attributes id=\"n1-a\"><nvpair id=\"n1-h\" name=\"kpatch-hold\" value=\"{Hold.Of("n1", null, "audit", "anna").Text}\"/></instance_attributes>"));
        document.Save(_cib.Path);
        var answer = Plan();
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        Assert.That(answer.Output, Does.Contain("could begin now on n2; not on n1\n").And.Contain("  Refused  n1 is held by anna until the hold is taken away: audit (schedule.hold)"));
        _cib.Add("configuration/crm_config", $"<cluster_property_set id=\"h\"><nvpair id=\"h-h\" name=\"kpatch-hold\" value=\"{Hold.Of(null, null, "freeze", null).Text}\"/></cluster_property_set>");
        Assert.That(Plan().Output, Does.Contain("\nRefused  every node is held until the hold is taken away: freeze (schedule.hold)"), "what is said of all is said once");
    }

    [TestCase("crm_mon", "cluster.unknown")]
    [TestCase("crm_node", "cluster.unknown")]
    [TestCase("crmadmin", "cluster.unknown")]
    [TestCase("cibadmin", "token.unknown")]
    [TestCase("cibadmin", "schedule.hold-unknown")]
    [TestCase("cibadmin", "rehearsal.unknown")]
    [TestCase("cibadmin", "drain.unknown")]
    [TestCase("crm_simulate", "drain.forecast-unknown")]
    [TestCase("crm_simulate", "survivable.unknown")]
    [TestCase("stonith_admin", "fencing.unknown")]
    [TestCase("corosync-quorumtool", "survivable.unknown")]
    public void A_tool_that_is_missing_or_fails_is_an_unknown_refusal(string tool, string id)
    {
        _box.Without(tool);
        Assert.That(Ids(Json("--node", "n1"), 1), Does.Contain(id));
        _box.Tool(tool, "echo '<oops' >&2; exit 70");
        var answer = Plan();
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Output, Does.Contain($"({id})"));
    }

    [Test]
    public void A_kernel_that_cannot_be_read_is_unknown()
    {
        _box.Mounts = _box.Mounts.Replace("echo 0 >\"$fake/sysctl/tainted\"", "echo many >\"$fake/sysctl/tainted\"");
        Assert.That(Ids(Json("--node", "n1"), 1), Does.Contain("kernel.unknown"));
    }

    [Test]
    public void Names_and_words_of_others_make_no_line_and_move_no_cursor()
    {
        Says("n2", "due\nRefused  nothing\u009b2J");
        const string Hostile = "n'3\"; $(reboot) <&> \u202e";
        _cib.Replace("uname=\"n3\"", $"uname=\"{System.Security.SecurityElement.Escape(Hostile)}\"");
        var answer = Plan();
        Assert.That(answer.Errors, Is.Empty);
        Assert.That(answer.Output, Does.Contain("n'3\"; $(reboot) <&> ?: kernel ").And.Not.Contain("\u202e").And.Not.Contain("\u009b").And.Not.Contain("\nRefused  nothing"));
        using var report = Json();
        Assert.That(Text(Node(report.RootElement, Hostile), "name"), Is.EqualTo(Hostile));
        Assert.That(Plan("--node", Hostile).Output, Does.Contain("which failed stops would have a node fenced"));
    }

    [Test]
    public void No_tool_is_asked_twice_for_the_same()
    {
        foreach (var tool in (string[])["crm_mon", "crm_simulate", "cibadmin", "crm_node", "crmadmin", "stonith_admin", "corosync-quorumtool"])
        {
            var real = _box.Mounts;
            _box.Mounts = real + $"\nmv /usr/sbin/{tool} /usr/sbin/{tool}.real; printf '#!/bin/sh\\necho {tool} >>/run/asked\\nexec /usr/sbin/{tool}.real \"$@\"\\n' >/usr/sbin/{tool}; chmod 755 /usr/sbin/{tool}";
        }

        var answer = Plan();
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        var asked = File.ReadAllLines(Path.Combine(Path.GetDirectoryName(_box.Runtime(""))!, "..", "asked")).CountBy(tool => tool).ToDictionary();
        // The scheduler: as it is, and each node drained and lost. crm_mon: what is where, and what failed. cibadmin: token, holds, rehearsal, all of it.
        Assert.That(asked, Is.EquivalentTo(new Dictionary<string, int>
        {
            ["crm_mon"] = 2,
            ["crm_simulate"] = 7,
            ["cibadmin"] = 4,
            ["crm_node"] = 2,
            ["crmadmin"] = 1,
            ["stonith_admin"] = 4,
            ["corosync-quorumtool"] = 1,
        }));
    }

    [Test]
    public void Without_the_agent_the_defaults_are_taken_and_that_is_said()
    {
        File.Delete(_box.Runtime("wanted"));
        Assert.That(Plan().Output, Does.Contain("Note     the agent is not started on this node").And.Contain("(drain.stranded)"));
        Want("soak=never\n");
        var answer = Plan();
        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Errors, Does.StartWith("pcmk-kpatch: ").And.Contain("soak=never"));
    }

    private void Want(string parameters) => _box.Lay(_box.Runtime("wanted"), parameters);

    private void Install()
    {
        Directory.CreateDirectory(_box.Library("kpatch/5.14.0-1"));
        File.Copy(_module.Path, _box.Library("kpatch/5.14.0-1/kpatch-1-2.ko"), overwrite: true);
    }

    // What a node publishes besides.
    private void Publish(string node, params (string Name, string Value)[] attributes)
    {
        var document = _cib.Xml;
        var state = document.Descendants("node_state").Single(e => (string?)e.Attribute("uname") == node);
        if (state.Element("transient_attributes") is null)
            state.Add(new XElement("transient_attributes", new XAttribute("id", $"{node}-t"), new XElement("instance_attributes", new XAttribute("id", $"{node}-i"))));
        foreach (var (name, value) in attributes)
            state.Element("transient_attributes")!.Element("instance_attributes")!.Add(new XElement("nvpair", new XAttribute("id", $"{node}-{name}"), new XAttribute("name", name), new XAttribute("value", value)));
        document.Save(_cib.Path);
    }

    // What a node publishes, that its patch is in force among it; nothing where it says nothing.
    private void Says(string node, string? state)
    {
        var document = _cib.Xml;
        var set = document.Descendants("node_state").Single(e => (string?)e.Attribute("uname") == node).Element("transient_attributes")!.Element("instance_attributes")!;
        set.Elements().Where(e => ((string)e.Attribute("name")!).StartsWith("kpatch-", StringComparison.Ordinal)).Remove();
        if (state is not null)
        {
            foreach (var (name, value) in ((string, string)[])[("kpatch-kernel", "5.14.0-1"), ("kpatch-patch", "kpatch_1_1"), ("kpatch-state", state)])
                set.Add(new XElement("nvpair", new XAttribute("id", $"{node}-{name}"), new XAttribute("name", name), new XAttribute("value", value)));
        }

        document.Save(_cib.Path);
    }

    private Answer Plan(params string[] options) => _box.Run([_box.Program, "plan", .. options], ("CIB_file", _cib.Path));

    private JsonDocument Json(params string[] options)
    {
        var answer = Plan([.. options, "--json"]);
        Assert.That(answer.Errors, Is.Empty, answer.ToString());
        return JsonDocument.Parse(answer.Output);
    }

    // The ids of all that refuses, with what to do about each.
    private static string[] Ids(JsonDocument report, int exitCode)
    {
        using (report)
        {
            var root = report.RootElement;
            Assert.That(Text(root, "outcome"), Is.EqualTo(exitCode == 0 ? "ready" : "refused"));
            var refused = root.GetProperty("refused").EnumerateArray().Concat(root.GetProperty("nodes").EnumerateArray().SelectMany(n => n.GetProperty("refused").EnumerateArray())).ToList();
            Assert.That(refused.Select(r => Text(r, "remedy")), Has.All.Not.Empty);
            return [.. refused.Select(r => Text(r, "id")!)];
        }
    }

    private static JsonElement Node(JsonElement root, string name) => root.GetProperty("nodes").EnumerateArray().Single(n => Text(n, "name") == name);

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
