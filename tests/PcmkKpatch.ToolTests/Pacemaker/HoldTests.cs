using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>Holds laid, read and taken away with the real crm_attribute and cibadmin.</summary>
internal sealed class HoldTests
{
    private static readonly DateTimeOffset s_morning = new(2026, 12, 1, 6, 0, 0, TimeSpan.Zero);
    private readonly CibHolds _holds = new();
    private readonly CibToken _tokens = new();
    private CibFile _cib = null!;

    [SetUp]
    public void Begin() => _cib = new CibFile();

    [TearDown]
    public void End() => _cib.Dispose();

    [Test]
    public void Where_none_is_there_none_is_read() => Assert.That(_holds.Read(), Is.Empty);

    [Test]
    public void One_or_several_of_either_kind_are_read_as_they_were_laid()
    {
        Hold[] laid = [Of(null), Of("n2"), Of("n3")];
        foreach (var hold in laid)
        {
            CibHolds.Lay(hold);
            Assert.That(_holds.Read(), Does.Contain(hold));
        }

        Assert.That(_holds.Read(), Is.EquivalentTo(laid));
        Assert.That(CibHolds.See().Select(l => l.Node), Is.EquivalentTo((string?[])[null, "n2", "n3"]));
        AssertValid();
        Assert.That(CibHolds.Clear(null).Select(l => l.Hold), Is.EqualTo(laid[..1]));
        Assert.That(_holds.Read(), Is.EquivalentTo(laid[1..]));
        Assert.That(CibHolds.Clear("n2").Select(l => l.Hold), Is.EqualTo(laid[1..2]));
        Assert.That(_holds.Read(), Is.EqualTo(laid[2..]));
        Assert.That(CibHolds.Clear("n3").Select(l => l.Hold), Is.EqualTo(laid[2..]));
        Assert.That(_holds.Read(), Is.Empty);
        AssertValid();
    }

    [TestCase(null)]
    [TestCase("n2")]
    public void A_new_one_takes_the_place_of_the_old(string? node)
    {
        CibHolds.Lay(Of(node));
        CibHolds.Lay(Hold.Of(node, null, "another reason", null));
        Assert.That(_holds.Read(), Is.EqualTo((Hold[])[Hold.Of(node, null, "another reason", null)]));
    }

    [TestCase(null)]
    [TestCase("n2")]
    [TestCase("n9")]
    public void To_take_away_what_is_not_there_changes_nothing(string? node)
    {
        CibHolds.Lay(Of("n3"));
        var before = _cib.Text;
        Assert.That(CibHolds.Clear(node), Is.Empty);
        Assert.That(_cib.Text, Is.EqualTo(before));
    }

    [Test]
    public void A_node_that_the_cluster_does_not_know_is_a_failure()
    {
        var before = _cib.Text;
        Assert.That(() => CibHolds.Lay(Of("n9")), Throws.TypeOf<ToolFailedException>().With.Message.Contains("n9"));
        Assert.That(_cib.Text, Is.EqualTo(before));
    }

    [TestCase("it is \"quoted\"")]
    [TestCase("a <b> & c ]]>")]
    [TestCase("$(id) `id` ;|*?~#!\\")]
    [TestCase("two words")]
    public void A_node_of_any_such_name_is_held_and_released(string name)
    {
        Rename("n2", name);
        CibHolds.Lay(Of(name));
        Assert.That(CibHolds.See().Select(l => (l.Node, l.Hold)), Is.EqualTo(((string?, Hold)[])[(name, Of(name))]));
        Assert.That(CibHolds.Clear(name), Has.Count.EqualTo(1));
        Assert.That(_holds.Read(), Is.Empty);
    }

    // crm_attribute puts the name into an XPath as it is. It cannot put such a node in standby either, so that no run gets far there.
    [Test]
    public void A_node_with_an_apostrophe_in_its_name_cannot_be_held_alone_and_that_is_a_failure()
    {
        Rename("n2", "n'2");
        var before = _cib.Text;
        Assert.That(() => CibHolds.Lay(Of("n'2")), Throws.TypeOf<ToolFailedException>().With.Message.Contains("n'2"));
        Assert.That(_cib.Text, Is.EqualTo(before));
        Attribute("2", "nodes-2", "h", "hold v2");
        Assert.That(CibHolds.Clear("n'2"), Has.Count.EqualTo(1), "one that somehow got there is taken away all the same");
        Assert.That(_holds.Read(), Is.Empty);
    }

    [TestCase("it's \"quoted\" <b> & ' or '1'='1")]
    [TestCase("--delete\n--force\0")]
    [TestCase("Müller 東京 🐧")]
    public void Whatever_the_reason_says_it_comes_back(string reason)
    {
        foreach (var node in (string?[])[null, "n2"])
            CibHolds.Lay(Hold.Of(node, s_morning, reason, reason));
        Assert.That(_holds.Read().Select(h => (h.Reason, h.By)), Is.All.EqualTo((reason, reason)));
        Assert.That(_holds.Read(), Has.Count.EqualTo(2));
    }

