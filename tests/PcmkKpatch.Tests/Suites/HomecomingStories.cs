using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>The way home of nodes with a shared file system: the cluster takes its resource for active, and it is not there, or cannot be written to.</summary>
public sealed class HomecomingStories
{
    private static readonly Policy s_writes = Timing.Policy with { WriteProbe = true };

    [Test]
    public void a_file_system_that_is_mounted_late_is_waited_for()
    {
        var story = InTrouble(SharedTrouble.NotMounted, Timing.Policy);
        story.Until(() => Says(story, "waiting for the resources: the lockspace shared is not joined again, or its file system is not mounted on /shared"), "it waits");
        Assert.That((story.Token.State, story.Token.Node), Is.EqualTo((TokenState.Held, story.A.Name)));
        story.A.SharedTrouble = SharedTrouble.None;
        story.Until(() => Ending.AllPatched(story.World), "it is patched");
    }

    [Test]
    public void one_that_is_never_mounted_halts_the_rollout()
    {
        var story = InTrouble(SharedTrouble.NotMounted, Timing.Policy).UntilEnded();
        Assert.That(story.A.Disk.Last!.Why, Is.EqualTo("not settled in 40 s: the lockspace shared is not joined again, or its file system is not mounted on /shared"));
        Assert.That((story.A.Disk.Last.Verdict, story.Token.State, story.A.PatchIsDue()), Is.EqualTo((Verdict.NotSettled, TokenState.Halted, false)));
    }

    [Test]
    public void one_that_the_administrator_has_disabled_meanwhile_is_not_waited_for()
    {
        var story = InTrouble(SharedTrouble.NotMounted, s_writes);
        story.World.Admin.Disable(SimResources.FileSystem);
        story.Until(() => Ending.AllPatched(story.World), "it is patched");
    }

    [TestCase(SharedTrouble.NotWritable, "dd: no space left on device")]
    [TestCase(SharedTrouble.StandsStill, "dd: no answer in 10 s, and it cannot be killed")]
    public void one_that_can_be_written_to_only_late_is_waited_for_and_one_that_never_can_halts_the_rollout(SharedTrouble trouble, string words)
    {
        var story = InTrouble(trouble, s_writes);
        story.Until(() => Says(story, $"waiting for the resources: gfs2 on /shared cannot be written to: {words}"), "it waits");
        story.A.SharedTrouble = SharedTrouble.None;
        story.Until(() => Ending.AllPatched(story.World), "it is patched");

        story = InTrouble(trouble, s_writes).UntilEnded();
        Assert.That(story.A.Disk.Last!.Why, Is.EqualTo($"not settled in 40 s: gfs2 on /shared cannot be written to: {words}"));
        Assert.That((story.A.Disk.Last.Verdict, story.Token.State), Is.EqualTo((Verdict.NotSettled, TokenState.Halted)));
    }

    [TestCase(SharedTrouble.NotWritable)]
    [TestCase(SharedTrouble.StandsStill)]
    public void nothing_is_written_where_nobody_said_so(SharedTrouble trouble)
    {
        var story = InTrouble(trouble, Timing.Policy, inner => new Refusing(inner));
        story.Until(() => Ending.AllPatched(story.World), "it is patched");
    }

    [Test]
    public void nor_where_nothing_was_drained()
    {
        var story = new Story(new WorldOptions
        {
            Shared = true,
            Policy = s_writes with { Drain = DrainMode.None, Gates = "dlm.drain=warn" },
            Plant = (ports, _) => ports with { Lockspaces = new Refusing(ports.Lockspaces) },
        });
        story.Until(() => Ending.AllPatched(story.World), "it is patched");
    }

    [Test]
    public void locks_that_cannot_be_read_are_waited_out_and_not_taken_for_good([Values("Lockspaces.See", "Foresight.LockUsers")] string port)
    {
        var story = InTrouble(SharedTrouble.NotMounted, Timing.Policy);
        story.World.Faults = new Always(port, Fault.FailBefore);
        story.Until(() => Says(story, $"waiting for the resources: what this node locks together with others cannot be told: {port}"), "it waits");
        story.UntilEnded();
        Assert.That((story.A.Disk.Last!.Verdict, story.A.Disk.Last.Why), Is.EqualTo((Verdict.NotSettled, $"not settled in 40 s: what this node locks together with others cannot be told: {port}: simulated: failed, nothing done")));
    }

    [Test]
    public void a_run_that_failed_waits_no_longer_and_halts_the_rollout_for_what_it_failed_with([Values(SharedTrouble.NotMounted, SharedTrouble.StandsStill)] SharedTrouble trouble)
    {
        var story = InTrouble(trouble, s_writes, load: LoadOutcome.Refuse).UntilEnded();
        Assert.That((story.A.Disk.Last!.Verdict, story.A.Disk.Last.Unsettled, story.Token.State), Is.EqualTo((Verdict.LoadRefused, true, TokenState.Halted)));
        Assert.That(story.A.Disk.Last.Why, Does.Contain("; not settled in 40 s: "));
    }

    [Test]
    public void a_node_that_goes_down_while_its_file_system_stands_still_comes_home_when_it_is_back()
    {
        var story = InTrouble(SharedTrouble.StandsStill, s_writes);
        story.Until(() => Says(story, "cannot be written to"), "it waits");
        story.A.PowerOff("a power cut");
        story.UntilEnded();
        Assert.That((story.A.Disk.Last!.Verdict, story.A.Disk.Last.Unsettled, story.Token.State), Is.EqualTo((Verdict.NodeDown, false, TokenState.Halted)));
    }

    [Test]
    public void a_node_without_locks_is_asked_for_none_when_it_is_home()
    {
        var story = new Story(new WorldOptions { Policy = s_writes, Plant = (ports, node) => ports with { Lockspaces = new NotWhenHome(node, new Refusing(ports.Lockspaces)) } });
        story.Until(() => Ending.AllPatched(story.World), "all are patched");
    }

    private static Story InTrouble(SharedTrouble trouble, Policy policy, Func<ILockspaces, ILockspaces>? plant = null, LoadOutcome load = LoadOutcome.Accept)
    {
        var story = new Story(new WorldOptions { Shared = true, Policy = policy, Plant = (ports, _) => plant is null ? ports : ports with { Lockspaces = plant(ports.Lockspaces) } });
        story.About(story.A).A.NextLoad = load;
        story.UntilPhase(story.A, Phase.Confirm);
        story.A.SharedTrouble = trouble;
        return story;
    }

    private static bool Says(Story story, string what) => story.A.Worker.LastSaid.Contains(what, StringComparison.Ordinal);

    private sealed class Refusing(ILockspaces inner) : ForwardingLockspaces(inner)
    {
        public override string? Write(SharedMount mount, string node) => throw new AssertionException($"{node} writes to {mount.Point}");
    }

    private sealed class NotWhenHome(SimNode node, ILockspaces inner) : ForwardingLockspaces(inner)
    {
        public override LocksView See() => node.Disk.Journal?.Phase == Phase.Confirm ? throw new AssertionException("it is looked for locks") : base.See();
    }
}
