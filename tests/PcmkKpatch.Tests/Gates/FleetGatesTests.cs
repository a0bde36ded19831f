using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Gates;

public sealed class FleetGatesTests
{
    [TestCase("")]
    [TestCase("ffff")]
    [TestCase("abcde,ffff")]
    public void a_patch_that_nobody_has_quarantined_is_let_through(string published) => Assert.That(Judge("b", published, QuarantineScope.Cluster), Is.Empty);

    [TestCase("abcd")]
    [TestCase("ABCD")]
    [TestCase("ffff,abcd")]
    public void a_patch_that_another_node_has_quarantined_is_refused(string published)
    {
        var refusal = Judge("b", published, QuarantineScope.Cluster).Single();

        Assert.That(refusal.Id, Is.EqualTo("patch.quarantined-elsewhere"));
        Assert.That(refusal.Remedy, Does.Contain("on b: pcmk-kpatch quarantine --clear"));
    }

    [Test]
    public void where_only_the_node_itself_refuses_it_the_others_do_not() => Assert.That(Judge("b", "abcd", QuarantineScope.Node), Is.Empty);

    [Test]
    public void what_this_node_published_itself_is_for_its_own_gate() => Assert.That(Judge("a", "abcd", QuarantineScope.Cluster), Is.Empty);

    [Test]
    public void failures_are_too_many_where_they_are_more_than_is_tolerated_now()
    {
        var failures = Failures.None.With("b", "abcd").With("c", "ABCD").With("d", "ffff");
        string[] Judge(int most) => [.. FleetGates.TooManyFailures(Views.Module, failures, Parameters.Defaults with { MaxFailures = most }).Select(r => r.ToString())];

        Assert.That(Judge(2), Is.Empty);
        Assert.That(Judge(1), Is.EqualTo((string[])["kpatch_1_1 could not be loaded 2 times (on b, c), and max_failures is 1 (fleet.failures)"]));
        Assert.That(FleetGates.TooManyFailures(Views.Module, failures, Parameters.Defaults).Single().NeedsPerson, Is.True);
        Assert.That(FleetGates.TooManyFailures(Views.Module, Failures.None, Parameters.Defaults), Is.Empty);
    }

    [TestCase("drain")]
    [TestCase("load")]
    [TestCase("unstandby")]
    [TestCase("parked: not well since the load. Look at the node")]
    public void a_node_that_says_it_is_away_from_home_is_not_joined_by_a_second_one(string state) =>
        Assert.That(Away("b", state).Select(r => r.Id), Is.EqualTo((string[])["fleet.away"]));

    [TestCase("")]
    [TestCase("idle")]
    [TestCase("due")]
    [TestCase("gate")]
    [TestCase("confirm")]
    [TestCase("release")]
    [TestCase("patched")]
    [TestCase("waiting for a, which has the token since then")]
    [TestCase("needs attention: drain")]
    public void a_node_that_is_home_keeps_nobody_from_beginning(string state) => Assert.That(Away("b", state), Is.Empty);

    [Test]
    public void what_this_node_said_of_itself_does_not_keep_it() => Assert.That(Away("a", "drain"), Is.Empty);

    private static List<Refusal> Away(string node, string state)
    {
        var told = Views.Node(node) with { Attributes = new Dictionary<string, string> { [FleetGates.StateAttribute] = state } };
        return [.. FleetGates.AnotherIsAway(Views.Cluster with { Nodes = [.. Views.Cluster.Nodes.Select(n => n.Name == node ? told : n)] })];
    }

    private static List<Refusal> Judge(string node, string published, QuarantineScope scope)
    {
        var told = Views.Node(node) with { Attributes = new Dictionary<string, string> { [FleetGates.QuarantineAttribute] = published } };
        var view = Views.Cluster with { Nodes = [.. Views.Cluster.Nodes.Select(n => n.Name == node ? told : n)] };
        return [.. FleetGates.Judge(Views.Module, view, Parameters.Defaults with { QuarantineScope = scope })];
    }
}
