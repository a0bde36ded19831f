using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>Nodes that are drained by their health, and nodes that are not drained at all.</summary>
public sealed class DrainStories
{
    private static WorldOptions By(DrainMode drain) => new() { Policy = Timing.Policy with { Drain = drain } };

    [Test]
    public void where_nothing_is_drained_a_whole_rollout_moves_nothing()
    {
        var story = new Story(By(DrainMode.None));
        var before = Running(story);
        story.When(call => call.Port is "Cluster.SetMark" or "Cluster.ClearMark" or "Foresight.Drain", (_, call) => Fail($"{call.Port} is called"));

        story.Until(() => Ending.AllPatched(story.World), "all are patched");

        Assert.That(Running(story), Is.EqualTo(before));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("phase Standby").And.Not.Contain("phase Drain").And.Not.Contain("phase Unstandby"));
        Assert.That(story.World.Laws.Marks["load, drained by None"], Is.EqualTo(3));
    }

    [Test]
    public void a_package_is_installed_on_a_node_that_is_not_drained()
    {
        var story = new Story(By(DrainMode.None));
        story.About(story.A).A.Disk.Installed = SimDisk.Packaged(1);

        story.Until(() => Ending.AllPatched(story.World), "it is patched");

        Assert.That(story.World.Laws.Marks.Keys, Does.Contain("phase Install").And.Not.Contain("phase Standby"));
    }

    [Test]
    public void nothing_is_loaded_while_resources_move_although_nothing_is_to_be_drained()
    {
        var story = new Story(By(DrainMode.None));
        story.World.Cluster.Resources.WillNotStart.Add("vip");
        story.About(story.A).AtPhase(story.A, Phase.Load, world => world.Admin.StandbyOn(story.B));

        story.UntilPhase(story.A, Phase.Load).Until(() => story.A.Worker.LastSaid.Contains("moving resources", StringComparison.Ordinal), "it waits");
        story.Until(() => story.A.Disk.Last is { Verdict: Verdict.Patched }, "then it goes on");
    }

    [Test]
    public void a_cluster_that_does_not_come_to_rest_has_the_node_try_again_later()
    {
        var story = new Story(By(DrainMode.None));
        story.About(story.A).AtPhase(story.A, Phase.Load, world =>
        {
            world.Admin.StandbyOn(story.B);
            world.Faults = new Restless();
        });

        story.Until(() => story.A.Disk.Last is not null, "it gives up");
        Assert.That(story.A.Disk.Last!.Verdict, Is.EqualTo(Verdict.Refused));
        Assert.That(story.A.Disk.Last.Why, Does.Contain("drain.unsettled"));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("load"));
    }

    [Test]
    public void a_kernel_that_complains_parks_the_node_with_its_resources_and_says_so()
    {
        var story = new Story(By(DrainMode.None));
        story.About(story.A).A.NextLoad = LoadOutcome.WarnInSoak;
        var before = Running(story);

        story.UntilEnded();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Journal?.Phase, Is.EqualTo(Phase.Parked));
            Assert.That(story.A.Worker.LastSaid, Does.Contain("its resources are still active there (drain=none)"));
            Assert.That(story.Token.Why, Does.Contain("its resources are still active there"));
            Assert.That(Running(story), Is.EqualTo(before));
        }

        story.World.Admin.Abort(story.A);
        story.UntilEnded();
        Assert.That(story.A.Disk.Last, Has.Property(nameof(Run.Verdict)).EqualTo(Verdict.Unhealthy));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("phase Unstandby"));
    }

    [Test]
    public void a_node_that_goes_down_undrained_comes_back_without_the_patch()
    {
        var story = new Story(By(DrainMode.None));
        story.About(story.A).A.NextLoad = LoadOutcome.PanicInLoad;

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.NodeDown));
        Assert.That(story.A.Disk.Quarantined, Is.EqualTo(new[] { story.A.Disk.Installed!.BuildId }));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("phase Unstandby"));
    }

    [Test]
    public void an_abort_of_an_undrained_run_changes_nothing_but_the_token()
    {
        var story = new Story(By(DrainMode.None));
        story.About(story.A).AtPhase(story.A, Phase.Load, world => world.Admin.Abort(story.A));

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Aborted));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("load").And.Not.Contain("phase Unstandby"));
    }

    [Test]
    public void a_run_keeps_to_the_drain_with_which_it_began([Values] DrainMode before, [Values] DrainMode after)
    {
        var story = new Story(By(before));
        story.About(story.A).UntilPhase(story.A, Phase.Soak).World.Admin.ChangeParameters(story.World.Policy with { Drain = after });

        story.UntilEnded();

        Assert.That(story.A.Disk.Last, Has.Property(nameof(Run.Verdict)).EqualTo(Verdict.Patched));
        Assert.That(story.A.Disk.Last!.Policy.Drain, Is.EqualTo(before));
        Assert.That(story.A.Partition!.Cib.MarksOf(story.A.Name), Is.EqualTo(new DrainMarks(new Standby(null, null))));
    }

    [Test]
    public void a_node_found_in_the_administrators_standby_is_drained_by_that_whatever_the_parameter_says([Values] DrainMode drain)
    {
        var story = new Story(By(drain));
        story.World.Admin.StandbyOn(story.A);
        story.Until(() => story.A.Running.Count == 0, "it is drained by the administrator");
        story.A.Wanted = story.World.Options.Policy;
        story.A.Worker.Start();
        story.When(call => call.Node == story.A && call.Port is "Cluster.SetMark" or "Cluster.ClearMark", (_, call) => Fail($"{call.Port} is called"));

        story.Until(() => story.A.Disk.Last is not null, "the run there ends");

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));
        Assert.That(story.A.Partition!.Cib.InStandby(story.A.Name), Is.True);
        Assert.That(story.A.Disk.Last!.Drain, Is.EqualTo(DrainMode.Standby));
    }

    [Test]
    public void a_health_drain_leaves_the_agent_and_what_may_stay_where_they_are()
    {
        var story = new Story(By(DrainMode.Health));
        story.World.Admin.Configure("allows app", c => c with { MayBeOnUnhealthy = c.MayBeOnUnhealthy.Add("app") });
        var home = story.World.Nodes.Find(n => n.Running.ContainsKey("app"))!;
        story.About(home).UntilPhase(home, Phase.Soak);

        Assert.That(home.Running.Keys, Is.EquivalentTo(new[] { SimResources.Agent, "app" }));
        Assert.That(home.Partition!.Cib.Health[home.Name], Is.EqualTo("red"));
        Assert.That(home.Partition.Cib.Transient, Is.Empty);

        story.Until(() => Ending.AllPatched(story.World), "it is patched");
        Assert.That(home.Partition!.Cib.Health, Is.Empty);
        Assert.That(home.Running.Keys, Does.Contain("db"));
    }

    [Test]
    public void a_strategy_that_drains_nothing_refuses_and_the_next_one_is_taken()
    {
        var story = new Story(By(DrainMode.Health));
        story.World.Admin.Configure("sets no strategy", c => c with { HealthStrategy = "none" });

        story.Until(() => story.A.Disk.Last is not null, "it is refused");
        Assert.That(story.A.Disk.Last!.Why, Does.Contain("drain.health-strategy"));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("phase Standby"));

        story.World.Admin.UndoConfiguration();
        story.Until(() => Ending.AllPatched(story.World), "all are patched");
    }

    [Test]
    public void a_strategy_changed_in_mid_run_loads_nothing_and_leaves_no_mark()
    {
        var story = new Story(By(DrainMode.Health));
        story.About(story.A).AtPhase(story.A, Phase.Load, world => world.Admin.Configure("sets no strategy", c => c with { HealthStrategy = "none" }));

        story.Until(() => story.A.Disk.Last is not null, "the run ends");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last!.Verdict, Is.EqualTo(Verdict.Refused));
            Assert.That(story.A.Disk.Last.Why, Does.Contain("drain.health"));
            Assert.That(story.A.Partition!.Cib.Health, Is.Empty);
            Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("load"));
        }
    }

    [Test]
    public void a_health_mark_that_somebody_cleared_ends_the_run_without_a_load()
    {
        var story = new Story(By(DrainMode.Health));
        story.About(story.A).UntilPhase(story.A, Phase.Drain);
        story.World.Cluster.SetTransient(story.A, null, Writer.Administrator, DrainMarks.HealthAttribute);

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.TakenAway));
        Assert.That(story.A.Disk.Last?.Why, Does.Contain("no longer marked as unhealthy"));
        Assert.That(story.World.Laws.Marks.Keys, Does.Not.Contain("load"));
    }

    [Test]
    public void a_health_mark_that_cannot_be_set_ends_the_run()
    {
        var story = new Story(By(DrainMode.Health) with { StandbyLag = TimeSpan.FromMinutes(3) });

        story.About(story.A).Until(() => story.A.Disk.Last is not null, "it gives up");

        Assert.That(story.A.Disk.Last!.Verdict, Is.EqualTo(Verdict.DrainTooSlow));
        Assert.That(story.A.Disk.Last.Why, Does.Contain("#health-pcmk-kpatch could not be set"));
    }

    [Test]
    public void a_health_mark_lost_with_the_controller_and_remembered_by_the_attribute_daemon_is_deleted()
    {
        var story = new Story(By(DrainMode.Health));
        story.About(story.A).AtPhase(story.A, Phase.Soak, world => world.Cluster.LoseTransient(story.A));

        story.UntilEnded();
        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));

        story.A.Disk.Installed = SimDisk.Patch(2);
        story.Until(() => Ending.AllPatched(story.World), "the next run can mark the node again");
    }

    [Test]
    public void a_mark_that_is_back_is_deleted_before_the_token_is_given_back([Values(DrainMode.Standby, DrainMode.Health)] DrainMode kind, [Values] DrainMode drain)
    {
        var story = new Story(By(drain));
        story.World.Admin.Configure("sets no strategy", c => c with { HealthStrategy = drain == DrainMode.Health ? "migrate-on-red" : "none" });
        story.About(story.A).AtPhase(story.A, Phase.Confirm, world => world.Cluster.SetTransient(story.A, DrainMarks.ValueOf(kind), Writer.Cluster, DrainMarks.AttributeOf(kind)));

        story.UntilEnded();

        Assert.That(story.A.Partition!.Cib.MarksOf(story.A.Name).IsOurs, Is.False);
        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));
    }

    [TestCase(Phase.Drain)]
    [TestCase(Phase.Soak)]
    public void without_a_journal_a_health_mark_is_found_and_cleared_also_where_the_parameter_was_changed(Phase phase)
    {
        var story = new Story(By(DrainMode.Health));
        story.About(story.A).UntilPhase(story.A, phase);
        story.World.Policy = story.World.Policy with { Drain = DrainMode.None };
        story.A.Wanted = story.World.Policy;
        story.A.Disk.LoseJournal(damaged: false);

        story.UntilEnded();
        if (phase == Phase.Soak)
        {
            Assert.That(story.A.Disk.Journal?.Phase, Is.EqualTo(Phase.Parked));
            Assert.That(story.A.Worker.LastSaid, Does.Not.Contain("drain=none"), "who knows how it was drained");
            story.World.Admin.Abort(story.A);
            story.UntilEnded();
        }

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.JournalLost));
        Assert.That(story.A.Partition!.Cib.Health, Is.Empty);
    }

    [Test]
    public void a_health_mark_without_token_and_journal_is_found_and_cleared()
    {
        var story = new Story(By(DrainMode.Health));
        story.World.Nodes.ForEach(n => n.Disk.Installed = null);
        story.World.Laws.MarkLands(story.A, DrainMarks.HealthAttribute, "lost");
        story.World.Laws.TokenBroken(Token.Held(story.A.Name, "lost", story.A.BootId, story.World.MomentOn(story.A).Wall));
        story.World.Cluster.SetTransient(story.A, "red", Writer.Cluster, DrainMarks.HealthAttribute);
        story.A.Worker.Start();

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Why, Does.Contain("was found marked as unhealthy by us without a journal"));
        Assert.That(story.A.Partition!.Cib.Health, Is.Empty);
    }

    [Test]
    public void a_check_that_complains_on_a_node_that_is_not_drained_ends_the_run_before_the_load()
    {
        var story = new Story(new WorldOptions { Policy = Timing.Policy with { Drain = DrainMode.None, HealthCheck = "/usr/bin/check" } });
        story.About(story.A).A.Disk.Installed = SimDisk.Packaged(1);
        story.AtPhase(story.A, Phase.Install, _ => story.A.HealthCheckSays = "no");

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.LoadRefused));
        Assert.That(story.A.Disk.Last?.Why, Is.EqualTo("not loaded: /usr/bin/check is not content: no"));
    }

    [Test]
    public void a_node_that_is_not_well_at_the_end_of_an_undrained_run_halts()
    {
        var story = new Story(new WorldOptions { Policy = Timing.Policy with { Drain = DrainMode.None, HealthCheck = "/usr/bin/check" } });
        story.About(story.A).AtPhase(story.A, Phase.Confirm, _ => story.A.HealthCheckSays = "no");

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Unhealthy));
        Assert.That(story.A.Disk.Last?.Why, Does.StartWith("not well before the end of its run"));
    }

    private static Fault Fail(string why)
    {
        Assert.Fail(why);
        return Fault.None;
    }

    // Where everything runs, and as what.
    private static string Running(Story story) =>
        string.Join('\n', story.World.Nodes.Select(n => $"{n}: {string.Join(' ', n.Running.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key}={r.Value}"))}"));

    // While a run is about to load somebody has the cluster move something again and again.
    private sealed class Restless : IFaults
    {
        public Fault At(World world, PortCall call)
        {
            if (call.Port != "Cluster.See" || call.Node.Disk.Journal?.Phase != Phase.Load)
                return Fault.None;
            if (world.Nodes[1].Partition!.Cib.InStandby(world.Nodes[1].Name))
                world.Admin.StandbyOff(world.Nodes[1]);
            else
                world.Admin.StandbyOn(world.Nodes[1]);
            return Fault.None;
        }
    }
}
