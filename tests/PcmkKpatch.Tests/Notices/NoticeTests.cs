using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Notices;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Notices;

public sealed class NoticeTests
{
    private static readonly PatchModule s_patch = new("/p/kpatch-1.ko", "kpatch_1", "b1", "5.14", true);

    /// <summary>A notice that knows everything.</summary>
    internal static Notice Full { get; } = new(Event.RolloutHalted, "node1", "no room")
    {
        By = "anna",
        Run = new Run
        {
            Id = "r1",
            Node = "node1",
            Boot = "b",
            Started = DateTimeOffset.UnixEpoch,
            Phase = Phase.Release,
            PhaseSince = TimeSpan.Zero,
            Policy = Parameters.Defaults,
            Patch = s_patch,
            Rehearsal = new RehearsalNotes { Id = "h1" },
            Verdict = Verdict.LoadRefused,
        },
    };

    [Test]
    public void it_says_all_that_is_known() => Assert.That(Full.Fields(), Is.EqualTo(new[]
    {
        ("EVENT", "rollout-halted"), ("NODE", "node1"), ("RUN", "r1"), ("PHASE", "release"), ("VERDICT", "loadrefused"), ("PATCH", "kpatch_1"), ("REHEARSAL", "h1"), ("BY", "anna"), ("WHY", "no room"),
    }));

    [Test]
    public void the_names_of_all_fields_are_known() => Assert.That(Full.Fields().Select(field => field.Name), Is.EqualTo(Notice.FieldNames));

    [Test]
    public void what_is_not_known_is_not_there() =>
        Assert.That(new Notice(Event.Held, "n", "w").Fields(), Is.EqualTo(new[] { ("EVENT", "held"), ("NODE", "n"), ("WHY", "w") }));

    [Test]
    public void whatever_stands_in_a_name_stays_in_its_value()
    {
        const string Hostile = "x\nPCMK_KPATCH_EVENT=resumed\r\n\u001b[2J\u2028\u202e\0=";
        var notice = Full with { Node = Hostile, Why = Hostile + new string('y', 100_000), By = Hostile, Run = Full.Run! with { Id = Hostile, Patch = s_patch with { Name = Hostile } } };

        foreach (var (name, value) in notice.Fields())
        {
            Assert.That(value, Does.Not.Match(@"[\p{C}\u2028\u2029]"), name);
            Assert.That(value, Has.Length.LessThanOrEqualTo(4000), name);
        }

        Assert.That(notice.Fields().Select(field => field.Name), Is.EqualTo(Full.Fields().Select(field => field.Name)));
    }

    [TestCase("idle", "5.14", "kpatch_1", true)]
    [TestCase("patched", "5.14", "other kpatch_1", true)]
    [TestCase("idle", "6.1", "none", true, Description = "another kernel has other patches")]
    [TestCase("idle", "5.14", "none", false, Description = "nobody has put it there")]
    [TestCase("idle", "5.14", "kpatch_10", false)]
    [TestCase("due", "5.14", "kpatch_1", false)]
    [TestCase("waiting for node1, which has the token", "5.14", "none", false)]
    [TestCase("needs attention: something", "5.14", "kpatch_1", false)]
    [TestCase("", "5.14", "kpatch_1", false, Description = "its agent is stopped")]
    [TestCase("idle", "", "kpatch_1", false)]
    public void the_patch_went_through_the_cluster_where_each_other_node_says_so(string state, string kernel, string patch, bool done) =>
        Assert.That(StepNotices.NoneIsDue(s_patch, View(Node("other", state, kernel, patch))), Is.EqualTo(done));

    [Test]
    public void a_node_that_is_not_there_leaves_it_open() =>
        Assert.That(StepNotices.NoneIsDue(s_patch, View(Node("other", "idle", "5.14", "kpatch_1") with { Online = false })), Is.False);

    [Test]
    public void neither_this_node_nor_a_remote_one_is_asked() =>
        Assert.That(StepNotices.NoneIsDue(s_patch, View(Node("here", "release", "5.14", "none"), Node("far", "idle", "5.14", "none") with { IsMember = false })), Is.True);

    private static ClusterView View(params NodeView[] nodes) => Views.Cluster with { LocalNode = "here", Nodes = nodes };

    private static NodeView Node(string name, string state, string kernel, string patch) => Views.Node(name) with
    {
        Attributes = new Dictionary<string, string> { [FleetGates.StateAttribute] = state, [DriftGates.KernelAttribute] = kernel, [DriftGates.PatchAttribute] = patch },
    };
}
