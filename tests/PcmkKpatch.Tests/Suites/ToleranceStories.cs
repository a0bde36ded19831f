using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>Failures that do not halt the rollout, how they are counted, and when a node tries again.</summary>
public sealed class ToleranceStories
{
    private static readonly string s_build = SimDisk.Patch(1).BuildId;
    private static readonly TimeSpan s_delay = Timing.Policy.RetryDelay;

    [TestCase(LoadOutcome.Refuse, Verdict.LoadRefused)]
    [TestCase(LoadOutcome.RefuseAndLeaveModule, Verdict.LoadRefused)]
    [TestCase(LoadOutcome.Stall, Verdict.Stalled)]
    public void a_failure_that_is_tolerated_frees_the_token_and_the_next_one_halts(LoadOutcome outcome, Verdict verdict)
    {
        var story = Tolerating(1);
        story.A.NextLoad = outcome;

        story.Until(() => story.A.Disk.Last is not null, "it fails");
        Assert.That((story.A.Disk.Last!.Verdict, story.A.Disk.Last.Tolerated), Is.EqualTo((verdict, true)));
        story.Until(() => story.World.Nodes.TrueForAll(n => n == story.A || !n.PatchIsDue()), "the others are patched");

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
            Assert.That(story.Token.Failures.Of(story.A.Name, s_build), Is.EqualTo(2));
            Assert.That((story.A.Disk.Last!.Verdict, story.A.Disk.Last.Tolerated), Is.EqualTo((verdict, false)));
            Assert.That(story.InOurStandby(story.A), Is.False);
        }
    }

    [Test]
    public void a_package_that_is_not_installed_is_tolerated_too()
    {
        var story = Tolerating(1);
        story.About(story.A);
        story.A.Disk.Installed = SimDisk.Packaged(1);
        story.A.InstallFails = true;
        Assert.That(story.World.RunUntil(() => story.A.Disk.Last is not null, TimeSpan.FromMinutes(15)), Is.True);
        Assert.That((story.A.Disk.Last!.Verdict, story.Token.State, story.Token.Failures.Of(s_build)), Is.EqualTo((Verdict.InstallFailed, TokenState.Free, 1)));
    }

    [Test]
    public void the_count_is_of_all_nodes_together()
    {
        var story = Tolerating(2);
        story.World.Nodes.ForEach(n => n.NextLoad = LoadOutcome.Refuse);

        story.UntilEnded();

        Assert.That((story.Token.State, story.Token.Failures.Of(s_build)), Is.EqualTo((TokenState.Halted, 3)));
        Assert.That(story.World.Laws.Marks["load"], Is.EqualTo(3));
    }

    [Test]
    public void what_failed_once_and_goes_well_then_is_patched_and_stays_counted_until_a_person_resumes()
    {
        var story = Tolerating(1);
        story.A.NextLoad = LoadOutcome.Refuse;
        story.Until(() => story.A.Disk.Last is not null, "it fails");
        story.A.NextLoad = LoadOutcome.Accept;

        story.Until(() => Ending.AllPatched(story.World), "all are patched");
        Assert.That(story.Token.Text, Is.EqualTo($"free failed=1:{s_build}:{story.A.Name}"));

        story.World.Admin.Resume();
        Assert.That(story.Token, Is.EqualTo(Token.Free));
    }

    [Test]
    public void a_failed_node_waits_twice_as_long_each_time()
    {
        var story = Tolerating(4);
        story.About(story.A).A.NextLoad = LoadOutcome.Refuse;
        var loads = new List<TimeSpan>();
        for (var delay = s_delay; delay <= 4 * s_delay; delay *= 2)
        {
            var before = story.A.Disk.Last;
            story.Until(() => !ReferenceEquals(story.A.Disk.Last, before), "it fails once more");
            loads.Add(story.World.Now);
            story.Until(() => story.Token.State == TokenState.Held, "it tries again");
            Assert.That(story.World.Now - loads[^1], Is.InRange(delay - TimeSpan.FromSeconds(1), delay + TimeSpan.FromSeconds(5)));
        }
    }

    [Test]
    public void a_node_that_is_refused_at_the_gate_waits_twice_as_long_each_time_but_not_for_ever_nor_with_other_parameters_or_another_build()
    {
        var story = new Story(new WorldOptions { Policy = Timing.Policy with { GateCommand = "/usr/local/sbin/may-i" } });
        story.About(story.A).A.GateCommandSays = "exit code 1: the backup is running";
        story.Until(() => story.A.Disk.Last?.Tries == 1, "it is refused");
        foreach (var (tries, delay) in ((int, TimeSpan)[])[(2, s_delay), (3, 2 * s_delay), (4, 4 * s_delay), (5, 4 * s_delay)])
        {
            var ended = story.World.Now;
            story.Until(() => story.A.Disk.Last?.Tries == tries, $"it is refused {tries} times");
            Assert.That(story.World.Now - ended, Is.InRange(delay - TimeSpan.FromSeconds(1), delay + TimeSpan.FromSeconds(5)));
        }

        // Who changes a parameter has mended something, perhaps.
        var changed = story.World.Now;
        story.World.Admin.ChangeParameters(story.World.Policy with { Soak = TimeSpan.FromSeconds(1) });
        story.Until(() => story.A.Disk.Last?.Tries == 1, "it is tried at once, and counted anew");
        Assert.That(story.World.Now - changed, Is.LessThan(s_delay));

        story.Until(() => story.A.Disk.Last?.Tries == 2, "it is refused twice");
        story.A.Disk.Installed = SimDisk.Patch(2);
        story.Until(() => story.A.Disk.Last?.Tries == 1, "it is counted anew");
        story.A.GateCommandSays = null;
        story.Until(() => Ending.AllPatched(story.World), "it is patched");
        Assert.That(story.A.Disk.Last!.Tries, Is.Zero);
    }

    [Test]
    public void another_build_begins_anew()
    {
        var story = Tolerating(1);
        story.About(story.A).A.NextLoad = LoadOutcome.Refuse;
        story.Until(() => story.Token.Failures.Of(s_build) == 1, "it fails");
        story.A.Disk.Installed = SimDisk.Patch(2);

        story.Until(() => story.Token.Failures.Of(SimDisk.Patch(2).BuildId) == 1, "the next one fails too");

        Assert.That((story.Token.State, story.Token.Failures.Of(s_build)), Is.EqualTo((TokenState.Free, 0)));
    }

    [Test]
    public void who_resumes_has_it_tried_at_once_and_counted_anew()
    {
        var story = Tolerating(1);
        story.About(story.A).A.NextLoad = LoadOutcome.Refuse;
        story.Until(() => story.A.Disk.Last is { Tolerated: true }, "it fails");
        story.World.Admin.Resume();
        var resumed = story.World.Now;

        story.Until(() => story.Token.State == TokenState.Held, "it tries again");

        Assert.That(story.World.Now - resumed, Is.LessThan(s_delay));
        story.Until(() => story.Token.State == TokenState.Free, "it fails again");
        Assert.That(story.Token.Failures.Of(s_build), Is.EqualTo(1));
    }

    [Test]
    public void who_tolerates_less_now_has_the_rollout_stopped_until_a_person_resumes_it()
    {
        var story = Tolerating(3);
        story.A.NextLoad = LoadOutcome.Refuse;
        story.Until(() => story.Token is { State: TokenState.Free } && story.Token.Failures.Of(s_build) > 0, "it fails");
        story.World.Admin.ChangeParameters(Timing.Policy);
        story.World.Run(TimeSpan.FromMinutes(5));
        Assert.That(story.World.Nodes.Exists(n => n.Worker.LastSaid.Contains("fleet.failures", StringComparison.Ordinal)), Is.True);
        Assert.That(story.World.Nodes.TrueForAll(n => n.StateAttribute!.StartsWith("needs attention: ", StringComparison.Ordinal) || !n.PatchIsDue()), Is.True);

        story.A.NextLoad = LoadOutcome.Accept;
        story.World.Admin.Resume();
        story.Until(() => Ending.AllPatched(story.World), "all are patched");
    }

    [TestCase(LoadOutcome.Warn, TokenState.Parked)]
    [TestCase(LoadOutcome.StallForGood, TokenState.Parked)]
    [TestCase(LoadOutcome.PanicInLoad, TokenState.Halted)]
    public void what_leaves_the_kernel_uncertain_or_the_node_down_is_never_tolerated(LoadOutcome outcome, TokenState token)
    {
        var story = Tolerating(9);
        story.About(story.A).A.NextLoad = outcome;

        story.UntilEnded();

        Assert.That((story.Token.State, story.Token.Failures), Is.EqualTo((token, Failures.None)));
    }

    [Test]
    public void nor_is_a_failed_load_whose_node_does_not_come_home_whole()
    {
        var story = Tolerating(9);
        story.About(story.A).A.NextLoad = LoadOutcome.Refuse;
        story.AtPhase(story.A, Phase.Load, world => world.Cluster.Resources.WillNotStart.Add("db"));

        story.UntilEnded();

        Assert.That((story.A.Disk.Last?.Verdict, story.Token.State), Is.EqualTo((Verdict.LoadRefused, TokenState.Halted)));
        Assert.That(story.Token.Why, Does.Contain("not settled"));
    }

    [Test]
    public void nor_is_a_failed_load_after_which_the_kernel_complains()
    {
        var story = Tolerating(9);
        story.About(story.A).A.NextLoad = LoadOutcome.Refuse;
        story.AtPhase(story.A, Phase.Release, _ => story.A.Kernel.Warn());

        story.UntilEnded();

        Assert.That((story.A.Disk.Last?.Verdict, story.Token.State), Is.EqualTo((Verdict.LoadRefused, TokenState.Halted)));
    }

    [Test]
    public void nor_is_a_patch_that_somebody_replaced()
    {
        var story = Tolerating(9);
        story.About(story.A).AtPhase(story.A, Phase.Confirm, _ => story.A.Kernel.LoadAtBoot(SimDisk.Patch(2)));

        story.UntilEnded();

        Assert.That((story.A.Disk.Last?.Verdict, story.Token.State), Is.EqualTo((Verdict.LoadRefused, TokenState.Halted)));
    }

    [TestCase(nameof(Fault.CrashBefore))]
    [TestCase(nameof(Fault.CrashAfter))]
    [TestCase(nameof(Fault.FailAfter))]
    public void a_failure_is_counted_once_whatever_becomes_of_the_write(string name)
    {
        var fault = Enum.Parse<Fault>(name);
        var story = Tolerating(5);
        story.About(story.A).A.NextLoad = LoadOutcome.Refuse;
        story.When(call => call.Port == "Token.Swap" && story.A.Disk.Journal?.Phase == Phase.Release, (_, _) => fault);

        story.Until(() => story.A.Disk.Last is not null, "it ends");

        Assert.That((story.Token.Failures.Of(s_build), story.A.Disk.Last!.Tolerated), Is.EqualTo((1, true)));
    }

    [Test]
    public void a_release_that_a_split_undoes_is_repeated_and_counted_once()
    {
        var story = Tolerating(5);
        story.About(story.A).A.NextLoad = LoadOutcome.Refuse;
        story.AtPhase(story.A, Phase.Release, world =>
        {
            world.Cluster.Membership.FencingFails = true;
            world.Cluster.Membership.Split([story.A]);
            world.Cluster.SetPermanent(story.B, story.B, "on", Writer.Administrator);
            world.Cluster.SetPermanent(story.B, story.B, null, Writer.Administrator);
        });
        story.World.After(TimeSpan.FromSeconds(13), story.World.Cluster.Membership.Heal);

        story.Until(() => story.A.Disk.Last is not null && story.Token.State == TokenState.Free, "it is given back");

        Assert.That((story.A.BootCount, story.World.Laws.Marks["token lost where partitions met"]), Is.EqualTo((1, 1)), "it is the same run that gives it back twice");
        Assert.That(story.Token.Failures.Of(story.A.Name, s_build), Is.EqualTo(1));
    }

    private static Story Tolerating(int failures) => new(new WorldOptions { Policy = Timing.Policy with { MaxFailures = failures } });
}
