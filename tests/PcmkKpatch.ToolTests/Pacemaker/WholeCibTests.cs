using System.Text;
using System.Xml.Linq;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>A CIB taken apart by its bytes, and the copy of it that is changed in its place: the same as if both were read and written as XML.</summary>
internal sealed class WholeCibTests
{
    private const string Odd =
        """
        <cib epoch="1"><!-- <status><node_state uname="n1"/> --><configuration><nodes><node id="1" uname="n1"/></nodes><resources/><constraints/></configuration>
        <status>
          <node_state uname='a"/>ü' id="1" note="/x>"
            in_ccm="true"><transient_attributes id="1"><instance_attributes id="status-1"><nvpair id="x" name="standby" value="on"/><nvpair id="y" name="other" value="1 > 0"/></instance_attributes></transient_attributes
            ><lrm id="1"><lrm_resources><lrm_resource id="w"><lrm_rsc_op id="o" exit-reason="-- &lt;lrm> ü"/></lrm_resource></lrm_resources></lrm></node_state >
          <node_state id="2" uname="n2"/>
          <node_state id="3" uname="n3"><lrm id="3"/></node_state>
          <node_state id="4" uname="n4"></node_state>
          <node_state id="5"><lrm id="5"><lrm_resources/></lrm></node_state>
          <node_state id="6" uname="twice"/><node_state id="7" uname="twice"/>
        </status></cib>
        """;

    private TempFolder _folder = null!;

    private static WholeCib Cib => Of(Odd);

    private string Path => _folder.At("cib.xml");

    [SetUp]
    public void Begin() => _folder = new TempFolder();

    [TearDown]
    public void End() => _folder.Dispose();

    [Test]
    public void What_is_read_is_everything_but_the_histories()
    {
        var expected = XDocument.Parse(Odd);
        foreach (var history in expected.Descendants("lrm").ToList())
            history.ReplaceWith(new XElement("lrm"));
        Assert.That(XNode.DeepEquals(XDocument.Load(Cib.WithoutHistories()), expected));
        Assert.That(Cib.States.Select(s => s.Name), Is.EqualTo((string?[])["a\"/>ü", "n2", "n3", "n4", null, "twice", "twice"]));
    }

    [Test]
    public void A_copy_has_the_one_change_that_was_made_last_and_is_put_back()
    {
        using var copy = new CibCopy(Cib, Path);
        AssertCopy(_ => { });
        copy.Drained("a\"/>ü", DrainMode.Standby);
        AssertCopy(document => Standby(document, "1"));
        copy.Lost("a\"/>ü");
        AssertCopy(document => Lose(document, "1"));
        foreach (var (id, name) in ((string, string)[])[("2", "n2"), ("3", "n3"), ("4", "n4")])
        {
            copy.Drained(name, DrainMode.Standby);
            AssertCopy(document => Standby(document, id));
            copy.Lost(name);
            AssertCopy(document => Lose(document, id));
        }

        copy.AsItIs("n2");
        AssertCopy(_ => { });
    }

    [TestCase("<nvpair id='a' name='standby' value=\"\" __delete__=\"value\"/>", "")]
    [TestCase("<nvpair id='a>' name='standby' __delete__=\"value\" value=''/><nvpair name='b' value='' __delete__=\"value\" />", "")]
    [TestCase("<nvpair id='a' name='master-db' value='10' __delete__=\"value\"/>", null)]
    [TestCase("<nvpair id='a' name='b' value='' __delete__=\"name\"/>", null)]
    [TestCase("<nvpair id='a' name='b' __delete__=\"value\"/>", null)]
    [TestCase("<nvpair id='a' name='b' value='' __delete__=\"value\"></nvpair>", null)]
    [TestCase("<expression id='a' value='' __delete__=\"value\"/>", null)]
    [TestCase("<nvpair id='a' name='b' value=''/>", null)]
    [TestCase("<nvpair id='a' name='b' value='__delete__=&quot;value&quot;'/>", null)]
    public void What_was_deleted_by_an_older_node_and_nothing_else_is_not_in_it(string marked, string? left)
    {
        const string Own = "<nvpair id=\"y\" name=\"other\" value=\"1 > 0\"/>";
        var text = Odd.Replace(Own, marked + Own);
        var cib = Of(text);
        Assert.That(cib.Text.Length, Is.EqualTo(Encoding.UTF8.GetByteCount(text)));
        var expected = Plain(XDocument.Parse(left is null ? text : Odd.Replace(Own, left + Own)));
        Assert.That(Plain(XDocument.Parse(Encoding.UTF8.GetString(cib.Text.Span))), Is.EqualTo(expected));
        Assert.That(cib.States.Select(s => s.Name), Is.EqualTo(Cib.States.Select(s => s.Name)));
    }

