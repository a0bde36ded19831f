using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;

namespace PcmkKpatch.Tests.Suites;

/// <summary>Other patches, and other hands, at the kernel that a run is about to patch.</summary>
public sealed class LoadStories
{
    [Test]
    public void a_cumulative_patch_replaces_the_older_one()
    {
        var story = new Story();
        story.About(story.A).A.Kernel.LoadAtBoot(SimDisk.Patch(9));
        story.A.Disk.Installed = SimDisk.Patch(10);

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));
        Assert.That(InForce(story.A), Is.EqualTo(new[] { SimDisk.Patch(10).Name }));
    }

    [Test]
    public void a_stalled_cumulative_patch_leaves_the_older_one_in_force()
    {
        var story = new Story();
        story.About(story.A).A.Kernel.LoadAtBoot(SimDisk.Patch(9));
        story.A.Disk.Installed = SimDisk.Patch(10);
        story.A.NextLoad = LoadOutcome.Stall;

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Stalled));
        Assert.That(InForce(story.A), Is.EqualTo(new[] { SimDisk.Patch(9).Name }));
    }

    [Test]
    public void a_newer_patch_in_force_than_the_installed_one_begins_no_run()
    {
        var story = new Story();
        story.About(story.A).A.Kernel.LoadAtBoot(SimDisk.Patch(2));

        story.UntilEnded();

        Assert.That(story.A.Disk.Last, Is.Null);
        Assert.That(InForce(story.A), Is.EqualTo(new[] { SimDisk.Patch(2).Name }));
    }

    [Test]
    public void a_newer_patch_that_somebody_loads_in_mid_run_is_not_replaced_by_the_older()
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, Phase.Load, _ => story.A.Kernel.LoadAtBoot(SimDisk.Patch(2)));

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Refused));
            Assert.That(InForce(story.A), Is.EqualTo(new[] { SimDisk.Patch(2).Name }));
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
            Assert.That(story.InOurStandby(story.A), Is.False);
        }
    }

    // A load of our own would be refused.
    [TestCase(Phase.Standby)]
    [TestCase(Phase.Drain)]
    [TestCase(Phase.Load)]
    public void the_same_patch_that_somebody_loads_in_mid_run_is_watched_and_not_loaded_again(Phase phase)
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, phase, _ => story.A.Kernel.LoadAtBoot(story.A.Disk.Installed!));
        story.A.NextLoad = LoadOutcome.Refuse;

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));
        Assert.That(InForce(story.A), Is.EqualTo(new[] { story.A.Disk.Installed!.Name }));
    }

    [TestCase(LoadOutcome.PanicSoon)]
    [TestCase(LoadOutcome.PanicLate)]
    public void the_same_patch_loaded_by_somebody_else_is_on_trial_too(LoadOutcome outcome)
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, Phase.Load, _ => story.A.Kernel.Load(story.A.Disk.Installed!));
        story.A.NextLoad = outcome;

        story.UntilEnded();

        Assert.That(story.A.Disk.Quarantined, Is.EqualTo(new[] { story.A.Disk.Installed!.BuildId }));
    }

    [Test]
    public void a_patch_transition_that_somebody_else_turns_back_halts()
    {
        var story = new Story();
        story.About(story.A).When(call => call.Node == story.A && story.A.Kernel.InTransition, _ => story.A.Kernel.Disable(story.A.Disk.Installed!.Name));

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Stalled));
        Assert.That(story.A.Disk.Last?.Why, Does.Contain("somebody else"));
        Assert.That(InForce(story.A), Is.Empty);
    }

    [Test]
    public void what_blocked_a_patch_transition_is_in_the_runs_record()
    {
        var story = new Story();
        story.About(story.A).A.NextLoad = LoadOutcome.Stall;

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Why, Does.Contain("1 task to go: init[1]"));
        Assert.That(story.A.Disk.Last?.Evidence, Has.One.StartsWith("not crossed over: init[1]"));
    }

    [Test]
    public void what_blocked_a_patch_transition_while_the_loader_waited_is_in_the_runs_record()
    {
        var story = new Story(new WorldOptions { Plant = (ports, _) => ports with { Kernel = new LoaderThatGaveUp(ports.Kernel) } });

        story.About(story.A).UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Stalled));
            Assert.That(story.A.Disk.Last?.Why, Is.EqualTo("kpatch: error: failed to load module kpatch (transition stalled)"));
            Assert.That(story.A.Disk.Last?.Evidence, Is.EqualTo(new[] { "not crossed over: daemon[8] in nfs_wait < schedule" }));
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
        }
    }

    private static string[] InForce(SimNode node) => [.. node.Kernel.View().Patches.Where(p => p.InForce).Select(p => p.Name)];

    // kpatch load waits, turns back, unloads, and only then answers.
    private sealed class LoaderThatGaveUp(IKernel inner) : ForwardingKernel(inner)
    {
        public override LoadAnswer Load(PatchModule module, Loader loader) =>
            new(false, "kpatch: error: failed to load module kpatch (transition stalled)", Stalled: true) { Blocked = new PatchTransition(1, [new Blocker(8, "daemon", ["nfs_wait", "schedule"])]) };
    }
}
