using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>What attrd_updater prints of all nodes, as it was seen; the tool itself answers in a cluster only, and is asked in the node lab.</summary>
public sealed class NodeAttributesTests
{
    [Test]
    public void Each_node_has_its_value() => Assert.That(
        NodeAttributes.ReadTold("name=\"kpatch-state\" host=\"node1\" value=\"waiting for node3, which has the token\"\nname=\"kpatch-state\" host=\"node2\" value=\"\"\n"),
        Is.EquivalentTo(new Dictionary<string, string> { ["node1"] = "waiting for node3, which has the token", ["node2"] = "" }));

    [TestCase("name=\"kpatch-state\" host=\"a\" value=\"say \"x\" value=\"y\"\"", "a", "say \"x\" value=\"y\"")]
    [TestCase("name=\"kpatch-state\" host=\"a b\" value=\"=\"", "a b", "=")]
    public void A_value_may_have_anything_in_it(string line, string node, string value) => Assert.That(NodeAttributes.ReadTold(line), Is.EquivalentTo(new Dictionary<string, string> { [node] = value }));

    [TestCase("")]
    [TestCase("Could not query value of kpatch-state: attribute does not exist")]
    [TestCase("name=\"kpatch-state\" host=\"a\" value=\"")]
    [TestCase("name=\"kpatch-state\" value=\"x\" host=\"a\"")]
    [TestCase("host=\"a\" value=\"cut off")]
    public void What_is_not_understood_says_nothing(string line) => Assert.That(NodeAttributes.ReadTold(line), Is.Empty);
}