    [TestCase("hold v2 nodes=n1,n2")]
    [TestCase("")]
    [TestCase("it's <not> & \"ours\"")]
    public void What_is_not_understood_is_read_and_taken_away(string text)
    {
        foreach (var place in (string[][])[["--type", "crm_config", "--set-name", "pcmk-kpatch"], ["--node", "n2", "--lifetime", "forever"]])
            Must(Shell.Run("crm_attribute", [.. place, "--name", "kpatch-hold", "--update", text]));
        Assert.That(CibHolds.See().Select(l => (l.Node, l.Hold.Text, l.Hold.IsUnreadable)), Is.EquivalentTo(((string?, string, bool)[])[(null, text, true), ("n2", text, true)]));
        CibHolds.Clear("n2");
        CibHolds.Clear(null);
        Assert.That(_holds.Read(), Is.Empty);
    }

    [Test]
    public void Where_it_lies_counts_and_not_what_it_says()
    {
        Attribute("2", "nodes-2", "h", Of("n3").Text);
        Assert.That(_holds.Read(), Is.EqualTo((Hold[])[Of("n2")]));
    }

    // crm_attribute --delete says that all went well, and deletes neither.
    [Test]
    public void Several_in_one_place_are_all_read_and_all_taken_away()
    {
        Attribute("2", "mine", "a", Of("n2").Text);
        Attribute("2", "yours", "b", "hold v2");
        _cib.Add("configuration/crm_config", "<cluster_property_set id=\"more\"><nvpair id=\"c\" name=\"kpatch-hold\" value=\"x\"/></cluster_property_set>");
        CibHolds.Lay(Of(null));
        Assert.That(_holds.Read(), Has.Count.EqualTo(4));
        Assert.That(CibHolds.Clear("n2"), Has.Count.EqualTo(2));
        Assert.That(CibHolds.Clear(null), Has.Count.EqualTo(2));
        Assert.That(_holds.Read(), Is.Empty);
        AssertValid();
    }

    [Test]
    public void Attributes_of_other_lifetimes_names_and_owners_are_none()
    {
        _cib.Add("configuration/resources", "<primitive id=\"p\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"><instance_attributes id=\"p-i\"><nvpair id=\"p-h\" name=\"kpatch-hold\" value=\"x\"/></instance_attributes></primitive>");
        Attribute("2", "nodes-2", "h", "x", "kpatch-holds");
        Must(Shell.Run("crm_attribute", ["--node", "n2", "--lifetime", "reboot", "--name", "kpatch-hold", "--update", "x"]));
        Assert.That(_holds.Read(), Is.Empty);
    }

    [Test]
    public void The_token_in_the_same_set_is_not_touched()
    {
        var held = Token.Held("n1", "run-1", "b", s_morning);
        _tokens.Create();
        _tokens.Swap(Token.Free, held);
        CibHolds.Lay(Of(null));
        Assert.That(_tokens.Read(), Is.EqualTo(held));
        CibHolds.Lay(Hold.Of(null, null, "more", null));
        Assert.That(_tokens.Swap(held, Token.Free), Is.True);
        Assert.That(_holds.Read(), Has.Count.EqualTo(1), "nor does the token touch the hold");
        CibHolds.Clear(null);
        Assert.That(_tokens.Read(), Is.EqualTo(Token.Free));
        AssertValid();
    }

    [TestCase(false)]
    [TestCase(true, TestName = "A_hold_that_was_taken_away_before_there_was_a_token_is_not_in_its_way")]
    public void A_hold_from_before_there_was_a_token_is_not_in_its_way(bool cleared)
    {
        CibHolds.Lay(Of(null));
        if (cleared)
            CibHolds.Clear(null);
        _tokens.Create();
        Assert.That(_tokens.Read(), Is.EqualTo(Token.Free));
        Assert.That(_holds.Read(), Is.EqualTo(cleared ? [] : (Hold[])[Of(null)]));
        Assert.That(_tokens.Swap(Token.Free, Token.Held("n1", "run-1", "b", s_morning)), Is.True);
        _tokens.Create();
        Assert.That(_tokens.Read()!.State, Is.EqualTo(TokenState.Held), "creating it again leaves what it says");
        AssertValid();
    }

    [Test]
    public void Where_no_cluster_runs_every_call_fails()
    {
        Environment.SetEnvironmentVariable("CIB_file", null);
        foreach (var call in (Action[])[() => _holds.Read(), () => CibHolds.Lay(Of(null)), () => CibHolds.Lay(Of("n2")), () => CibHolds.Clear(null)])
            Assert.That(Assert.Throws<ToolFailedException>(call)!.ExitCode, Is.EqualTo(102));
    }

    private static Hold Of(string? node) => Hold.Of(node, s_morning, "firmware", "anna");

    private void Rename(string old, string name)
    {
        var document = _cib.Xml;
        foreach (var element in document.Descendants().Where(e => (string?)e.Attribute("uname") == old))
            element.SetAttributeValue("uname", name);
        document.Save(_cib.Path);
    }

    private void Attribute(string node, string set, string id, string text, string name = "kpatch-hold") => Must(Shell.Run("cibadmin",
        ["--modify", "--allow-create", "-o", "nodes", "--xml-text", $"<node id=\"{node}\"><instance_attributes id=\"{set}\"><nvpair id=\"{id}\" name=\"{name}\" value=\"{text}\"/></instance_attributes></node>"]));

    private void AssertValid() => Must(_cib.Verify());

    private static void Must(Answer answer) => Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
}