    [TestCase("__delete__=\"value\"<cib><status></status></cib>")]
    [TestCase("<cib><nvpair value='' __delete__=\"value\"<status></status></cib>")]
    public void A_mark_that_is_in_no_element_is_left(string text) => Assert.That(Encoding.UTF8.GetString(Of(text).Text.Span), Is.EqualTo(text));

    [Test]
    public void Of_a_node_without_one_state_there_is_no_copy()
    {
        using var copy = new CibCopy(Cib, Path);
        foreach (var ask in (Action<string>[])[copy.AsItIs, node => copy.Drained(node, DrainMode.Standby), copy.Lost])
        {
            Assert.That(() => ask("n9"), Throws.TypeOf<ToolFailedException>().With.Message.Contains("0 states of the node n9"));
            Assert.That(() => ask("twice"), Throws.TypeOf<ToolFailedException>().With.Message.Contains("2 states of the node twice"));
        }
    }

    [Test]
    public void Half_a_CIB_is_a_failure_wherever_it_is_cut()
    {
        var whole = Encoding.UTF8.GetBytes(Odd);
        for (var length = 0; length < whole.Length; length++)
            Assert.That(() => new WholeCib(whole.AsMemory(0, length)), Throws.TypeOf<ToolFailedException>().With.Message.EqualTo("cibadmin: its output is no whole CIB"), $"cut at {length}");
    }

    [TestCase("<cib/>")]
    [TestCase("<cib><status><node_state</cib>")]
    [TestCase("<cib><status><node_state uname=\"n1\"></status></cib>")]
    [TestCase("<cib><status><node_state uname=\"n1\"><lrm></node_state></status></cib>")]
    [TestCase("<cib><status><node_state uname='\"></node_state></status></cib>")]
    [TestCase("<cib><status><!-- <node_state uname=\"n1\"/> --></status></cib>")]
    [TestCase("<cib><status><![CDATA[<node_state uname=\"n1\"/>]]></status></cib>")]
    [TestCase("<cib><status><node_state uname=&oops;/></status></cib>")]
    [TestCase("<cib><nvpair value __delete__=\"value\"/><status></status></cib>")]
    public void What_is_no_CIB_is_a_failure(string text) => Assert.That(() => Of(text), Throws.TypeOf<ToolFailedException>().With.Message.StartsWith("cibadmin: its output "));

    [Test]
    public void A_state_that_would_outgrow_its_room_is_a_failure()
    {
        var cib = Of(Odd.Replace("id=\"2\"", $"id=\"{new string('x', 2000)}\""));
        using var copy = new CibCopy(cib, Path);
        Assert.That(() => copy.Drained("n2", DrainMode.Standby), Throws.TypeOf<ToolFailedException>().With.Message.Contains("longer than can be true"));
    }

    private static WholeCib Of(string text) => new(Encoding.UTF8.GetBytes(text));

    private void AssertCopy(Action<XDocument> change)
    {
        var expected = XDocument.Parse(Odd);
        change(expected);
        Assert.That(Plain(XDocument.Load(Path)), Is.EqualTo(Plain(expected)));
    }

    // A long run of blanks is told as a text like any other, and an element with nothing in it has two forms.
    private static string Plain(XDocument document)
    {
        document.DescendantNodes().OfType<XText>().Where(t => string.IsNullOrWhiteSpace(t.Value)).Remove();
        foreach (var empty in document.Descendants().Where(e => !e.Nodes().Any()))
            empty.RemoveNodes();
        return document.ToString();
    }

    private static XElement State(XDocument document, string id) => document.Descendants("node_state").Single(s => (string?)s.Attribute("id") == id);

    private static void Standby(XDocument document, string id)
    {
        var state = State(document, id);
        if (state.Element("transient_attributes") is null)
            state.Add(new XElement("transient_attributes", new XAttribute("id", id), new XElement("instance_attributes", new XAttribute("id", $"status-{id}"))));
        var set = state.Element("transient_attributes")!.Element("instance_attributes")!;
        set.Elements().Where(e => (string?)e.Attribute("name") == "standby").Remove();
        set.Add(new XElement("nvpair", new XAttribute("id", $"status-{id}-standby"), new XAttribute("name", "standby"), new XAttribute("value", "y")));
    }

    private static void Lose(XDocument document, string id)
    {
        var state = State(document, id);
        state.Elements().Remove();
        foreach (var (name, value) in ((string, string)[])[("in_ccm", "false"), ("crmd", "offline"), ("join", "down"), ("expected", "down")])
            state.SetAttributeValue(name, value);
    }
}
