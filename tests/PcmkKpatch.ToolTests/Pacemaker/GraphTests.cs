using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>
/// The scheduler's graph as other releases write it: for Cibs/forecast.xml with n1 in standby, by crm_simulate of Debian 11, 12 and 13 (tests/lab/capture-golden). And whatever
/// else could stand in its place: a failure, never half a plan.
/// </summary>
internal sealed class GraphTests
{
    private static readonly string[] s_releases = ["2.0.5", "2.1.5", "3.0.0"];

    [TestCaseSource(nameof(s_releases))]
    public void Every_release_plans_the_same(string release)
    {
        var actions = Read(Golden(release));
        Assert.That(actions.Select(a => a.ToString()).Order(StringComparer.Ordinal), Is.EqualTo((string[])
        [
            "demote db on n1", "migrate_from vm on n2", "migrate_to vm on n1", "promote db on n2", "start address on n3", "start disk on n3", "start web on n2", "stop address on n1",
            "stop db on n1", "stop disk on n1", "stop kpatch on n1", "stop lock on n1", "stop pinned on n1", "stop vm on n1", "stop web on n1",
        ]));
        Assert.That(actions.Where(a => a.IsClone).Select(a => a.Resource).Distinct(), Is.EquivalentTo((string[])["lock", "db", "kpatch"]));
        Assert.That(actions.Where(a => a.IsOurs).Select(a => a.Resource), Is.EqualTo((string[])["kpatch"]));
    }

    [TestCaseSource(nameof(s_releases))]
    public void Half_a_graph_is_a_failure_wherever_it_is_cut(string release)
    {
        var whole = Golden(release).TrimEnd();
        for (var length = 0; length < whole.Length; length += 37)
            Assert.That(() => Read(whole[..length]), Throws.TypeOf<ToolFailedException>(), $"cut at {length}");
    }

    [Test]
    public void An_empty_graph_plans_nothing() => Assert.That(Read("<transition_graph cluster-delay=\"60s\" transition_id=\"0\"/>"), Is.Empty);

    [Test]
    public void A_fence_is_seen_in_each_of_its_forms() => Assert.That(Read(Acts(
        "<crm_event id=\"1\" operation=\"stonith\" on_node=\"n1\"><attributes CRM_meta_stonith_action=\"reboot\"/></crm_event>",
        "<crm_event id=\"2\" operation=\"stonith\" on_node=\"n2\"/>",
        "<pseudo_event id=\"3\" operation=\"stonith\" on_node=\"guest\"/>")).Select(a => a.ToString()), Is.EqualTo((string[])["fence n1", "fence n2", "fence guest"]));

    [Test]
    public void To_let_a_node_back_to_its_disks_is_no_fence() => Assert.That(
        Read(Acts("<crm_event id=\"1\" operation=\"stonith\" on_node=\"n1\"><attributes CRM_meta_stonith_action=\"on\"/></crm_event>")), Is.EqualTo((PlannedAction[])[new("unfence", "", "n1")]));

    [Test]
    public void Other_events_are_something_to_do_too() =>
        Assert.That(Read(Acts("<crm_event id=\"1\" operation=\"clear_failcount\" on_node=\"n1\"><primitive id=\"web\"/></crm_event>")).Single().ToString(), Is.EqualTo("clear_failcount n1"));

    [Test]
    public void What_stands_in_the_inputs_is_not_counted_again() => Assert.That(
        Read("<transition_graph><synapse><action_set/><inputs><trigger><rsc_op operation=\"stop\" on_node=\"n1\"/><crm_event operation=\"stonith\" on_node=\"n1\"/></trigger></inputs></synapse></transition_graph>"), Is.Empty);

    [TestCase("")]
    [TestCase("Error: sorry")]
    [TestCase("<html><body>Service unavailable</body></html>")]
    [TestCase("<rsc_op operation=\"stop\" on_node=\"n1\"/>")]
    [TestCase("<!DOCTYPE x [<!ENTITY a \"aaaa\">]><transition_graph>&a;</transition_graph>")]
    [TestCase("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><transition_graph/>")]
    [TestCase("<transition_graph/><transition_graph/>")]
    [TestCase("<transition_graph>&#0;</transition_graph>")]
    public void What_is_no_graph_is_a_failure(string text) => Assert.That(() => Read(text), Throws.TypeOf<ToolFailedException>().With.Message.StartsWith("crm_simulate: "));

    [TestCase("<rsc_op on_node=\"n1\"><primitive id=\"web\"/></rsc_op>")]
    [TestCase("<rsc_op operation=\"stop\"><primitive id=\"web\"/></rsc_op>")]
    [TestCase("<rsc_op operation=\"stop\" on_node=\"n1\"><primitive/></rsc_op>")]
    [TestCase("<rsc_op operation=\"stop\" on_node=\"n1\"/>")]
    [TestCase("<crm_event operation=\"stonith\"/>")]
    [TestCase("<crm_event on_node=\"n1\"/>")]
    public void An_action_of_which_something_is_missing_is_a_failure(string action) => Assert.That(() => Read(Acts(action)), Throws.TypeOf<ToolFailedException>());

    [Test]
    public void A_graph_that_is_larger_than_can_be_true_is_a_failure() =>
        Assert.That(() => Graph.Read(new StreamReader(new Endless())), Throws.TypeOf<ToolFailedException>());

    private static string Acts(params string[] actions) =>
        $"<transition_graph>{string.Concat(actions.Select(a => $"<synapse><action_set>{a}</action_set><inputs/></synapse>"))}</transition_graph>";

    private static IReadOnlyList<PlannedAction> Read(string text) => Graph.Read(new StringReader(text));

    private static string Golden(string release) => File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", release, "forecast.graph.xml"));

    // A graph without an end.
    private sealed class Endless : MemoryStream
    {
        private bool _begun;

        public override int Read(Span<byte> buffer)
        {
            var text = _begun ? "<synapse/>"u8 : "<transition_graph>"u8;
            _begun = true;
            text.CopyTo(buffer);
            return text.Length;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    }
}
