using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>The pause between two nodes: the first is home, patched and watched, and has the token still.</summary>
public sealed class PauseStories
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(2);
    private static readonly Policy s_pausing = Timing.Policy with { Pause = s_pause, HealthCheck = "/usr/local/sbin/node-is-well" };

    [Test]
    public void the_next_node_begins_when_the_pause_is_over_and_not_before()
    {
        var story = new Story(new WorldOptions { Policy = s_pausing });
        var first = Paused(story);
        var began = story.World.Now;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.InOurStandby(first), Is.False, "it is home");
            Assert.That(first.Running, Is.Not.Empty);
            Assert.That(first.Disk.Boot.Modules, Is.Empty, "it is not loaded at boot yet");
            Assert.That(first.StateAttribute, Is.EqualTo("pause"));
        }

        story.Until(() => story.Token.State != TokenState.Held || story.Token.Node != first.Name, "it gives the token back");

        Assert.That(story.World.Now - began, Is.InRange(s_pause - TimeSpan.FromSeconds(1), s_pause + TimeSpan.FromSeconds(5)));
        Assert.That(first.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched).Or.Null);
        Assert.That(first.Disk.Boot.Modules, Has.Count.EqualTo(1));
        story.World.Run(TimeSpan.FromMinutes(20));
        Assert.That(Ending.AllPatched(story.World), Is.True);
    }

    [Test]
    public void the_pause_is_not_counted_for_the_next_runs_window()
    {
        var story = new Story(new WorldOptions { Policy = s_pausing });
        story.About(story.A).UntilEnded();

        Assert.That(story.A.Disk.Last!.Paused, Is.GreaterThanOrEqualTo(s_pause));
        Assert.That(s_pausing.Estimate(story.A.Disk.Last), Is.LessThan(TimeSpan.FromMinutes(1)));
    }

    [Test]
    public void who_shortens_the_pause_ends_it()
    {
        var story = new Story(new WorldOptions { Policy = s_pausing with { Pause = TimeSpan.FromHours(20) } });
        story.About(story.A);
        Paused(story);
        story.World.Admin.ChangeParameters(s_pausing with { Pause = TimeSpan.Zero });

        story.UntilEnded();

        Assert.That((story.A.Disk.Last?.Verdict, story.Token.State), Is.EqualTo((Verdict.Patched, TokenState.Free)));
    }

    [Test]
    public void an_agent_that_is_disabled_in_the_pause_does_not_end_it()
    {
        var story = new Story(new WorldOptions { Policy = s_pausing });
        story.About(story.A);
        Paused(story);
        var began = story.World.Now;
        story.World.Admin.Disable(SimResources.Agent);

        story.Until(() => story.A.Disk.Last is not null, "it ends");

        Assert.That(story.World.Now - began, Is.GreaterThan(s_pause - TimeSpan.FromSeconds(1)));
        Assert.That(story.A.Disk.Last!.Verdict, Is.EqualTo(Verdict.Patched));
    }

    [Test]
    public void an_abort_in_the_pause_leaves_the_node_patched_and_halts()
    {
        var story = new Story(new WorldOptions { Policy = s_pausing });
        story.About(story.A);
        Paused(story);
        story.World.Admin.Abort(story.A);

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Aborted));
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
            Assert.That(story.A.PatchIsDue(), Is.False);
            Assert.That(story.A.AbortAsked, Is.False);
            Assert.That(story.World.Laws.Marks["phase Unstandby"], Is.EqualTo(1));
        }
    }

    [Test]
    public void a_token_that_is_taken_away_in_the_pause_ends_the_run_there_and_halts()
    {
        var story = new Story(new WorldOptions { Policy = s_pausing });
        story.About(story.A);
        Paused(story);
        story.World.Admin.EditToken(Token.Free.Text);

        story.UntilEnded();

        Assert.That((story.A.Disk.Last?.Verdict, story.Token.State, story.A.PatchIsDue()), Is.EqualTo((Verdict.TakenAway, TokenState.Halted, false)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void what_is_not_well_in_the_pause_halts_and_takes_nothing_away(bool kernel)
    {
        var story = new Story(new WorldOptions { Policy = s_pausing });
        story.About(story.A);
        Paused(story);
        if (kernel)
            story.A.Kernel.Warn();
        else
            story.A.HealthCheckSays = "exit code 1: orders are slow";

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Unhealthy));
            Assert.That(story.A.Disk.Last?.Why, Does.StartWith("not well in the pause: ").And.Contain(kernel ? "WARNING" : "orders are slow"));
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
            Assert.That(story.A.PatchIsDue(), Is.False);
            Assert.That(story.A.Disk.Boot.Modules, Is.Empty);
        }
    }

    [Test]
    public void health_that_cannot_be_seen_at_the_end_of_the_pause_is_waited_for_and_then_not_well()
    {
        var story = new Story(new WorldOptions { Policy = s_pausing });
        story.About(story.A);
        Paused(story);
        story.World.Faults = new Always("Health.Since", Fault.FailBefore);
        story.World.Run(s_pause + TimeSpan.FromSeconds(30));
        Assert.That(story.A.Worker.LastSaid, Does.StartWith("it cannot be seen whether the node is well: "));

        story.UntilEnded();

        Assert.That((story.A.Disk.Last?.Verdict, story.Token.State), Is.EqualTo((Verdict.Unhealthy, TokenState.Halted)));
    }

    [Test]
    public void a_patch_that_is_taken_away_in_the_pause_halts()
    {
        var story = new Story(new WorldOptions { Policy = s_pausing });
        story.About(story.A);
        Paused(story);
        story.A.Kernel.LoadAtBoot(SimDisk.Patch(2));

        story.UntilEnded();

        Assert.That((story.A.Disk.Last?.Verdict, story.Token.State), Is.EqualTo((Verdict.LoadRefused, TokenState.Halted)));
    }

    [Test]
    public void a_node_that_dies_in_the_pause_quarantines_the_patch_and_halts()
    {
        var story = new Story(new WorldOptions { Policy = s_pausing });
        story.About(story.A);
        Paused(story);
        story.A.PowerOff("panic under load");

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.NodeDown));
            Assert.That(story.A.Disk.Last?.Why, Does.Contain("in phase pause"));
            Assert.That(story.A.Disk.Quarantined, Has.Count.EqualTo(1));
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
        }
    }

    [Test]
    public void our_standby_that_comes_back_in_the_pause_is_cleared_and_the_pause_begins_anew()
    {
        var story = new Story(new WorldOptions { Policy = s_pausing });
        story.About(story.A);
        Paused(story);
        story.World.Run(TimeSpan.FromMinutes(1));
        story.World.Cluster.SetTransient(story.A, Standby.OurValue, Writer.Cluster);

        story.UntilEnded();

        Assert.That((story.A.Disk.Last?.Verdict, story.InOurStandby(story.A)), Is.EqualTo((Verdict.Patched, false)));
        Assert.That(story.A.Disk.Last!.Paused, Is.GreaterThan(s_pause + TimeSpan.FromSeconds(50)), "both parts of it");
    }

    private static SimNode Paused(Story story)
    {
        story.Until(() => story.World.Nodes.Exists(n => n.Disk.Journal?.Phase == Phase.Pause && n.Worker.LastSaid.Contains("pausing", StringComparison.Ordinal)), "a node pauses");
        return story.World.Nodes.Find(n => n.Disk.Journal?.Phase == Phase.Pause)!;
    }
}
