using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Notices;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;

namespace PcmkKpatch.Tests.Suites;

/// <summary>What people are told of a rollout, and how often.</summary>
public sealed class NoticeStories
{
    private static readonly Event[] s_good = [Event.RunBegan, Event.NodeDrained, Event.PatchInForce, Event.NodePatched];

    [TestCase(DrainMode.Standby)]
    [TestCase(DrainMode.Health)]
    public void a_good_run_is_told_from_its_beginning_to_its_end_and_the_last_node_says_that_it_is_done(DrainMode drain)
    {
        var story = new Story(new WorldOptions { Policy = Timing.Policy with { Drain = drain } });

        story.UntilEnded();

        var last = story.World.Nodes.MaxBy(node => node.Disk.Last!.Ended)!;
        foreach (var node in story.World.Nodes)
            Assert.That(Told(node), Is.EqualTo(node == last ? [.. s_good, Event.FleetPatched] : s_good), node.Name);
        Assert.That(last.Worker.Told.Select(notice => (notice.Node, notice.Run?.Id)).Distinct(), Is.EqualTo(new[] { (last.Name, last.Disk.Last!.Id) }));
    }

    [Test]
    public void where_nothing_is_drained_no_drain_is_told()
    {
        var story = new Story(new WorldOptions { Policy = Timing.Policy with { Drain = DrainMode.None } });

        story.UntilEnded();

        Assert.That(Told(story.A), Is.SubsetOf(Events.All.Select(entry => entry.Event)).And.Not.Contains(Event.NodeDrained).And.SupersetOf(new[] { Event.RunBegan, Event.PatchInForce, Event.NodePatched }));
    }

    [Test]
    public void a_cluster_in_which_a_node_has_no_such_patch_is_not_said_to_be_done()
    {
        var story = new Story();
        story.About(story.A).UntilEnded();

        Assert.That(Told(story.A), Is.EqualTo(s_good));
    }

    [Test]
    public void a_failed_load_halts_and_only_its_own_node_tells_that()
    {
        var story = new Story();
        story.World.Nodes.ForEach(node => node.NextLoad = LoadOutcome.Refuse);

        story.UntilEnded();
        story.World.Run(TimeSpan.FromMinutes(10));

        var failed = story.World[story.Token.Node];
        Assert.That(Told(failed).SkipLast(1), Is.EqualTo(new[] { Event.RunBegan, Event.NodeDrained }));
        Assert.That(failed.Worker.Told[^1], Has.Property(nameof(Notice.Why)).Contains("Invalid module format").And.Property(nameof(Notice.Entry)).EqualTo(Events.Of(Event.RolloutHalted)));
        Assert.That(story.World.Nodes.Where(node => node != failed).SelectMany(Told), Is.Empty);
    }

    [Test]
    public void a_failure_that_is_tolerated_is_one_and_halts_nothing()
    {
        var story = new Story(new WorldOptions { Policy = Timing.Policy with { MaxFailures = 1 } });
        story.About(story.A).A.NextLoad = LoadOutcome.Refuse;

        story.UntilEnded();

        Assert.That(Told(story.A), Is.EqualTo(new[] { Event.RunBegan, Event.NodeDrained, Event.RunFailed, Event.RunBegan, Event.NodeDrained, Event.RolloutHalted }));
    }

    [Test]
    public void a_parked_node_says_so_once_and_that_it_is_halted_when_a_person_has_it_go_home()
    {
        var story = new Story();
        story.About(story.A).A.NextLoad = LoadOutcome.WarnInSoak;
        story.Until(() => story.A.Disk.Journal?.Phase == Phase.Parked && story.Token.State == TokenState.Parked, "it is parked");
        story.World.Run(TimeSpan.FromMinutes(10));
        story.World.Admin.Abort(story.A);

        story.UntilEnded();

        Assert.That(Told(story.A), Is.EqualTo(new[] { Event.RunBegan, Event.NodeDrained, Event.PatchInForce, Event.NodeParked, Event.RolloutHalted }));
    }

    [Test]
    public void a_node_that_goes_down_in_the_load_says_so_when_it_is_back()
    {
        var story = new Story();
        story.About(story.A).A.NextLoad = LoadOutcome.PanicInLoad;

        story.UntilEnded();

        // In the end the patch is due again, and refused: by its own quarantine, which wants a person.
        Assert.That(Told(story.A), Is.EqualTo(new[] { Event.RunBegan, Event.NodeDrained, Event.NodeWentDown, Event.RolloutHalted, Event.PersonNeeded }));
    }

    [Test]
    public void a_run_that_is_refused_again_and_again_for_the_same_reason_is_told_once_and_has_not_begun()
    {
        var story = new Story(new WorldOptions { Policy = Timing.Policy with { GateCommand = "/usr/local/sbin/may-i" } });
        story.About(story.A).A.GateCommandSays = "exit code 1: the backup is running";

        Assert.That(story.World.RunUntil(() => story.A.Disk.Last?.Tries > 2, TimeSpan.FromHours(3)), Is.True);

        Assert.That(Told(story.A), Is.EqualTo(new[] { Event.RunPutOff }));
    }

    [Test]
    public void a_patch_that_cannot_be_used_wants_a_person()
    {
        var story = new Story();
        story.About(story.A).A.Disk.Unusable = new Refusal("patch.unreadable", "it is no module", "look at it");
        story.World.Run(TimeSpan.FromMinutes(10));

        Assert.That(Told(story.A), Is.EqualTo(new[] { Event.PersonNeeded }));
    }

    [Test]
    public void a_rehearsal_is_told_as_one()
    {
        var story = RehearsalWorld.WishedOfA();

        story.Until(() => story.A.Disk.HasRehearsed(RehearsalWorld.First), "it went through it");

        Assert.That(Told(story.A), Is.EqualTo(new[] { Event.RunBegan, Event.NodeDrained, Event.NodeRehearsed }));
        Assert.That(story.A.Worker.Told, Has.All.Property(nameof(Notice.Run)).Property(nameof(Run.Rehearsal)).Property(nameof(RehearsalNotes.Id)).EqualTo(RehearsalWorld.First));
    }

    [Test]
    public void an_end_that_is_said_again_was_told_of_before()
    {
        var story = new Story();
        story.About(story.A);
        Configuration? old = null;
        story.AtPhase(story.A, Phase.Drain, _ => old = story.A.Partition!.Cib.Configuration);
        story.Until(() => story.A.Disk.Last is not null && story.Token.State == TokenState.Free, "it is patched");
        story.World.Admin.Push(old!);

        story.UntilEnded();

        Assert.That(Told(story.A), Is.EqualTo(s_good));
    }

    private static List<Event> Told(SimNode node) => [.. node.Worker.Told.Select(notice => notice.Entry.Event)];
}
