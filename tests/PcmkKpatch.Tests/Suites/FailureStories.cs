using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>The failure table of the design, a story for each of its lines.</summary>
public sealed class FailureStories
{
    [Test]
    public void a_refused_load_comes_home_and_halts_the_rollout()
    {
        var story = new Story();
        story.A.NextLoad = story.B.NextLoad = LoadOutcome.Refuse;

        story.UntilEnded();

        var failed = story.World[story.Token.Node];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
            Assert.That(story.Token.Why, Does.Contain("Invalid module format"));
            Assert.That(failed.Disk.Last?.Verdict, Is.EqualTo(Verdict.LoadRefused));
            Assert.That(story.InOurStandby(failed), Is.False);
            Assert.That(story.World.Nodes.Count(n => n.Disk.Last is not null), Is.EqualTo(1), "only one node tried");
        }
    }

    [Test]
    public void a_module_that_a_refused_load_left_behind_is_removed()
    {
        var story = new Story();
        story.About(story.A);
        story.A.NextLoad = LoadOutcome.RefuseAndLeaveModule;

        story.UntilEnded();

        Assert.That(story.A.Kernel.View().Modules, Does.Not.Contain(story.A.Disk.Installed!.Name));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
    }

    [Test]
    public void a_stalled_patch_transition_is_reversed_and_halts_the_rollout()
    {
        var story = new Story();
        story.About(story.A);
        story.A.NextLoad = LoadOutcome.Stall;

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Stalled));
            Assert.That(story.A.Kernel.View().Patches, Is.Empty);
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
            Assert.That(story.InOurStandby(story.A), Is.False);
        }
    }

    [Test]
    public void a_reversal_that_stalls_parks_the_node_and_says_so_in_the_token()
    {
        var story = new Story();
        story.About(story.A);
        story.A.NextLoad = LoadOutcome.StallForGood;

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Parked));
            Assert.That(story.A.Disk.Journal?.Verdict, Is.EqualTo(Verdict.ReversalStalled));
            Assert.That(story.InOurStandby(story.A), Is.True);
        }
    }

    [Test]
    public void parked_keeps_token_and_standby_until_abort()
    {
        var story = new Story();
        story.About(story.A);
        story.A.NextLoad = LoadOutcome.Warn;
        story.UntilEnded();
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Parked));

        story.World.Run(TimeSpan.FromHours(1));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Parked));
        Assert.That(story.InOurStandby(story.A), Is.True);

        story.World.Admin.Abort(story.A);
        story.UntilEnded();
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
        Assert.That(story.InOurStandby(story.A), Is.False);
    }

    [Test]
    public void a_parked_node_that_is_rebooted_comes_home_and_halts()
    {
        var story = new Story();
        story.About(story.A);
        story.A.NextLoad = LoadOutcome.StallForGood;
        story.UntilEnded();

        story.A.PowerOff("a person resets it");
        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.NodeDown));
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
            Assert.That(story.InOurStandby(story.A), Is.False);
        }
    }

    [TestCase(LoadOutcome.PanicInLoad)]
    [TestCase(LoadOutcome.PanicSoon)]
    public void a_node_that_died_in_the_load_quarantines_the_patch_and_halts(LoadOutcome outcome)
    {
        var story = new Story();
        story.About(story.A);
        story.A.NextLoad = outcome;

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.BootCount, Is.EqualTo(2));
            Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.NodeDown));
            Assert.That(story.A.Disk.Quarantined, Is.EqualTo(new[] { story.A.Disk.Installed!.BuildId }));
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
        }

        // A person resumes without clearing the quarantine: the node is left alone, and tells why.
        story.World.Admin.Resume();
        story.UntilEnded();
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
        Assert.That(story.A.Worker.LastSaid, Does.Contain("patch.quarantined"));
    }

    [Test]
    public void a_drain_that_is_too_slow_comes_home_and_tries_again_later()
    {
        var story = new Story();
        story.About(story.A);
        story.World.Cluster.Resources.WillNotStop.Add("db");

        story.Until(() => story.A.Disk.Last is not null, "the run ends");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.DrainTooSlow));
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
            Assert.That(story.InOurStandby(story.A), Is.False);
        }

        story.World.Cluster.Resources.WillNotStop.Clear();
        story.World.Run(story.World.Options.Policy.RetryDelay - TimeSpan.FromSeconds(3));
        Assert.That(story.World.Laws.Marks["phase Standby"], Is.EqualTo(1), "not at once");
        Assert.That(story.A.Worker.LastSaid, Does.Contain("schedule.back-off"));
        story.Until(() => Ending.AllPatched(story.World), "it is patched at the next try");
    }

    [Test]
    public void resources_that_do_not_settle_halt_the_rollout()
    {
        var story = new Story();
        story.About(story.A);
        story.UntilPhase(story.A, Phase.Load);
        story.World.Cluster.Resources.WillNotStart.Add("db");

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.NotSettled));
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
            Assert.That(story.Token.Why, Does.Contain("db is active 2 of 3 times"));
        }
    }

    [TestCase(false, Verdict.Patched, TokenState.Free)]
    [TestCase(true, Verdict.Aborted, TokenState.Halted)]
    public void a_patch_transition_that_ends_in_the_last_moment_is_not_taken_back(bool aborted, Verdict verdict, TokenState token)
    {
        var story = new Story();
        story.About(story.A);
        story.A.NextLoad = LoadOutcome.Stall;
        story.AtPhase(story.A, Phase.Reverse, _ => story.A.Kernel.Finish(story.A.Disk.Installed!.Name));
        if (aborted)
        {
            story.Until(() => story.A.Kernel.InTransition, "the patch transition is under way");
            story.World.Admin.Abort(story.A);
        }

        story.UntilEnded();

        Assert.That((story.A.Disk.Last?.Verdict, story.Token.State, story.A.PatchIsDue()), Is.EqualTo((verdict, token, false)));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void a_journal_lost_with_a_node_that_died_in_the_load_does_not_lose_the_quarantine(bool released)
    {
        var story = new Story();
        story.About(story.A);
        story.A.NextLoad = LoadOutcome.PanicInLoad;
        story.Until(() => !story.A.PoweredOn, "it dies");
        story.A.Disk.LoseJournal(damaged: false);
        story.Until(() => story.World.Cluster.ViewOf(story.B).Node(story.A.Name)!.IsSafelyDown, "it is fenced");
        if (released)
            story.World.Admin.Release();

        story.UntilEnded();

        Assert.That(story.A.Disk.Quarantined, Is.EqualTo(new[] { story.A.Disk.Installed!.BuildId }));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
    }

    [Test]
    public void our_standby_that_comes_back_after_it_was_cleared_is_cleared_again()
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, Phase.Confirm, world => world.Cluster.SetTransient(story.A, Standby.OurValue, Writer.Cluster));

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));
        Assert.That(story.InOurStandby(story.A), Is.False);
    }

    [Test]
    public void a_lost_journal_before_the_load_comes_home_and_halts()
    {
        var story = new Story();
        story.About(story.A);
        story.UntilPhase(story.A, Phase.Drain);
        story.A.Disk.LoseJournal(damaged: false);

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.JournalLost));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
    }

    [Test]
    public void a_damaged_journal_in_the_patch_transition_parks_the_node()
    {
        var story = new Story();
        story.About(story.A);
        story.When(call => call.Port == "Kernel.See" && story.A.Kernel.InTransition, world =>
        {
            story.A.Disk.LoseJournal(damaged: true);
            // Whoever asked for that did not know what it would mean.
            world.Admin.Abort(story.A);
        });

        story.UntilEnded();

        Assert.That(story.Token.State, Is.EqualTo(TokenState.Parked));
        Assert.That(story.Token.Why, Does.Contain("damaged"));
        Assert.That(story.InOurStandby(story.A), Is.True);
    }

    [Test]
    public void a_worker_that_is_killed_when_it_has_taken_the_token_goes_on_with_it()
    {
        var story = new Story();
        story.About(story.A).When(call => call.Node == story.A && call.Port == "Token.Swap", (_, _) => Fault.CrashAfter);
        story.Until(() => story.Token.State == TokenState.Held, "it is taken");
        var taken = story.Token.Run;

        story.UntilEnded();

        Assert.That((story.A.Disk.Last?.Id, story.A.Disk.Last?.Verdict), Is.EqualTo((taken, Verdict.Patched)));
        Assert.That(story.A.Disk.Last?.Taken, Is.Not.Null);
    }

    // Somebody edited the token, so that nothing in the cluster tells any more that this node was at its kernel; then its journal was lost.
    private static Story UnjudgedPatch(Policy? policy = null)
    {
        var story = new Story(policy is null ? null : new WorldOptions { Policy = policy });
        story.About(story.A).UntilPhase(story.A, Phase.Soak);
        story.World.Admin.EditToken(Token.Free.Text);
        // Where the agent has not started again its parameters are not known, and the probation is as long as it is by default.
        story.Until(() => story.A is { Disk.Journal.Phase: Phase.Confirm, Wanted: not null }, "the agent is there again, and the run goes on");
        story.A.Disk.LoseJournal(damaged: false);
        return story.Until(() => story.A.Disk.Mark is { ProvedAt: not null }, "it is on probation");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void a_patch_that_no_run_has_judged_is_on_trial_until_its_probation_ends(bool noneIsWantedAfterARun)
    {
        var story = UnjudgedPatch(noneIsWantedAfterARun ? Timing.Policy with { Probation = TimeSpan.Zero } : null);

        story.A.PowerOff("a panic");
        story.UntilEnded();

        Assert.That(story.A.Disk.Quarantined, Is.EqualTo(new[] { story.A.Disk.Installed!.BuildId }));
    }

    [Test]
    public void an_orderly_reboot_ends_that_too_and_the_patch_is_loaded_again()
    {
        var story = UnjudgedPatch();

        story.A.Reboot();
        story.UntilEnded();

        Assert.That((story.A.Disk.Quarantined, story.A.PatchIsDue()), Is.EqualTo((Array.Empty<string>(), false)));
    }

    [Test]
    public void where_it_does_not_go_down_the_probation_is_over_after_a_while()
    {
        var story = UnjudgedPatch();

        story.Until(() => story.A.Disk.Mark is null, "its probation is over");

        Assert.That((story.A.Disk.Quarantined, story.A.PatchIsDue()), Is.EqualTo((Array.Empty<string>(), false)));
    }
}
