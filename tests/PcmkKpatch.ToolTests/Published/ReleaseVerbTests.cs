using System.Xml.Linq;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>
/// "release" of the published binary, with the real cibadmin and crm_mon on a CIB file in which n3 is offline and clean. crm_node and crmadmin,
/// which answer from a live cluster only, have stand-ins.
/// </summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ReleaseVerbTests : IDisposable
{
    private static readonly DateTimeOffset s_night = new(2026, 1, 31, 22, 15, 0, TimeSpan.Zero);
    private static readonly string s_held = Token.Held("n3", "run-1", "boot-1", s_night).Text;
    private readonly Sandbox _box = new();
    private readonly TempFolder _folder = new();
    private readonly XDocument _cib = XDocument.Load(Path.Combine(TestContext.CurrentContext.TestDirectory, "Cibs", "three-nodes.xml"));

    public ReleaseVerbTests()
    {
        _box.Tool("crm_node", "case $1 in --name) echo n1;; *) echo 1;; esac");
        _box.Tool("crmadmin", "echo 'Controller on n1 in state S_IDLE: ok'");
        _cib.Root!.SetAttributeValue("have-quorum", "1");
        _cib.Root.SetAttributeValue("dc-uuid", Id("n1"));
        Option("stonith-enabled", "true");
        State("n3", online: false);
    }

    private string Cib => _folder.At("cib.xml");

    public void Dispose()
    {
        _box.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void The_token_of_a_node_that_is_down_is_taken_and_the_rollout_is_halted()
    {
        var answer = Release(s_held);
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        Assert.That(answer.Output, Does.Contain("taken from n3, and the rollout is halted").And.Contain("pcmk-kpatch resume"));
        var token = Token.Parse(TokenInFile()!);
        Assert.That((token.State, token.Node, token.Run, token.Boot), Is.EqualTo((TokenState.Halted, "n3", "run-1", "boot-1")));
        Assert.That(token.Why, Is.EqualTo("released by root on n1, for n3 is down"));
        Assert.That(_box.Left(), Is.Empty, "it writes no file");
    }

    [Test]
    public void Who_was_root_by_sudo_is_named_and_why_the_node_was_parked_is_kept()
    {
        var answer = Release(Token.Parked("n3", "run-1", "boot-1", s_night, "oops <D>").Text, [], ("SUDO_USER", "anna"));
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        Assert.That(Token.Parse(TokenInFile()!).Why, Is.EqualTo("released by anna (sudo) on n1, for n3 is down; n3 was parked: oops <D>"));
    }

    [Test]
    public void A_holder_that_is_online_keeps_it()
    {
        State("n3", online: true);
        AssertRefuses(s_held, [], "n3 is in the cluster. What to do: .*abort on n3");
        AssertRefuses(s_held, ["--confirm", "n3"], "n3 is in the cluster");
    }

    [Test]
    public void A_holder_that_is_lost_and_not_fenced_is_released_only_by_who_says_that_it_is_down()
    {
        Lost("n3");
        AssertRefuses(s_held, [], "n3 is unclean: .*--confirm n3");
        AssertRefuses(s_held, ["--confirm", "n2"], "n2 does not have the token, n3 has it");
        Assert.That(Release(s_held, ["--confirm", "n3"]).ExitCode, Is.Zero);
        Assert.That(Token.Parse(TokenInFile()!).Why, Is.EqualTo("released by root on n1, who says that n3 is down"));
    }

    [Test]
    public void A_holder_that_was_removed_from_the_cluster_is_released_only_by_who_says_that_it_is_down()
    {
        var gone = Token.Held("n9", "run-1", "boot-1", s_night).Text;
        AssertRefuses(gone, [], "does not know n9 any more, .*--confirm n9");
        Assert.That(Release(gone, ["--confirm", "n9"]).ExitCode, Is.Zero);
    }

    [Test]
    public void Where_nodes_are_not_fenced_offline_is_not_down()
    {
        Option("stonith-enabled", "false");
        AssertRefuses(s_held, [], "not fenced here: n3 may be alive");
        Assert.That(Release(s_held, ["--confirm", "n3"]).ExitCode, Is.Zero);
    }

    [TestCase(null, "no node has the token")]
    [TestCase("free", "no node has the token")]
    [TestCase("halted node=n3 run=r boot=b since=s why=w", "the rollout is halted")]
    [TestCase("held by a later version", "does not know")]
    [TestCase("held node=n3 run=r boot=b since=s why='or'a'='a", "does not know")]
    [TestCase("held node=n3' run=r boot=b since=s why=w", "does not know")]
    public void A_token_that_no_node_has_or_that_is_not_understood_is_left_alone(string? token, string says) => AssertRefuses(token, ["--confirm", "n3"], says);

    [Test]
    public void Without_quorum_by_either_source_or_without_a_DC_nothing_is_known()
    {
        _box.Tool("crm_node", "case $1 in --name) echo n1;; *) echo 0;; esac");
        AssertRefuses(s_held, ["--confirm", "n3"], "no quorum");
        _box.Tool("crm_node", "case $1 in --name) echo n1;; *) echo 1;; esac");
        _cib.Root!.SetAttributeValue("have-quorum", "0");
        AssertRefuses(s_held, ["--confirm", "n3"], "no quorum");
        _cib.Root.SetAttributeValue("have-quorum", "1");
        _cib.Root.Attribute("dc-uuid")!.Remove();
        AssertRefuses(s_held, ["--confirm", "n3"], "no DC");
    }

    [Test]
    public void A_token_that_changes_in_that_moment_is_not_taken()
    {
        // The holder parks itself after it was judged: between the look at the cluster and the change.
        _box.Tool("crmadmin", $"echo 'Controller on n1 in state S_IDLE: ok'; sed -i 's/value=\"held /value=\"parked /' {Cib}");
        var answer = Release(s_held);
        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Errors, Does.Contain("changed in this moment"));
        Assert.That(TokenInFile(), Does.StartWith("parked "));
    }

    [Test]
    public void What_the_CIB_says_does_not_move_the_cursor()
    {
        var answer = Release("halted node=n3 run=r boot=b since=s why=%1B%5B2Jfree%0D");
        Assert.That(answer.ExitCode, Is.EqualTo(1), answer.ToString());
        Assert.That(answer.Errors.TrimEnd('\n'), Does.Contain("?[2Jfree?").And.Not.Match(@"\p{Cc}"));
    }

    private void AssertRefuses(string? token, string[] options, string says)
    {
        var answer = Release(token, options);
        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Errors, Does.Match($"^pcmk-kpatch: .*{says}"));
        Assert.That(TokenInFile(), Is.EqualTo(token));
    }

    private Answer Release(string? token, string[]? options = null, params (string Name, string Value)[] environment)
    {
        _cib.Descendants("cluster_property_set").Where(e => (string?)e.Attribute("id") == "pcmk-kpatch").Remove();
        if (token is not null)
        {
            _cib.Descendants("crm_config").Single().Add(new XElement("cluster_property_set", new XAttribute("id", "pcmk-kpatch"),
                new XElement("nvpair", new XAttribute("id", "pcmk-kpatch-token"), new XAttribute("name", "pcmk-kpatch-token"), new XAttribute("value", token))));
        }

        _cib.Save(Cib);
        return _box.Run([_box.Program, "release", .. options ?? []], [("CIB_file", Cib), .. environment]);
    }

    private string Id(string node) => (string)_cib.Descendants("node").Single(e => (string?)e.Attribute("uname") == node).Attribute("id")!;

    private void State(string node, bool online) => SetState(node, online ? "true" : "false", online ? "online" : "offline", online ? "member" : "down", online ? "member" : "down");

    private void Lost(string node) => SetState(node, "false", "offline", "member", "member");

    private void SetState(string node, string inCcm, string crmd, string join, string expected)
    {
        var state = _cib.Descendants("node_state").Single(e => (string?)e.Attribute("uname") == node);
        foreach (var (name, value) in ((string, string)[])[("in_ccm", inCcm), ("crmd", crmd), ("join", join), ("expected", expected)])
            state.SetAttributeValue(name, value);
    }

    private void Option(string name, string value)
    {
        var option = _cib.Descendants("crm_config").Descendants("nvpair").SingleOrDefault(e => (string?)e.Attribute("name") == name);
        if (option is null)
            _cib.Descendants("crm_config").Single().Add(new XElement("cluster_property_set", new XAttribute("id", "more"), new XElement("nvpair", new XAttribute("id", "more-1"), new XAttribute("name", name), new XAttribute("value", value))));
        else
            option.SetAttributeValue("value", value);
    }

    private string? TokenInFile() => (string?)XDocument.Load(Cib).Descendants("nvpair").SingleOrDefault(e => (string?)e.Attribute("id") == "pcmk-kpatch-token")?.Attribute("value");
}
