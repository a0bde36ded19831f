using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Readiness;

namespace PcmkKpatch.Tests.Readiness;

public sealed class FleetReadinessTests
{
    private static readonly ClusterView s_well = Views.Cluster with
    {
        Nodes = [Node("a"), Node("b")],
        Resources = [Agent("a"), Agent("b")],
    };

    [Test]
    public void where_all_is_well_nothing_is_said() => Assert.That(Judge(s_well), Is.Empty);

    [Test]
    public void another_version_of_the_product_is_told()
    {
        var finding = Judge(s_well with { Nodes = [Node("a"), Node("b", version: "0.2.0")] }).Single();

        Assert.That((finding.Id, finding.Severity, finding.Node), Is.EqualTo(("fleet.product-drift", Severity.Warning, "b")));
        Assert.That(finding.Why, Is.EqualTo("b has version 0.2.0 of this product, and a has 0.1.0"));
    }

    [Test]
    public void a_node_that_does_not_tell_its_version_is_unknown() =>
        Assert.That(Judge(s_well with { Nodes = [Node("a", version: ""), Node("b", version: "")] }).Ids(), Is.EqualTo((string[])["warning fleet.product-unknown"]));

    [Test]
    public void this_node_may_publish_what_it_was_before_an_update() =>
        Assert.That(Judge(s_well with { Nodes = [Node("a", version: "0.0.9"), Node("b")] }).Ids(), Is.EqualTo((string[])["note fleet.product-stale"]));

    [Test]
    public void nodes_that_differ_in_kernel_or_say_nothing_are_told()
    {
        var other = Node("b") with { Attributes = new Dictionary<string, string> { ["kpatch-kernel"] = "6.1", ["kpatch-patch"] = "none", ["kpatch-product"] = "0.1.0" } };
        Assert.That(Judge(s_well with { Nodes = [Node("a"), other] }).Ids(), Is.EqualTo((string[])["warning fleet.kernel-drift"]));
        Assert.That(Judge(s_well with { Nodes = [Node("a"), Views.Node("b")] }).Ids(), Is.EqualTo((string[])["warning fleet.unknown", "warning fleet.product-unknown"]));
    }

    [Test]
    public void remote_nodes_are_listed() =>
        Assert.That(Judge(s_well with { Nodes = [Node("a"), Node("b"), Views.Node("far") with { IsMember = false }] }).Ids(), Is.EqualTo((string[])["note node.remote"]));

    [TestCase(false, "see crm_mon -r")]
    [TestCase(true, "pcs node unstandby b")]
    public void a_node_without_the_agent_is_told(bool standby, string remedy)
    {
        var finding = Judge(s_well with { Nodes = [Node("a"), Node("b") with { Standby = standby }], Resources = [Agent("a")] }).Single();

        Assert.That((finding.Id, finding.Node), Is.EqualTo(("node.without-agent", "b")));
        Assert.That(finding.Remedy, Does.StartWith(remedy));
    }

    [Test]
    public void of_a_node_that_is_down_nothing_is_asked() =>
        Assert.That(Judge(s_well with { Nodes = [Node("a"), Views.Node("b") with { Online = false }], Resources = [Agent("a")] }), Is.Empty);

    private static NodeView Node(string name, string version = "0.1.0") => Views.Node(name) with
    {
        Attributes = new Dictionary<string, string> { ["kpatch-kernel"] = "5.14", ["kpatch-patch"] = "none", ["kpatch-product"] = version },
    };

    private static ResourceView Agent(string on) => Views.Resource("kpatch", on) with { Agent = "ocf:pcmk:kpatch" };

    private static List<Finding> Judge(ClusterView view) => [.. FleetReadiness.Judge(view, "0.1.0")];
}
