using System.Xml.Linq;
using PcmkKpatch.Core;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>
/// One cluster, Cibs/golden.xml, as crm_mon of several releases tells it: this machine's own, and what those of Debian 11, 12 and 13
/// printed for that file (folder Golden, tests/lab/capture-golden). And whatever crm_mon could ever print instead: a failure, never half a view.
/// </summary>
internal sealed class CrmMonReleaseTests
{
    private const string Expected =
        """
        DC n1, quorum
        n1 member online {kpatch-state=idle}
        n2 member online standby
        n3 member online
        n4 member unclean
        address Stopped managed
        db Promoted active managed on n1
        db Stopped managed
        db Stopped managed
        db Unpromoted active managed on n3
        disabled Stopped managed disabled
        disk Started active managed on n1
        failed Started active managed failed on n3
        fence Stopped managed
        lock Started active managed on n1
        lock Started active managed on n3
        lock Stopped managed
        lock Stopped managed
        orphan Started active managed on n1
        """;

    private static readonly string[] s_releases = ["2.0.5", "2.1.5", "3.0.0"];

    [TestCaseSource(nameof(s_releases))]
    public void Another_release_tells_the_same(string release) => Assert.That(Words(CrmMon.Parse(new StringReader(Golden(release)))), Is.EqualTo(Expected));

    [Test]
    public void The_release_on_this_machine_tells_the_same()
    {
        using var cib = new CibFile("golden");
        Assert.That(Words(CrmMon.Ask()), Is.EqualTo(Expected));
    }

    [TestCase("2.0.5", null, null)]
    [TestCase("3.0.0", false, "<3.15.1")]
    public void What_a_release_does_not_tell_is_unknown_and_not_false(string release, bool? mixed, string? featureSet)
    {
        var mon = CrmMon.Parse(new StringReader(Golden(release)));

        Assert.That((mon.MixedVersion, mon.Nodes.Single(n => n.Name == "n1").FeatureSet, mon.Fencing), Is.EqualTo((mixed, featureSet, (bool?)true)));
        Assert.That(CrmMon.Parse(new StringReader(Golden(release).Replace("stonith-enabled", "later-name"))).Fencing, Is.Null);
    }

    [TestCaseSource(nameof(s_releases))]
    public void A_fence_device_is_known_by_its_class(string release) => Assert.That(CrmMon.Parse(new StringReader(Golden(release))).Resources.Where(r => r.IsFenceDevice).Select(r => r.Id), Is.EqualTo((string[])["fence"]));

    [Test]
    public void What_later_releases_add_is_passed_over()
    {
        var document = XDocument.Parse(Golden("3.0.0"));
        foreach (var element in document.Descendants().ToList())
        {
            element.SetAttributeValue("fencing-enabled", "perhaps");
            if (element.Name != "resource")
                element.Add(new XElement("novelty", new XAttribute("id", "x"), new XElement("node", new XAttribute("name", "n9"))));
        }

        Assert.That(Words(CrmMon.Parse(new StringReader(document.ToString()))), Is.EqualTo(Expected));
    }

    [TestCaseSource(nameof(s_releases))]
    public void Half_a_document_is_a_failure_wherever_it_is_cut(string release)
    {
        var whole = Golden(release).TrimEnd();
        for (var length = 0; length < whole.Length; length += 37)
            AssertFails(whole[..length], $"cut at {length}");
        AssertFails(whole[..^1], "without its last character");
    }

    // A document that ends early and well-formed, as a tool that ran into an error of its own would write it.
    [Test]
    public void A_document_without_one_of_its_parts_is_a_failure()
    {
        foreach (var part in (string[])["current_dc", "cluster_options", "summary", "status"])
        {
            var document = XDocument.Parse(Golden("3.0.0"));
            document.Descendants(part).Remove();
            AssertFails(document.ToString(), part);
        }
    }

    [Test]
    public void An_attribute_that_is_missing_or_nonsense_is_a_failure_where_it_matters()
    {
        (string Element, string Attribute)[] matter =
        [
            ("current_dc", "present"), ("current_dc", "name"), ("cluster_options", "maintenance-mode"), ("cluster_options", "stop-all-resources"), ("status", "code"),
            ("node", "name"), ("node", "type"), ("node", "online"), ("node", "standby"), ("node", "maintenance"), ("node", "pending"), ("node", "unclean"),
            ("resource", "id"), ("resource", "role"), ("resource", "active"), ("resource", "managed"), ("resource", "failed"), ("resource", "blocked"),
            ("attribute", "name"), ("attribute", "value"),
        ];
        foreach (var (name, attribute) in matter)
        {
            foreach (var element in XDocument.Parse(Golden("3.0.0")).Descendants(name).Where(e => e.Attribute(attribute) is not null && e.Parent?.Parent?.Name != "node_history" && e.Parent?.Name != "node_history"))
            {
                var was = element.Attribute(attribute)!.Value;
                element.SetAttributeValue(attribute, null);
                AssertFails(element.Document!.ToString(), $"{name} without {attribute}");
                if (was is "true" or "false")
                {
                    element.SetAttributeValue(attribute, "maybe");
                    AssertFails(element.Document!.ToString(), $"{name} with {attribute}=maybe");
                }

                element.SetAttributeValue(attribute, was);
            }
        }
    }

    [Test]
    public void No_other_attribute_matters_but_the_two_that_may_be_absent()
    {
        var document = XDocument.Parse(Golden("3.0.0"));
        foreach (var attribute in document.Descendants().SelectMany(e => e.Attributes()).Where(a => a.Name.LocalName is not ("target_role" or "with_quorum")).ToList())
        {
            var element = attribute.Parent!;
            attribute.Remove();
            try
            {
                Assert.That(Words(CrmMon.Parse(new StringReader(document.ToString()))), Is.EqualTo(Expected), $"{element.Name} without {attribute.Name}");
            }
            catch (ToolFailedException)
            {
                // It matters, and the failure says so.
            }

            element.Add(attribute);
        }
    }

