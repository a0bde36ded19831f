using System.Runtime.CompilerServices;
using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;

namespace PcmkKpatch.Tests.Suites;

/// <summary>
/// Stories as text: what happens, when, where, in the folder Transcripts, to be read before any code. A change of behaviour is a change of
/// these files; "make transcripts" writes them anew.
/// </summary>
public sealed class TranscriptTests
{
    [Test]
    public void a_patch_goes_through_two_nodes() => Told(new Story(new WorldOptions { Nodes = 2 }), _ => { });

    [Test]
    public void a_pause_lies_between_two_nodes() => Told(new Story(new WorldOptions { Nodes = 2, Policy = Timing.Policy with { Pause = TimeSpan.FromSeconds(30) } }), _ => { });

    [Test]
    public void a_drain_is_too_slow() => Told(AboutA(), story =>
    {
        story.World.Cluster.Resources.WillNotStop.Add("db");
        story.World.After(TimeSpan.FromSeconds(40), story.World.Admin.MendResources);
        story.Until(() => story.A.Disk.Last is not null, "it gives up");
    });

    [Test]
    public void a_load_is_refused() => Told(AboutA(LoadOutcome.Refuse), _ => { });

    [Test]
    public void a_load_that_is_refused_is_tolerated_once() => Told(new Story(new WorldOptions { Policy = Timing.Policy with { MaxFailures = 1, Order = "nodea" } }), story => story.A.NextLoad = LoadOutcome.Refuse);

    [Test]
    public void a_patch_transition_stalls_and_is_turned_back() => Told(AboutA(LoadOutcome.Stall), _ => { });

    [Test]
    public void a_patch_transition_that_cannot_be_turned_back_parks_the_node() => Told(AboutA(LoadOutcome.StallForGood), Parked);

    [Test]
    public void a_kernel_that_warns_parks_the_node_until_a_person_says_abort() => Told(AboutA(LoadOutcome.WarnInSoak), story =>
    {
        Parked(story);
        story.World.Admin.Abort(story.A);
    });

    [Test]
    public void a_kernel_that_warns_is_rebooted_where_that_is_wanted() =>
        Told(AboutA(LoadOutcome.WarnInSoak, Timing.Policy with { Rollback = Rollback.Reboot }), _ => { });

    [Test]
    public void a_worker_killed_in_the_load_goes_on_where_it_was() => Told(AboutA(), story => story.When(call => call.Port == "Kernel.Load", (_, _) => Fault.CrashAfter));

    [Test]
    public void a_node_that_panics_in_the_load_comes_home_without_the_patch() => Told(AboutA(LoadOutcome.PanicInLoad), _ => { });

    [Test]
    public void a_node_that_panics_on_probation_speaks_against_the_patch() => Told(new Story(new WorldOptions { Nodes = 2 }), story => story.A.NextLoad = LoadOutcome.PanicLate);

    [Test]
    public void a_stop_that_fails_has_the_node_fenced_in_the_drain() => Told(AboutA(), story => story.World.Cluster.Resources.StopWillFail.Add("db"));

    [Test]
    public void a_split_of_two_nodes_right_at_the_take() => Told(new Story(new WorldOptions { Nodes = 2 }), story =>
    {
        story.When(call => call.Port == "Token.Swap", world => world.Cluster.Membership.Split([story.A]));
        story.World.After(TimeSpan.FromSeconds(30), story.World.Cluster.Membership.Heal);
    });

    [Test]
    public void a_release_on_the_losing_side_of_a_split_is_repeated() => Told(AboutA(), story =>
    {
        story.AtPhase(story.A, Phase.Release, world =>
        {
            world.Cluster.Membership.Split([story.A]);
            world.Cluster.SetPermanent(story.B, story.B, "on", Writer.Administrator);
            world.Cluster.SetPermanent(story.B, story.B, null, Writer.Administrator);
        });
        story.World.After(TimeSpan.FromSeconds(13), story.World.Cluster.Membership.Heal);
    });

    [Test]
    public void an_administrators_standby_in_mid_run_stays() => Told(AboutA(), story => story.AtPhase(story.A, Phase.Drain, world => world.Admin.StandbyOn(story.A)));

