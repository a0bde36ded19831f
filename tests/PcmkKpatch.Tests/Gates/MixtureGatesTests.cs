using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Tests.Gates;

public sealed class MixtureGatesTests
{
    // The feature sets of Debian 12 and 13; of a node of Debian 11 the others say "<3.15.1", and itself says nothing of anybody.
    [TestCase("3.16.2", "3.20.0", "3.20.0", true)]
    [TestCase("<3.15.1", "3.16.2", "3.20.0", true)]
    [TestCase("3.16.2", "3.16.2", "3.20.0", false, Description = "another one of its kind can be the DC")]
    [TestCase("3.20.0", "3.16.2", "3.16.2", false, Description = "a newer one may always join")]
    [TestCase("3.16.2", "3.16.2", "3.16.2", false)]
    [TestCase("3.16.2", "3.16.3", "3.16.3", false, Description = "the third number is of no matter")]
    [TestCase("3.9.0", "3.16.2", "3.16.2", true, Description = "numbers, not texts")]
    [TestCase("3.16.2", "3.20.0", null, false, Description = "one does not say")]
    [TestCase(null, "3.20.0", "3.20.0", false)]
    [TestCase("soon", "3.20.0", "3.20.0", false)]
    [TestCase("3", "3.20.0", "3.20.0", false)]
    public void the_last_node_of_the_oldest_release_would_not_come_back(string? own, string? one, string? other, bool told) =>
        Assert.That(
            MixtureGates.Judge("a", Of(With("a", own), With("b", one), With("c", other))).Select(r => r.Id),
            Is.EqualTo(told ? (string[])[MixtureGates.OldestAlone] : []));

    [TestCase("pacemaker 2.0.5 corosync 3.1.2", "pacemaker 2.1.5 corosync 3.1.7", true)]
    [TestCase("pacemaker 2.0.5 corosync 3.1.2", "pacemaker 2.0.5 corosync 3.1.7", false)]
    [TestCase("pacemaker 2.1.5-rc1 corosync 3.1.2", "pacemaker 2.1.10-1 corosync 3.1.2", true)]
    [TestCase("pacemaker 2.0.5 corosync 3.1.2", "cluster 9.9.9", false)]
    [TestCase("pacemaker 2.0.5 corosync 3.1.2", "pacemaker", false)]
    public void where_no_feature_set_is_told_what_was_installed_stands_for_it(string own, string other, bool told) =>
        Assert.That(MixtureGates.Judge("a", Of(Saying("a", own), Saying("b", other))).Any(), Is.EqualTo(told));

    [Test]
    public void who_is_not_there_does_not_count()
    {
        var older = With("c", "3.16.2");

        Assert.That(MixtureGates.Judge("a", Of(With("a", "3.16.2"), With("b", "3.20.0"), older)), Is.Empty);
        Assert.That(MixtureGates.Judge("a", Of(With("a", "3.16.2"), With("b", "3.20.0"), older with { Online = false })).Count(), Is.EqualTo(1));
        Assert.That(MixtureGates.Judge("a", Of(With("a", "3.16.2"), With("b", "3.20.0"), older with { IsMember = false })).Count(), Is.EqualTo(1));
        Assert.That(MixtureGates.Judge("a", Of(With("a", "3.16.2"), older with { IsMember = false })), Is.Empty, "it is alone");
        Assert.That(MixtureGates.Judge("x", Of(With("a", "3.16.2"), With("b", "3.20.0"))), Is.Empty, "nothing is known of it");
    }

    [Test]
    public void it_says_what_would_come_of_it()
    {
        var refusal = MixtureGates.Judge("a", Of(With("a", "3.16.2"), With("b", "3.20.0"))).Single();

        Assert.That((refusal.Why, refusal.Remedy), Is.EqualTo((
            "a is the last node with its release of Pacemaker, and all others have newer ones: if it goes down they do not let it join again before it is upgraded, too",
            "upgrade Pacemaker on a first")));
    }

    private static ClusterView Of(params NodeView[] nodes) => Views.Cluster with { Nodes = nodes };

    private static NodeView With(string name, string? featureSet) => Views.Node(name) with { FeatureSet = featureSet };

    private static NodeView Saying(string name, string version) => Views.Node(name) with { Attributes = new Dictionary<string, string> { [DriftGates.VersionAttribute] = version } };
}
