using System.Xml.Linq;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>
/// Fencing as this program puts it together. crm_mon and cibadmin are the real ones, on a CIB file; without a cluster there is no fencer, so what
/// stonith_admin prints and the element fence_history are written here as Pacemaker's source prints them (lib/fencing/st_output.c,
/// lib/pacemaker/pcmk_fence.c, lib/common/output_xml.c at 2.0.5, 2.1.5 and 3.0.0), and were not seen.
/// </summary>
internal sealed class FencingTests
{
    private const string Properties = "configuration/crm_config";
    private const string Resources = "configuration/resources";
    private CibFile _cib = null!;

    [SetUp]
    public void Begin() => _cib = new CibFile();

    [TearDown]
    public void End() => _cib.Dispose();

    // 2.0.5 gives the list a name with a capital letter, later ones a small one.
    [TestCase("Registered fence devices", "2.3")]
    [TestCase("registered fence devices", "2.25")]
    [TestCase("registered fence devices", "2.38")]
    public void Devices_are_read_as_each_release_lists_them(string title, string api)
    {
        Assert.That(StonithAdmin.Parse(Listed(title, api, "<item name=\"device\">ipmi-1</item><item name=\"device\">a &lt; b</item>")), Is.EqualTo((string[])["ipmi-1", "a < b"]));
        Assert.That(StonithAdmin.Parse(Listed(title, api, "")), Is.Empty);
    }

    [Test]
    public void A_list_that_is_not_whole_is_a_failure()
    {
        var whole = Listed("registered fence devices", "2.25", "<item name=\"device\">ipmi-1</item>");
        for (var length = 0; length < whole.Length; length += 7)
            Assert.That(() => StonithAdmin.Parse(whole[..length]), Throws.TypeOf<ToolFailedException>(), $"cut at {length}");
        foreach (var bad in (string[])[whole.Replace("code=\"0\"", "code=\"1\""), whole.Replace("<list ", "<lust ").Replace("</list>", "</lust>"), whole.Replace("ipmi-1", ""), whole.Replace("ipmi-1", "<b/>"), whole.Replace(">ipmi-1</item>", "/>")])
            Assert.That(() => StonithAdmin.Parse(bad), Throws.TypeOf<ToolFailedException>(), bad);
    }

    // Exit code 102 and not one for bad usage: whatever a node calls itself reaches the tool as the node's name.
    [TestCase("n1")]
    [TestCase("--fence=n2")]
    [TestCase("-F n2; $(reboot) `reboot` \"'<&")]
    [TestCase("*")]
    public void The_real_tool_takes_any_name_and_says_that_there_is_no_fencer(string node) =>
        Assert.That(() => StonithAdmin.Able(node), Throws.TypeOf<ToolFailedException>().With.Property("ExitCode").EqualTo(102).And.Message.Contain("Could not connect to fencer"));

    [Test]
    public void Without_a_fencer_it_is_unknown_and_said_which_tool_failed()
    {
        var view = new Fencing(() => "n1").See();

        Assert.That((view.Enabled, view.Devices, view.Unknown.Count), Is.EqualTo(((bool?)false, (object?)null, 2)));
        Assert.That(view.Unknown, Has.All.Contain("Could not connect to fencer"));
    }

    [Test]
    public void The_last_fences_are_read_with_their_times()
    {
        var history = History("""
            <fence_event action="reboot" target="n2" client="pacemaker-controld.1" origin="n1" status="pending" extended-status="1"/>
            <fence_event action="off" target="n3" client="stonith_admin.2" origin="n1" status="failed" exit-reason="no route" delegate="n2" completed="2026-10-05 12:02:42.088147Z"/>
            <fence_event status="success" delegate="n1" action="reboot" target="n3" client="c" origin="n1" completed="2026-10-05 13:02:42 +01:00"/>
            """);

        Assert.That(history, Is.EqualTo((FenceEvent[])
        [
            new(FenceResult.Pending, "n2", "reboot", null),
            new(FenceResult.Failed, "n3", "off", new DateTimeOffset(2026, 10, 5, 12, 2, 42, TimeSpan.Zero).AddMicroseconds(88147), "n2", "no route"),
            new(FenceResult.Succeeded, "n3", "reboot", new DateTimeOffset(2026, 10, 5, 12, 2, 42, TimeSpan.Zero), "n1"),
        ]));
    }

