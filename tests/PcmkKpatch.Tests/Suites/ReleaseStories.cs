using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>A person releases the token of a node that is down, and the node comes back after all.</summary>
public sealed class ReleaseStories
{
    private static readonly Phase[] s_phases = [Phase.Standby, Phase.Drain, Phase.Load, Phase.Verify, Phase.Soak, Phase.Unstandby, Phase.Confirm, Phase.Persist];

    [TestCaseSource(nameof(s_phases))]
    public void a_released_holder_that_comes_back_ends_its_run_and_leaves_the_rollout_halted(Phase phase)
    {
        var story = DownIn(phase);
        var run = story.A.Disk.Journal!.Id;
        story.World.Admin.Release();
        Assert.That((story.Token.State, story.Token.Run, story.Token.Why), Is.EqualTo((TokenState.Halted, run, "released by a person")));

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.PoweredOn, "it came back");
            Assert.That(story.A.Disk.Last, Has.Property("Id").EqualTo(run).And.Property("Verdict").EqualTo(Verdict.TakenAway));
            Assert.That(story.A.Disk.Last?.Why, Does.Contain($"went down in phase {phase.ToString().ToLowerInvariant()}").And.Contain("the token was taken away"));
            Assert.That(story.Token.Why, Is.EqualTo("released by a person"), "the token is no longer this run's to change");
            Assert.That(story.InOurStandby(story.A), Is.False);
        }

        GoesOn(story);
    }

    [Test]
    public void a_run_that_went_down_as_it_gave_the_token_back_was_robbed_of_nothing()
    {
        var story = new Story();
        story.About(story.A).When(call => call.Node == story.A && call.Port == "Token.Swap" && story.A.Disk.Journal?.Phase == Phase.Release, (_, _) => Fault.PowerOffAfter);

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.NodeDown));
    }

    [Test]
    public void a_released_holder_that_died_in_the_load_still_quarantines_the_patch()
    {
        var story = new Story();
        story.About(story.A);
        story.A.NextLoad = LoadOutcome.PanicInLoad;
        story.Until(() => !story.A.PoweredOn, "it dies");
        UntilFenced(story);
        story.World.Admin.Release();

        story.UntilEnded();

        Assert.That(story.A.Disk.Quarantined, Is.EqualTo(new[] { story.A.Disk.Installed!.BuildId }));
        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.TakenAway));
        Assert.That(story.A.Disk.Last?.Why, Does.Contain("quarantined here"));
    }

    [Test]
    public void a_parked_holder_that_is_released_comes_home_and_nobody_is_told_a_second_time()
    {
        var story = new Story();
        story.About(story.A);
        story.A.NextLoad = LoadOutcome.Warn;
        story.UntilEnded();
        var why = story.Token.Why;
        story.A.PowerOff("power cut");
        UntilFenced(story);
        story.World.Admin.Release();
        Assert.That(story.Token.Why, Does.StartWith("released by a person; ").And.Contain(why[..40]), "why it was parked is not lost");

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.TakenAway));
        Assert.That(story.InOurStandby(story.A), Is.False);
    }

    // Its stack was stopped, as a person may do, and its worker is alive: to the cluster that is the same as a node without power.
    [TestCase(Phase.Standby)]
    [TestCase(Phase.Drain)]
    [TestCase(Phase.Load)]
    [TestCase(Phase.Soak)]
    public void a_released_holder_that_was_alive_changes_nothing_more(Phase phase)
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, phase, world => world.Cluster.Membership.StopStack(story.A));
        story.Until(() => story.A.Partition is null, "its stack is stopped");
        var loads = story.World.Laws.Marks.GetValueOrDefault("load");
        story.World.Admin.ReleaseUnseen();
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
        story.World.Run(TimeSpan.FromSeconds(5));
        story.World.Cluster.Join(story.A);

        story.UntilEnded();

        // In the soak nothing was left to do that needs the token: its kernel says that the patch is in force.
        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(phase == Phase.Soak ? Verdict.Patched : Verdict.TakenAway));
        Assert.That(story.World.Laws.Marks.GetValueOrDefault("load"), Is.EqualTo(loads), "nothing is loaded without the token");
        Assert.That(story.InOurStandby(story.A), Is.False);
    }

    [Test]
    public void a_patch_that_took_its_node_down_on_probation_is_quarantined_though_an_old_token_has_its_run_say_its_end_again()
    {
        var story = new Story();
        story.About(story.A).Until(() => story.Token.State == TokenState.Held, "it has the token");
        var held = story.Token;
        story.Until(() => story.A.Disk is { Journal: null, Last.Verdict: Verdict.Patched } && story.Token.State == TokenState.Free, "it is patched, and on probation");
        // In this order: the CIB on its disk has the old token, too, and that is what its worker reads first.
        story.World.Admin.EditToken(held.Text);
        story.A.PowerOff("panics");

        story.UntilEnded();

        Assert.That(story.A.Disk.Quarantined, Has.Count.EqualTo(1));
        Assert.That(story.Token.State, Is.Not.EqualTo(TokenState.Held));
    }

    // Nobody looks there: the agent is stopped by the standby.
    [TestCase(TokenState.Held)]
    [TestCase(TokenState.Parked)]
    public void an_old_token_of_a_node_in_the_administrators_standby_is_given_back_by_an_abort_there(TokenState state)
    {
        var story = new Story();
        story.A.NextLoad = state == TokenState.Parked ? LoadOutcome.Warn : LoadOutcome.Accept;
        story.About(story.A).Until(() => story.Token.State == state, "it has the token");
        var old = story.Token;
        if (state == TokenState.Parked)
            story.World.Admin.BringHome(story.A);
        story.UntilEnded();
        story.World.Admin.StandbyOn(story.A);
        story.Until(() => story.A.Wanted is null, "its agent is stopped");
        story.World.Admin.EditToken(old.Text);
        story.World.Run(TimeSpan.FromMinutes(1));
        Assert.That(story.Token, Is.EqualTo(old), "nobody notices");

        story.World.Admin.Abort(story.A);

        var ended = state == TokenState.Parked ? TokenState.Halted : TokenState.Free;
        story.Until(() => story.Token.State == ended && !story.A.Worker.Runs, "it is given back, as the run had ended");
        Assert.That(story.A.Partition!.Cib.InStandby(story.A.Name), "the standby is the administrator's");
    }

    [Test]
    public void a_holder_that_is_back_keeps_its_token()
    {
        var story = DownIn(Phase.Drain);
        story.Until(() => story.A.Joined, "it is back");

        story.World.Admin.ReleaseUnseen();

        Assert.That(story.Token.IsHeldOn(story.A.Name), "it puts its own run in order");
        story.UntilEnded();
        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.NodeDown));
    }

    [Test]
    public void a_holder_that_says_nothing_for_longer_than_a_run_takes_is_told_by_those_who_wait()
    {
        var story = new Story();
        story.World.Nodes[2].Disk.Installed = null;
        story.AtPhase(story.A, Phase.Drain, _ => story.A.Worker.Die());
        story.B.Disk.Installed = null;
        story.Until(() => story.A.Disk.Journal?.Phase == Phase.Drain && !story.A.Worker.Runs, "its worker is gone, with nobody to start it again");
        story.B.Disk.Installed = SimDisk.Patch(1);

        story.World.Run(TimeSpan.FromMinutes(1));
        Assert.That(story.B.Worker.LastSaid, Does.StartWith($"waiting for {story.A}"));
        story.World.Run(story.World.Options.Policy.LongestRun);

        Assert.That(story.B.Worker.LastSaid, Does.Contain("longer than a run takes").And.Contain($"pcmk-kpatch status on {story.A}"));
    }

    [TestCase("free")]
    [TestCase(null)]
    [TestCase("held by nobody knows whom")]
    public void a_failed_load_halts_the_rollout_though_its_token_was_taken_away(string? by)
    {
        var story = new Story();
        story.A.NextLoad = LoadOutcome.Refuse;
        story.About(story.A).AtPhase(story.A, Phase.Load, world => world.Admin.EditToken(by));
        story.Until(() => story.A.Disk.Journal?.Phase == Phase.Release || story.A.Disk.Last is not null, "it gives the token back");
        if (Token.Parse(by ?? "free").State == TokenState.Unreadable)
        {
            story.Until(() => story.A.Worker.LastSaid.Contains("as soon as a person has freed the token, whose text is not understood", StringComparison.Ordinal), "it waits, and says for what");
            story.World.Admin.EditToken("free");
        }

        story.UntilEnded();

        Assert.That((story.Token.State, story.Token.Node), Is.EqualTo((TokenState.Halted, story.A.Name)));
        Assert.That(story.A.Disk.Last?.Verdict.Halts(), Is.True);
        story.A.Disk.Installed = null;
        story.World.Admin.Resume();
        story.World.Run(TimeSpan.FromMinutes(1));
        Assert.That(story.Token, Is.EqualTo(Token.Free), "it is said once");
    }

    [Test]
    public void a_failed_load_halts_the_rollout_when_the_node_that_has_the_token_by_then_gives_it_back()
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, Phase.Load, world => world.Admin.EditToken(Token.Held(story.B.Name, "run-b", story.B.BootId, world.MomentOn(story.B).Wall).Text));
        story.Until(() => story.A.Worker.LastSaid.Contains($"as soon as {story.B}, which has the token now, gives it back", StringComparison.Ordinal), "it waits, and says for whom");

        story.UntilEnded();

        Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.TakenAway));
    }

    [Test]
    public void a_node_that_goes_down_while_it_waits_to_halt_the_rollout_has_it_halted_when_it_is_back()
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, Phase.Load, world => world.Admin.EditToken("held by nobody knows whom"));
        story.Until(() => story.A.Disk.Journal is { HaltOwed: true }, "it waits");
        story.A.PowerOff("power cut");
        story.World.Admin.EditToken("free");

        story.UntilEnded();

        Assert.That((story.Token.State, story.Token.Node), Is.EqualTo((TokenState.Halted, story.A.Name)));
    }

    private static Story DownIn(Phase phase)
    {
        var story = new Story(new WorldOptions { Policy = Timing.Policy with { Persist = Persist.Yes } });
        story.About(story.A).AtPhase(story.A, phase, _ => story.A.PowerOff("power cut"));
        story.Until(() => !story.A.PoweredOn, $"it goes down in {phase}");
        UntilFenced(story);
        return story;
    }

    private static void UntilFenced(Story story) =>
        story.Until(() => story.World.Cluster.ViewOf(story.B).Node(story.A.Name)!.IsSafelyDown, "it is fenced");

    private static void GoesOn(Story story)
    {
        story.World.Admin.MendKernel(story.A);
        story.World.Admin.Resume();
        story.Until(() => Ending.AllPatched(story.World), "the rollout goes on after a resume");
    }
}