    [Test]
    public void a_parked_node_whose_token_was_freed_by_hand_says_so_again() => Told(AboutA(LoadOutcome.Warn), story =>
    {
        Parked(story);
        story.World.Admin.EditToken(Token.Free.Text);
    });

    [Test]
    public void an_old_configuration_brings_back_the_token_of_a_run_that_has_ended() => Told(AboutA(), story =>
    {
        Configuration? old = null;
        story.AtPhase(story.A, Phase.Drain, _ => old = story.A.Partition!.Cib.Configuration);
        story.Until(() => story.A.Disk.Last is not null && story.Token.State == TokenState.Free, "it is patched");
        story.World.Admin.Push(old!);
    });

    [Test]
    public void a_patch_that_is_replaced_on_the_way_home_is_not_reported_as_in_force() => Told(AboutA(), story =>
        story.AtPhase(story.A, Phase.Confirm, _ => story.A.Kernel.LoadAtBoot(SimDisk.Patch(2))));

    [Test]
    public void a_journal_lost_in_the_patch_transition_parks_the_node() => Told(AboutA(LoadOutcome.Stall), story =>
    {
        story.Until(() => story.A.Kernel.InTransition, "the patch transition is under way");
        story.A.Disk.LoseJournal(damaged: true);
    });

    [Test]
    public void a_patch_goes_through_two_nodes_of_which_none_is_drained() => Told(new Story(new WorldOptions { Nodes = 2, Policy = Timing.Policy with { Drain = DrainMode.None } }), _ => { });

    [Test]
    public void a_patch_goes_through_two_nodes_that_are_drained_by_their_health() => Told(new Story(new WorldOptions { Nodes = 2, Policy = Timing.Policy with { Drain = DrainMode.Health } }), _ => { });

    [Test]
    public void a_rehearsal_goes_through_three_nodes_and_then_the_patch_that_is_due() => Told(new Story(), story => story.World.Admin.Rehearse());

    [Test]
    public void a_rehearsal_that_is_called_off_in_the_drain_ends_at_home() => Told(WithoutPatch(), story =>
    {
        story.World.Admin.Rehearse();
        story.AtPhase(story.B, Phase.Drain, world => world.Admin.CancelRehearsal());
    });

    [Test]
    public void a_node_that_goes_down_in_a_rehearsal_halts_it_and_a_person_has_it_go_on() => Told(WithoutPatch(), story =>
    {
        story.World.Admin.Rehearse();
        story.AtPhase(story.B, Phase.Drain, _ => story.World.After(TimeSpan.Zero, () => story.B.PowerOff("a power cut")));
        story.UntilEnded();
        story.World.Admin.Resume();
    });

    private static Story WithoutPatch()
    {
        var story = new Story();
        story.World.Nodes.ForEach(node => node.Disk.Installed = null);
        return story;
    }

    private static Story AboutA(LoadOutcome outcome = LoadOutcome.Accept, Policy? policy = null)
    {
        var story = new Story(new WorldOptions { Policy = policy ?? Timing.Policy });
        story.About(story.A).A.NextLoad = outcome;
        return story;
    }

    private static void Parked(Story story) => story.Until(() => story.A.Disk.Journal?.Phase == Phase.Parked && story.Token.State == TokenState.Parked, "it is parked");

    private static void Told(Story story, Action<Story> tell, [CallerMemberName] string name = "")
    {
        var transcript = story.World.Laws.WriteDown();
        tell(story);
        story.UntilEnded();
        var text = $"{name.Replace('_', ' ')}\n\n{transcript}";
        var golden = Path.Combine(TestContext.CurrentContext.TestDirectory, "Suites", "Transcripts", name + ".txt");
        if (Environment.GetEnvironmentVariable("PCMK_KPATCH_REWRITE") is { Length: > 0 } folder)
            File.WriteAllText(Path.Combine(folder, name + ".txt"), text);
        else
            Assert.That(text, Is.EqualTo(File.ReadAllText(golden)));
    }
}