    [TestCase("")]
    [TestCase(" \n ")]
    [TestCase("Connection to cluster failed")]
    [TestCase("<html><head><title>502</title></head><body>Bad gateway</body></html>")]
    [TestCase("<!DOCTYPE html><html/>")]
    [TestCase("{\"nodes\": []}")]
    [TestCase("<pacemaker-result/>")]
    [TestCase("<pacemaker-result><status code=\"0\"/></pacemaker-result>")]
    [TestCase("<pacemaker-result><status code=\"102\" message=\"Not connected\"/></pacemaker-result>")]
    [TestCase("<node_attributes><attribute name=\"a\" value=\"b\"/></node_attributes>")]
    [TestCase("<resource><node name=\"n1\"/></resource>")]
    [TestCase("<resources><resource><node name=\"n1\"/></resource></resources>")]
    [TestCase("<a>&#0;</a>")]
    [TestCase("<a b=\"1\" b=\"2\"/>")]
    public void Garbage_is_a_failure(string text) => AssertFails(text, text);

    [Test]
    public void Control_characters_are_a_failure() => AssertFails("\u0000\u0001\u0002", "control characters");

    [Test]
    public void Where_no_cluster_runs_the_failure_says_so()
    {
        var failure = Assert.Throws<ToolFailedException>(() => CrmMon.Ask())!;
        Assert.That(failure.ExitCode, Is.EqualTo(102));
        Assert.That(failure.Reason, Does.Contain("cluster").And.Not.Contain("<"));
    }

    [Test]
    public void An_answer_of_another_exit_code_is_a_failure() =>
        AssertFails(Golden("3.0.0").Replace("status code=\"0\"", "status code=\"102\""), "status 102");

    [Test]
    public void Entities_are_never_expanded_and_files_never_read()
    {
        var bomb = "<!DOCTYPE b [<!ENTITY a \"aaaaaaaaaa\">" + string.Concat(Enumerable.Range(1, 20).Select(i => $"<!ENTITY a{i} \"{string.Concat(Enumerable.Repeat(i == 1 ? "&a;" : $"&a{i - 1};", 10))}\">")) + "]><b>&a20;</b>";
        AssertFails(bomb, "entity bomb");
        AssertFails("<!DOCTYPE b [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>" + Golden("3.0.0").Replace("idle", "&f;"), "file");
        AssertFails("<!DOCTYPE b SYSTEM \"http://192.0.2.1/b.dtd\">" + Golden("3.0.0"), "foreign DTD");
    }

    [Test]
    public void A_document_ten_thousand_deep_is_no_crash()
    {
        const int Deep = 10_000;
        var text = string.Concat(Enumerable.Repeat("<resources>", Deep)) + string.Concat(Enumerable.Repeat("</resources>", Deep));
        AssertFails(text, "deep");
    }

    // Whatever is broken in transit gives a view or a failure, never another exception.
    [Test]
    public void Random_damage_is_a_view_or_a_failure()
    {
        var random = new Random(20260131);
        var whole = Golden("2.0.5");
        for (var i = 0; i < 3000; i++)
        {
            var (at, length) = (random.Next(whole.Length), random.Next(1, 60));
            var end = Math.Min(whole.Length, at + length);
            var damaged = random.Next(3) switch
            {
                0 => whole[..at] + whole[end..],
                1 => whole[..at] + whole[at..end] + whole[at..],
                _ => whole[..at] + new string((char)random.Next(1, 0x250), 1) + whole[(at + 1)..],
            };
            try
            {
                _ = CrmMon.Parse(new StringReader(damaged));
            }
            catch (ToolFailedException)
            {
                // As it must be.
            }
            catch (Exception e) when (e is not AssertionException)
            {
                Assert.Fail($"round {i}: {e.GetType().Name}: {e.Message}\n{damaged}");
            }
        }
    }

    private static string Golden(string release) =>
        File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", release, "golden.crm_mon.xml"));

    private static void AssertFails(string text, string what) =>
        Assert.That(() => CrmMon.Parse(new StringReader(text)), Throws.TypeOf<ToolFailedException>().With.Message.StartsWith("crm_mon: "), what);

    private static string Words(CrmMon mon)
    {
        IEnumerable<string> lines =
        [
            $"DC {mon.Dc ?? "none"}{(mon.WithQuorum ? ", quorum" : "")}{(mon.Maintenance ? ", maintenance" : "")}{(mon.StopAllResources ? ", all stopped" : "")}",
            .. mon.Nodes.Select(n => n.Name + Flag("member", n.IsMember) + Flag("online", n.Online) + Flag("standby", n.Standby) + Flag("maintenance", n.Maintenance)
                + Flag("pending", n.Pending) + Flag("unclean", n.Unclean) + Flag($"{{{string.Join(' ', n.Attributes.Select(a => $"{a.Key}={a.Value}"))}}}", n.Attributes.Count > 0)).Order(StringComparer.Ordinal),
            .. mon.Resources.Select(r => $"{r.Id} {r.Role}" + Flag("active", r.Active) + Flag("managed", r.Managed) + Flag("failed", r.Failed) + Flag("blocked", r.Blocked)
                + Flag("disabled", r.Disabled) + Flag($"on {string.Join('+', r.Nodes)}", r.Nodes.Count > 0)).Order(StringComparer.Ordinal),
        ];
        return string.Join('\n', lines);
    }

    private static string Flag(string word, bool set) => set ? " " + word : "";
}
