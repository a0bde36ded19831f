using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>What comes after a load: soak, rollback, boot, probation; and the package before it.</summary>
public sealed class KernelStories
{
    private static readonly Policy s_checked = Timing.Policy with { HealthCheck = "/usr/local/sbin/node-is-well" };

    [Test]
    public void a_function_that_is_probed_and_replaced_keeps_the_run_from_the_token_until_the_probe_ends()
    {
        var story = new Story();
        story.About(story.A).A.Kernel.Probes.Add(new Kprobe(SimKernel.Replaced, InItsCode: true));

        story.Until(() => story.A.Worker.LastSaid.Contains("kernel.kprobes", StringComparison.Ordinal), "the probe is told");
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
        story.A.Kernel.Probes.Clear();
        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));
    }

    [Test]
    public void a_probe_that_is_set_while_the_node_is_drained_keeps_the_patch_from_being_loaded()
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, Phase.Load, _ => story.A.Kernel.Probes.Add(new Kprobe(SimKernel.Replaced, InItsCode: true)));

        story.Until(() => story.A.Disk.Last is not null, "the run has ended");

        Assert.That((story.A.Disk.Last!.Verdict, story.A.PatchIsDue()), Is.EqualTo((Verdict.Refused, true)));
        Assert.That(story.A.Disk.Last.Why, Does.Contain("(kernel.kprobes)"));
    }

    [TestCase("", true)]
    [TestCase("kernel.unsupported=refuse", false)]
    [TestCase("kernel.unsupported=off", true)]
    public void a_kernel_that_the_vendor_does_not_support_weighs_what_the_administrator_says(string gates, bool patched)
    {
        var story = With(Timing.Policy with { Gates = gates });
        story.About(story.A).A.Kernel.Support = new KernelSupport(SupportState.Unsupported, "because");

        story.Until(() => patched ? !story.A.PatchIsDue() : story.A.Worker.LastSaid.Contains("kernel.unsupported", StringComparison.Ordinal), "the patch is in force, or the gate refuses");

        Assert.That(story.A.PatchIsDue(), Is.Not.EqualTo(patched));
    }

    [Test]
    public void a_good_patch_is_loaded_at_boot_from_then_on()
    {
        var story = new Story().UntilEnded();

        foreach (var node in story.World.Nodes)
            Assert.That(node.Disk.Boot, Has.Property("Enabled").True.And.Property("Modules").EqualTo(new[] { node.Disk.Installed }));
    }

    [Test]
    public void an_older_patch_is_not_loaded_at_boot_any_more()
    {
        var story = new Story();
        story.About(story.A).A.Disk.Boot.Modules.AddRange([SimDisk.Patch(2), SimDisk.Patch(9)]);
        story.A.Disk.Installed = SimDisk.Patch(10);

        story.UntilEnded();

        Assert.That(story.A.Disk.Boot.Modules, Is.EqualTo(new[] { story.A.Disk.Installed }));
    }

    [Test]
    public void a_newer_patch_that_is_loaded_at_boot_is_left_there_and_said()
    {
        var story = new Story();
        story.About(story.A).A.Disk.Boot.Modules.Add(SimDisk.Patch(2));

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.NotPersisted));
        Assert.That(story.A.Disk.Boot.Modules, Is.EqualTo(new[] { SimDisk.Patch(2) }));
    }

    [Test]
    public void where_nothing_shall_be_loaded_at_boot_nothing_is()
    {
        var story = With(Timing.Policy with { Persist = Persist.No }).UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));
        Assert.That(story.A.Disk.Boot.Modules, Is.Empty);
    }

    [Test]
    public void a_step_that_never_works_halts_with_the_patch_in_force_and_never_two_to_be_loaded_at_boot([Values] BootStep step)
    {
        var story = new Story();
        story.About(story.A).A.Disk.Boot.Modules.Add(SimDisk.Patch(0));
        story.A.Disk.Boot.FailsAt = step;

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.NotPersisted));
            Assert.That(story.A.Disk.Last?.Why, Does.Contain("No space left on device"));
            Assert.That(story.A.PatchIsDue(), Is.False);
            Assert.That(story.A.Disk.Boot.Modules, Is.EqualTo(step switch
            {
                BootStep.Stage or BootStep.Remove => [SimDisk.Patch(0)],
                BootStep.Commit => [],
                _ => new[] { story.A.Disk.Installed! },
            }));
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
        }
    }

    [Test]
    public void a_kernel_that_warns_while_it_is_watched_is_parked_and_nothing_is_loaded_at_boot()
    {
        var story = new Story();
        story.About(story.A).A.NextLoad = LoadOutcome.WarnInSoak;

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Journal, Has.Property("Phase").EqualTo(Phase.Parked).And.Property("Verdict").EqualTo(Verdict.Unhealthy));
            Assert.That(story.A.Disk.Journal?.Evidence, Has.Some.Contains("WARNING: CPU: 0"));
            Assert.That(story.InOurStandby(story.A), Is.True);
            Assert.That(story.A.Disk.Boot.Modules, Is.Empty);
        }
    }

    [Test]
    public void a_node_whose_health_cannot_be_read_is_not_taken_for_well()
    {
        var story = new Story(new WorldOptions { Faults = new Always("Health.Since", Fault.FailBefore) });
        story.About(story.A);

        story.UntilEnded();

        Assert.That(story.A.Disk.Journal, Has.Property("Phase").EqualTo(Phase.Parked).And.Property("Why").Contains("not known"));
    }

    [Test]
    public void a_node_of_which_the_administrators_check_complains_is_not_drained()
    {
        var story = With(s_checked);
        story.About(story.A).A.HealthCheckSays = "replication is behind";

        story.Until(() => story.A.Disk.Last is not null, "it has given up");

        Assert.That(story.A.Disk.Last, Has.Property("Verdict").EqualTo(Verdict.Refused).And.Property("Why").Contains("replication is behind"));
        Assert.That(story.A.Running, Is.Not.Empty);
        story.A.HealthCheckSays = null;
        story.Until(() => Ending.AllPatched(story.World), "it is patched when the check is content");
    }

    [Test]
    public void a_check_that_complains_on_the_drained_node_keeps_the_patch_out()
    {
        var story = With(s_checked);
        story.About(story.A).AtPhase(story.A, Phase.Drain, _ => story.A.HealthCheckSays = "a disk is missing");

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last, Has.Property("Verdict").EqualTo(Verdict.LoadRefused).And.Property("Why").Contains("a disk is missing"));
            Assert.That(story.A.Kernel.View().Patches, Is.Empty);
            Assert.That(story.InOurStandby(story.A), Is.False);
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
        }
    }

    [Test]
    public void a_node_that_does_not_reboot_though_it_was_told_to_is_parked()
    {
        var story = With(Timing.Policy with { Rollback = Rollback.Reboot });
        story.About(story.A).A.NextLoad = LoadOutcome.WarnInSoak;
        story.A.RebootHangs = true;

        story.UntilPhase(story.A, Phase.Rollback);
        story.World.Run(TimeSpan.FromMinutes(11));

        Assert.That(story.A.Disk.Journal, Has.Property("Phase").EqualTo(Phase.Parked).And.Property("Why").Contains("did not reboot"));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Parked));
        Assert.That(story.InOurStandby(story.A), Is.True);
    }

    [Test]
    public void a_patch_that_cannot_be_taken_out_again_leaves_the_node_parked()
    {
        var story = With(Timing.Policy with { Rollback = Rollback.Unload });
        story.About(story.A).A.NextLoad = LoadOutcome.WarnInSoak;
        story.A.NeverTurnsBack = true;

        story.UntilEnded();

        Assert.That(story.A.Disk.Journal, Has.Property("Phase").EqualTo(Phase.Parked).And.Property("Verdict").EqualTo(Verdict.ReversalStalled));
        Assert.That(story.A.Disk.Journal?.Why, Does.Contain("could not be taken out"));
    }

    [TestCase(Phase.Verify)]
    [TestCase(Phase.Soak)]
    public void a_patch_that_somebody_takes_back_after_the_load_leaves_the_node_parked(Phase phase)
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, phase, _ => story.A.Kernel.Disable(story.A.Disk.Installed!.Name));

        story.UntilEnded();

        Assert.That(story.A.Disk.Journal, Has.Property("Phase").EqualTo(Phase.Parked).And.Property("Why").Contains("somebody is taking"));
    }

    [Test]
    public void a_patch_that_somebody_takes_back_before_it_is_put_where_it_is_loaded_at_boot_is_not_put_there()
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, Phase.Persist, _ => story.A.Kernel.Disable(story.A.Disk.Installed!.Name));

        story.UntilEnded();

        Assert.That(story.A.Disk.Last, Has.Property("Verdict").EqualTo(Verdict.LoadRefused).And.Property("Why").Contains("gone again"));
        Assert.That(story.A.Disk.Boot.Modules, Is.Empty);
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
    }

    [Test]
    public void patches_of_which_none_can_be_chosen_are_told_and_nothing_begins()
    {
        var story = new Story();
        story.About(story.A).A.Disk.Unusable = new Refusal("patch.ambiguous", "two patches: which one is meant?", "name one");

        story.World.Run(TimeSpan.FromMinutes(1));

        Assert.That(story.A.Worker.LastSaid, Does.Contain("patch.ambiguous").And.Contain("name one"));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
    }

    [Test]
    public void without_a_service_that_loads_at_boot_a_patch_is_not_put_there_unless_that_is_asked_for()
    {
        var story = With(Timing.Policy with { Persist = Persist.Auto });
        story.World.Nodes.ForEach(node => node.Disk.Boot.ServiceInstalled = false);

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));
        Assert.That(story.A.Disk.Boot.Modules, Is.Empty);
    }

    [Test]
    public void without_a_service_that_loads_at_boot_nothing_begins_where_it_is_asked_for()
    {
        var story = With(Timing.Policy with { Persist = Persist.Yes });
        story.World.Nodes.ForEach(node => node.Disk.Boot.ServiceInstalled = false);

        story.World.Run(TimeSpan.FromMinutes(1));

        Assert.That(story.A.Worker.LastSaid, Does.Contain("patch.no-boot-service"));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
    }

    [Test]
    public void a_node_at_home_whose_health_cannot_be_read_is_looked_at_again()
    {
        var story = new Story();
        story.About(story.A).When(call => call.Port == "Health.Since" && call.Node.Disk.Journal?.Phase == Phase.Confirm, (_, _) => Fault.FailBefore);

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));
    }

    [Test]
    public void a_node_that_is_not_well_is_rebooted_where_that_is_wanted()
    {
        var story = With(Timing.Policy with { Rollback = Rollback.Reboot });
        story.About(story.A).A.NextLoad = LoadOutcome.WarnInSoak;

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.BootCount, Is.EqualTo(2));
            Assert.That(story.A.Disk.Last, Has.Property("Verdict").EqualTo(Verdict.Unhealthy).And.Property("Why").Contains("rebooted without the patch"));
            Assert.That(story.A.Disk.Quarantined, Is.EqualTo(new[] { story.A.Disk.Installed!.BuildId }));
            Assert.That(story.A.Kernel.View().Patches, Is.Empty);
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
        }
    }

    [Test]
    public void a_patch_that_cannot_be_turned_back_is_rebooted_away_where_that_is_wanted()
    {
        var story = With(Timing.Policy with { Rollback = Rollback.Reboot });
        story.About(story.A).A.NextLoad = LoadOutcome.StallForGood;

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.ReversalStalled));
        Assert.That(story.A.Kernel.InTransition, Is.False);
    }

    [Test]
    public void a_patch_taken_out_of_a_kernel_that_warned_leaves_the_node_parked()
    {
        var story = With(Timing.Policy with { Rollback = Rollback.Unload });
        story.About(story.A).A.NextLoad = LoadOutcome.WarnInSoak;

        story.UntilEnded();

        Assert.That(story.A.Kernel.View().Patches, Is.Empty);
        Assert.That(story.A.Disk.Journal, Has.Property("Phase").EqualTo(Phase.Parked).And.Property("Why").Contains("taken out again"));
    }

    [Test]
    public void a_crash_on_probation_quarantines_the_patch_everywhere_and_it_is_not_loaded_at_boot()
    {
        var story = new Story();
        story.About(story.A).A.NextLoad = LoadOutcome.PanicLate;
        story.Until(() => story.A.BootCount == 2 && story.A.Joined, "it comes back");

        story.B.Disk.Installed = story.A.Disk.Installed;
        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Boot.Modules, Is.Not.Empty, "it was persisted before");
            Assert.That(story.A.Kernel.View().Patches, Is.Empty);
            Assert.That(story.A.Disk.Quarantined, Is.Not.Empty);
            Assert.That(story.B.PatchIsDue(), Is.True);
            Assert.That(story.B.Worker.LastSaid, Does.Contain("patch.quarantined-elsewhere"));
        }
    }

    [Test]
    public void a_patch_on_probation_outlives_an_orderly_reboot()
    {
        var story = new Story();
        story.About(story.A).Until(() => story.A.Disk.Mark is { ProvedAt: not null }, "it is on probation");

        story.A.Reboot();
        story.Until(() => story.A.BootCount == 2 && story.A.Joined, "it comes back");

        Assert.That(story.A.Disk.Quarantined, Is.Empty);
        Assert.That(story.A.PatchIsDue(), Is.False, "kpatch.service loaded it");
    }

    [Test]
    public void a_packaged_patch_is_installed_on_the_drained_node()
    {
        var story = new Story();
        story.World.Nodes.ForEach(n => n.Disk.Installed = SimDisk.Packaged(1));
        story.When(call => call.Port == "Packages.Install", world => Assert.That(story.World.Nodes.Exists(n => n.Disk.Journal?.Phase == Phase.Install && n.Running.Count == 0), Is.True));

        story.UntilEnded();

        Assert.That(story.World.Nodes.TrueForAll(n => !n.PatchIsDue() && n.Disk.Installed!.Package is null), Is.True);
    }

    [Test]
    public void a_package_that_cannot_be_installed_brings_the_node_home_and_halts()
    {
        var story = new Story();
        story.About(story.A).A.Disk.Installed = SimDisk.Packaged(1);
        story.A.InstallFails = true;

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last, Has.Property("Verdict").EqualTo(Verdict.InstallFailed).And.Property("Why").Contains("the lock is held"));
            Assert.That(story.InOurStandby(story.A), Is.False);
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
        }
    }

    private static Story With(Policy policy) => new(new WorldOptions { Policy = policy });
}
