using NUnit.Framework;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;

namespace PcmkKpatch.Tests.Suites;

/// <summary>What a run notes of itself for people: its phases, what it moved, who had it started.</summary>
public sealed class RecordStories
{
    private static Phase[] PhasesOf(Run run) => [.. run.Timeline.Select(start => start.Phase)];

    [Test]
    public void a_good_run_notes_each_phase_once_in_the_order_of_the_calendar_and_what_it_moved()
    {
        var story = new Story();
        story.UntilEnded();

        var ended = story.World.Nodes.Select(node => node.Disk.Last!).ToList();
        using (Assert.EnterMultipleScope())
        {
            foreach (var run in ended)
            {
                Assert.That(
                    PhasesOf(run),
                    Is.EqualTo((Phase[])[Phase.Acquire, Phase.Gate, Phase.Standby, Phase.Drain, Phase.Load, Phase.Verify, Phase.Soak, Phase.Unstandby, Phase.Confirm, Phase.Persist, Phase.Release]), run.Node);
                Assert.That(run.Timeline.Select(start => start.At), Is.Ordered);
                Assert.That((run.Timeline[0].At, run.StartedBy), Is.EqualTo((run.Started, "the agent")));
                Assert.That((run.Moves!.Drain, run.Moves.Home), Is.Not.EqualTo(((TimeSpan?)null, (TimeSpan?)null)));
            }

            Assert.That(ended.SelectMany(run => run.Moves!.Moved.Select(move => move.Resource)), Does.Contain("vip"));
            Assert.That(ended.SelectMany(run => run.Moves!.Moved.Where(move => move.Node == run.Node)), Is.Empty);
        }
    }

    [Test]
    public void a_worker_that_is_killed_when_it_has_journalled_a_phase_notes_none_twice([Range(1, 10)] int time)
    {
        var story = new Story();
        story.About(story.A);
        var written = 0;
        story.When(call => call.Node == story.A && call.Port == "Journal.Write" && ++written == time, (_, _) => Fault.CrashAfter);
        story.UntilEnded();

        Assert.That(written, Is.GreaterThanOrEqualTo(time));
        Assert.That(PhasesOf(story.A.Disk.Last!), Is.Unique.And.Length.EqualTo(11));
    }

    [Test]
    public void a_node_that_goes_down_in_its_load_goes_on_in_the_same_record()
    {
        var story = new Story();
        story.About(story.A);
        story.UntilPhase(story.A, Phase.Soak);
        story.A.PowerOff("a fuse");
        story.UntilEnded();

        var run = story.A.Disk.Last!;
        Assert.That(run.Verdict, Is.EqualTo(Verdict.NodeDown));
        Assert.That(PhasesOf(run)[^5..], Is.EqualTo((Phase[])[Phase.Verify, Phase.Soak, Phase.Unstandby, Phase.Confirm, Phase.Release]));
    }

    [Test]
    public void the_record_has_its_bounds()
    {
        var story = new Story();
        story.About(story.A);
        story.UntilEnded();

        var run = Enumerable.Range(0, 200).Aggregate(story.A.Disk.Last!, (run, i) => run.Entered(DateTimeOffset.UnixEpoch.AddSeconds(i)));

        Assert.That((run.Timeline.Count, run.Timeline[0].Phase, run.Timeline[^1].At), Is.EqualTo((64, Phase.Acquire, DateTimeOffset.UnixEpoch.AddSeconds(199))), "the first ones and the last");
    }

    [Test]
    public void without_its_notes_a_run_is_the_same_run()
    {
        var story = new Story();
        story.UntilEnded();
        var run = story.World.Nodes.Select(node => node.Disk.Last!).First(last => last.Moves!.Moved.Count > 0).Noting(["a line"]);

        var without = run.WithoutNotes();

        Assert.That((without.Timeline.Count, without.Evidence.Count, without.Moves!.Moved.Count, without.Moves.Drain), Is.EqualTo((0, 0, 0, run.Moves!.Drain)));
        Assert.That(without with { Timeline = run.Timeline, Evidence = run.Evidence, Moves = run.Moves }, Is.EqualTo(run), "nothing else is gone");
        Assert.That((run with { Moves = null }).WithoutNotes().Moves, Is.Null);
    }
}