    [TestCase("status=\"success\" target=\"n3\" action=\"off\"")]
    [TestCase("status=\"failed\" target=\"n3\" action=\"off\" completed=\"yesterday\"")]
    [TestCase("status=\"success\" target=\"n3\" action=\"off\" completed=\"&lt;undefined time&gt;\"")]
    [TestCase("status=\"fenced\" target=\"n3\" action=\"off\" completed=\"2026-10-05 12:02:42Z\"")]
    [TestCase("target=\"n3\" action=\"off\" completed=\"2026-10-05 12:02:42Z\"")]
    [TestCase("status=\"pending\" action=\"off\"")]
    [TestCase("status=\"pending\" target=\"n3\"")]
    public void A_fence_that_is_not_understood_makes_the_history_unknown_and_nothing_else(string attributes)
    {
        Assert.That(History($"<fence_event status=\"pending\" target=\"n2\" action=\"off\"/><fence_event {attributes}/>"), Is.Null);
    }

    [Test]
    public void A_fencer_that_did_not_answer_makes_the_history_unknown() => Assert.That(Seen("<fence_history status=\"102\"/>").FenceHistory, Is.Null);

    [Test]
    public void Where_nothing_was_fenced_the_history_is_empty() => Assert.That((Seen("").FenceHistory, History("")), Is.EqualTo((Array.Empty<FenceEvent>(), Array.Empty<FenceEvent>())));

    [Test]
    public void A_device_is_judged_by_this_nodes_fencer_and_else_by_its_configuration()
    {
        Device("here", "");
        Device("not-me", "");
        Device("named", Nvpair("named", "pcmk_host_list", "n2 n1"));
        Device("others", Nvpair("others", "pcmk_host_list", "n2,n3"));
        Device("mapped", Nvpair("mapped", "pcmk_host_map", "n2:port2;N1:port1"));
        Device("all", Nvpair("all", "pcmk_host_check", "none"));
        Device("asks", Nvpair("asks", "pcmk_host_check", "dynamic-list") + Nvpair("asks2", "pcmk_host_list", "n1"));
        Device("silent", "");
        _cib.Ran("n2", "here", "start");

        var view = Fencing.Of("n1", CrmMon.Ask(), ["here", "not-me"], ["here"], Config());

        Assert.That(view.Devices!.Select(d => $"{d.Id} {d.CanFence?.ToString() ?? "?"}{(d.Works ? " works" : "")}"), Is.EqualTo((string[])
            ["all True", "asks ?", "here True works", "mapped True", "named True", "not-me False", "others False", "silent ?"]));
    }

    [TestCase("<instance_attributes id=\"d-a\"><rule id=\"r\" score=\"0\"><expression id=\"e\" attribute=\"#uname\" operation=\"eq\" value=\"n2\"/></rule><nvpair id=\"l\" name=\"pcmk_host_list\" value=\"n1\"/></instance_attributes>")]
    [TestCase("<instance_attributes id=\"d-a\"><nvpair id-ref=\"elsewhere\" name=\"pcmk_host_list\"/><nvpair id=\"l\" name=\"pcmk_host_list\" value=\"n1\"/></instance_attributes>")]
    [TestCase("<instance_attributes id-ref=\"elsewhere\"/><instance_attributes id=\"d-a\"><nvpair id=\"l\" name=\"pcmk_host_list\" value=\"n1\"/></instance_attributes>")]
    [TestCase("<instance_attributes id=\"d-a\"><nvpair id=\"l\" name=\"pcmk_host_map\" value=\"n\\ 1:1\"/></instance_attributes>")]
    public void A_configuration_that_is_not_plain_does_not_say_whom_a_device_fences(string attributes)
    {
        _cib.Add(Resources, $"<primitive id=\"d\" class=\"stonith\" type=\"fence_ipmilan\">{attributes}</primitive>");

        Assert.That(FenceConfig.Parse(new StringReader(_cib.Text)).Devices["d"].Names("n1"), Is.Null);
    }

