using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>What people do beside the program: standby, abort, resume, taking the token, changing the patch.</summary>
public sealed class PeopleStories
{
    [Test]
    public void leaves_a_node_in_the_administrators_standby_as_found()
    {
        var story = new Story();
        story.World.Admin.StandbyOn(story.A);
        story.Until(() => story.A.Running.Count == 0, "it is drained by the administrator");
        // The agent does not run there; a person starts the worker by hand.
        story.A.Wanted = story.World.Options.Policy;
        story.A.Worker.Start();

        story.Until(() => story.A.Disk.Last is not null, "the run there ends");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));
            Assert.That(story.A.Partition!.Cib.Configuration.Standby[story.A.Name], Is.EqualTo("on"));
            Assert.That(story.A.Partition.Cib.Transient, Does.Not.ContainKey(story.A.Name));
        }
    }

    [Test]
    public void does_not_begin_on_a_node_where_standby_stopped_the_agent()
    {
        var story = new Story();
        story.World.Admin.StandbyOn(story.A);
        story.When(call => call.Port == "Token.Swap" && call.Node == story.A, _ => Assert.Fail("it takes the token"));

        story.Until(() => !story.B.PatchIsDue() && story.Token.State == TokenState.Free, "the other node is patched");

        Assert.That(story.A.PatchIsDue(), Is.True);
    }

    [Test]
    public void an_agent_that_is_stopped_and_started_again_waits_for_nothing()
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, Phase.Gate, _ => story.A.AgentStopped());
        story.Until(() => story.A.Disk.Last is { Verdict: Verdict.AgentStopped }, "the run at the gate gives up");
        var began = story.World.Now;

        story.A.AgentStarted();
        story.Until(() => !story.A.PatchIsDue(), "it is patched");

        Assert.That(story.World.Now - began, Is.LessThan(story.World.Options.Policy.RetryDelay));
    }

    [Test]
    public void a_standby_set_by_the_administrator_in_mid_run_stays()
    {
        var story = new Story();
        story.About(story.A).UntilPhase(story.A, Phase.Drain);
        story.World.Admin.StandbyOn(story.A);

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));
            Assert.That(story.InOurStandby(story.A), Is.False);
            Assert.That(story.A.Partition!.Cib.InStandby(story.A.Name), Is.True);
        }
    }

    [Test]
    public void where_the_administrator_was_faster_with_a_standby_none_of_ours_is_set()
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, Phase.Standby, world => world.Admin.StandbyOn(story.A));

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));
        Assert.That(story.A.Partition!.Cib.Transient, Does.Not.ContainKey(story.A.Name));
        Assert.That(story.A.Partition.Cib.InStandby(story.A.Name), Is.True);
    }

    [Test]
    public void a_transient_standby_of_the_administrator_is_told_from_ours_and_stays()
    {
        var story = new Story();
        story.About(story.A).UntilPhase(story.A, Phase.Drain);
        story.World.Admin.TransientStandbyOn(story.A);

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));
        Assert.That(story.A.Partition!.Cib.Transient[story.A.Name], Is.EqualTo("on"));
    }

    [Test]
    public void a_standby_that_somebody_cleared_ends_the_run_without_a_load()
    {
        var story = new Story();
        story.About(story.A).UntilPhase(story.A, Phase.Drain);
        story.World.Cluster.SetTransient(story.A, null, Writer.Administrator);

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.TakenAway));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("load"));
    }

    [TestCase(Phase.Gate)]
    [TestCase(Phase.Standby)]
    [TestCase(Phase.Drain)]
    public void an_aborted_run_goes_home_and_halts(Phase phase)
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, phase, world => world.Admin.Abort(story.A));

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Aborted));
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
            Assert.That(story.InOurStandby(story.A), Is.False);
            Assert.That(story.A.AbortAsked, Is.False, "it is carried out once");
            Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("load"));
        }
    }

    [Test]
    public void an_abort_in_the_patch_transition_turns_it_back()
    {
        var story = new Story();
        story.About(story.A).Until(() => story.A.Kernel.InTransition, "the patch transition is under way");
        story.World.Admin.Abort(story.A);

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Aborted));
        Assert.That(story.A.PatchIsDue(), Is.True);
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
    }

    [Test]
    public void an_abort_asked_for_before_the_node_was_parked_does_not_bring_it_home()
    {
        var story = new Story();
        story.About(story.A);
        story.A.NextLoad = LoadOutcome.StallForGood;
        story.UntilPhase(story.A, Phase.Reverse);
        story.World.Admin.Abort(story.A);

        story.UntilEnded();
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Parked));

        story.World.Admin.Abort(story.A);
        story.UntilEnded();
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
    }

    [Test]
    public void a_run_whose_token_was_taken_away_loads_nothing_and_goes_home()
    {
        var story = new Story();
        story.About(story.A).UntilPhase(story.A, Phase.Drain);
        story.World.Laws.TokenBroken(story.Token);
        story.World.Cluster.WriteToken(story.A.Partition!, Token.Free.Text);
        story.A.Disk.Installed = null;

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.TakenAway));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("load"));
    }

    [Test]
    public void a_token_taken_away_at_the_gate_leaves_the_node_untouched()
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, Phase.Gate, world =>
        {
            world.Laws.TokenBroken(story.Token);
            world.Cluster.WriteToken(story.A.Partition!, Token.Free.Text);
            story.A.Disk.Installed = null;
        });

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.TakenAway));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("phase Standby"));
    }

    [Test]
    public void a_patch_file_replaced_in_mid_run_is_not_loaded_in_that_run()
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, Phase.Load, _ => story.A.Disk.Installed = SimDisk.Patch(2));

        story.Until(() => story.A.Disk.Last is not null, "the run ends");
        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Refused));
        Assert.That(story.A.Disk.Last?.Why, Does.Contain("patch.changed"));

        story.Until(() => Ending.AllPatched(story.World), "the next run loads the new one");
    }

    [Test]
    public void a_second_patch_is_rolled_over_the_first_one()
    {
        var story = new Story();
        story.Until(() => Ending.AllPatched(story.World), "the first patch is in force everywhere");
        story.World.Nodes.ForEach(n => n.Disk.Installed = SimDisk.Patch(2));

        story.Until(() => Ending.AllPatched(story.World), "the second patch is in force everywhere");

        // A package taken back to the older patch does not take the kernel back.
        story.World.Nodes.ForEach(n => n.Disk.Installed = SimDisk.Patch(1));
        Assert.That(story.World.Nodes.TrueForAll(n => !n.PatchIsDue()));
    }

    [Test]
    public void a_halted_rollout_goes_on_when_a_person_resumes_it()
    {
        var story = new Story();
        story.A.NextLoad = story.B.NextLoad = story.World.Nodes[2].NextLoad = LoadOutcome.Refuse;
        story.UntilEnded();
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));

        story.World.Nodes.ForEach(n => n.NextLoad = LoadOutcome.Accept);
        story.World.Admin.Resume();

        story.Until(() => Ending.AllPatched(story.World), "all are patched");
    }
}