    [Test]
    public void How_long_a_fence_may_take_is_the_longest_of_the_cluster_and_of_the_devices_for_the_node()
    {
        Assert.That(LongestFence().Unknown, Is.EqualTo("no device is configured for n1"));
        Device("base", Nvpair("base", "pcmk_host_list", "n1 n2") + Nvpair("base", "pcmk_delay_base", "5s") + Nvpair("base", "pcmk_delay_max", "15s"));
        Device("other", Nvpair("other", "pcmk_host_list", "n2") + Nvpair("other", "pcmk_delay_base", "1h") + Nvpair("other", "pcmk_reboot_timeout", "1h"));
        _cib.Add(Resources, $"<primitive id=\"no-device\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"><instance_attributes id=\"n\">{Nvpair("n", "pcmk_delay_base", "1h")}</instance_attributes></primitive>");
        Assert.That(LongestFence(), Is.EqualTo(Fact.Known(TimeSpan.FromSeconds(75))));
        Property("stonith-timeout", "120s");
        Assert.That(LongestFence(), Is.EqualTo(Fact.Known(TimeSpan.FromSeconds(135))));
        Device("slow", Nvpair("slow", "pcmk_off_timeout", "150s"));
        Assert.That(LongestFence(), Is.EqualTo(Fact.Known(TimeSpan.FromSeconds(165))));
        Device("odd", Nvpair("odd", "pcmk_delay_base", "soon"));
        Assert.That(LongestFence().Unknown, Is.EqualTo("soon is not understood as a time"));
    }

    [Test]
    public void It_is_not_known_where_a_device_is_not_plain()
    {
        _cib.Add(Resources, "<template id=\"t\" class=\"stonith\" type=\"fence_ipmilan\"/>").Add(Resources, "<primitive id=\"d\" template=\"t\"/>");
        Assert.That(LongestFence().Unknown, Is.EqualTo("not all that d is set to stands in its own attributes"));
        Assert.That(FenceConfig.LongestFence(() => throw new ToolFailedException("cibadmin", 102, "sorry"), "n1").Unknown, Does.EndWith("sorry"));
    }

    [Test]
    public void A_device_of_a_template_does_not_say_either()
    {
        _cib.Add(Resources, "<primitive id=\"d\" template=\"t\"/>");

        Assert.That(FenceConfig.Parse(new StringReader(_cib.Text)).Devices["d"].Names("n1"), Is.Null);
    }

    [TestCase(null, "10", "unknown")]
    [TestCase("true", null, "no")]
    [TestCase("true", "0", "no")]
    [TestCase("true", "0s", "no")]
    [TestCase("false", "10s", "no")]
    [TestCase("true", "10s", "yes")]
    [TestCase("true", "-1", "yes")]
    [TestCase("true", "soon", "unknown")]
    [TestCase("perhaps", "10", "unknown")]
    public void A_watchdog_serves_where_sbd_runs_and_its_time_is_waited_for(string? have, string? timeout, string serves)
    {
        if (have is not null)
            Property("have-watchdog", have);
        if (timeout is not null)
            Property("stonith-watchdog-timeout", timeout);

        Assert.That(Config().Watchdog, Is.EqualTo(serves switch { "yes" => true, "no" => false, _ => (bool?)null }));
    }

    [Test]
    public void Two_property_sets_that_disagree_say_nothing()
    {
        Property("have-watchdog", "true");
        Property("stonith-watchdog-timeout", "10");
        _cib.Add(Properties, "<cluster_property_set id=\"second\"><nvpair id=\"second-w\" name=\"stonith-watchdog-timeout\" value=\"0\"/></cluster_property_set>");

        Assert.That(Config().Watchdog, Is.Null);
    }

    [Test]
    public void A_watchdog_device_that_is_configured_serves_the_nodes_that_the_fencer_says()
    {
        Property("have-watchdog", "true");
        Property("stonith-watchdog-timeout", "10");
        Assert.That(Fencing.Of("n1", CrmMon.Ask(), [], [], Config()).Watchdog, Is.True);
        Assert.That(Fencing.Of("n1", CrmMon.Ask(), ["watchdog"], ["watchdog"], null).Watchdog, Is.True, "the fencer made it up itself");

        Device("watchdog", Nvpair("w", "pcmk_host_list", "n2"));
        Assert.That(Fencing.Of("n1", CrmMon.Ask(), ["watchdog"], [], Config()).Watchdog, Is.False);
    }

    [Test]
    public void Half_a_CIB_is_a_failure()
    {
        Device("d", Nvpair("d", "pcmk_host_list", "n1"));
        var whole = _cib.Text;
        for (var length = 0; length < whole.TrimEnd().Length; length += 97)
            Assert.That(() => FenceConfig.Parse(new StringReader(whole[..length])), Throws.TypeOf<ToolFailedException>(), $"cut at {length}");
        Assert.That(() => FenceConfig.Parse(new StringReader("<cib><configuration/></cib>")), Throws.TypeOf<ToolFailedException>());
    }

    [Test]
    public void A_failed_device_does_not_work()
    {
        Device("d", "");
        _cib.Ran("n2", "d", "start").Ran("n2", "d", "monitor", 1);

        Assert.That(Fencing.Of("n1", CrmMon.Ask(), ["d"], ["d"], Config()).Devices, Is.EqualTo((FenceDevice[])[new("d", CanFence: true, Works: false)]));
    }

    [Test]
    public void Versions_that_differ_are_told_by_the_real_tool()
    {
        var document = _cib.Xml;
        foreach (var state in document.Descendants("node_state"))
        {
            var id = (string)state.Attribute("id")!;
            state.Add(XElement.Parse(
                $"""
                <transient_attributes id="{id}"><instance_attributes id="status-{id}">
                  <nvpair id="status-{id}-fs" name="#feature-set" value="{(id == "3" ? "3.13.0" : "3.16.2")}"/>
                </instance_attributes></transient_attributes>
                """));
        }

        document.Save(_cib.Path);
        var mon = CrmMon.Ask();

        Assert.That(mon.MixedVersion, Is.True);
        Assert.That(mon.Nodes.Select(n => n.FeatureSet), Is.EqualTo((string[])["3.16.2", "3.16.2", "3.13.0"]));
    }

    private void Device(string id, string attributes) => _cib.Add(Resources, $"<primitive id=\"{id}\" class=\"stonith\" type=\"fence_ipmilan\"><instance_attributes id=\"{id}-ia\">{attributes}</instance_attributes></primitive>");

    private void Property(string name, string value) => _cib.Add(Properties + "/cluster_property_set", Nvpair("p-" + name, name, value));

    private static string Nvpair(string id, string name, string value) => $"<nvpair id=\"{id}-{name}\" name=\"{name}\" value=\"{value}\"/>";

    private static Fact<TimeSpan> LongestFence() => new PacemakerForesight().LossTimes("n1").Fenced;

    private static FenceConfig Config() => FenceConfig.Ask();

    private static IReadOnlyList<FenceEvent>? History(string events) => Seen($"<fence_history>{events}</fence_history>").FenceHistory;

    // Where crm_mon of 2.0.5 to 3.0 puts the history: after the failures, before the status.
    private static CrmMon Seen(string element)
    {
        var golden = File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", "3.0.0", "golden.crm_mon.xml"));
        return CrmMon.Parse(new StringReader(golden.Replace("<status code", element + "<status code")));
    }

    private static string Listed(string title, string api, string items) =>
        $"""
        <pacemaker-result api-version="{api}" request="stonith_admin --list=n1 --timeout=20 --output-as=xml">
          <list name="{title}" count="{items.Split("<item").Length - 1}">{items}</list>
          <status code="0" message="OK"/>
        </pacemaker-result>
        """;
}
