using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>Several nodes, a cluster that is not whole, and the token between them.</summary>
public sealed class ClusterStories
{
    [Test]
    public void two_nodes_racing_take_the_token_once()
    {
        var story = new Story();
        // While one node is on its way to write, the others get to the same point.
        story.When(call => call.Port == "Token.Swap", world => world.RunDuringCall(TimeSpan.FromSeconds(2)));

        story.Until(() => story.Token.State == TokenState.Held, "one has the token");
        story.World.Run(TimeSpan.FromSeconds(1));

        var beyond = story.World.Nodes.Where(n => n.Disk.Journal is { Phase: not Phase.Acquire }).ToList();
        Assert.That(beyond.Select(n => n.Name), Is.EqualTo(new[] { story.Token.Node }));
        story.Until(() => Ending.AllPatched(story.World), "all are patched, one after the other");
    }

    [Test]
    public void waits_while_another_node_is_offline()
    {
        var story = new Story();
        story.World.Nodes[2].ClusterDisabled = true;
        story.World.Cluster.Membership.StopStack(story.World.Nodes[2]);

        story.World.Run(TimeSpan.FromMinutes(10));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
        Assert.That(story.A.Worker.LastSaid, Does.Contain("cluster.member-offline"));

        story.World.Cluster.Join(story.World.Nodes[2]);
        story.Until(() => Ending.AllPatched(story.World), "all are patched");
    }

    [Test]
    public void a_parked_node_whose_token_was_deleted_makes_it_anew_and_says_so_again()
    {
        var story = new Story();
        story.About(story.A).A.NextLoad = LoadOutcome.Warn;
        story.Until(() => story.Token.State == TokenState.Parked, "it is parked");
        story.World.Admin.EditToken(null);
        Assert.That(story.Token.State, Is.Not.EqualTo(TokenState.Parked));

        story.Until(() => story.Token.State == TokenState.Parked, "it says so again");

        Assert.That(story.A.Disk.Journal?.Phase, Is.EqualTo(Phase.Parked));
    }

    [Test]
    public void a_node_that_says_it_is_away_is_not_joined_by_a_second_one_though_the_token_was_freed()
    {
        var story = new Story();
        story.B.Disk.Installed = null;
        story.UntilPhase(story.A, Phase.Drain).Until(() => story.A.StateAttribute == "drain", "it has said so");
        story.A.Worker.Die();
        story.B.Disk.Installed = SimDisk.Patch(1);
        story.World.Admin.EditToken(Token.Free.Text);

        story.World.Run(TimeSpan.FromMinutes(1));

        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
        Assert.That(story.B.Worker.LastSaid, Does.Contain("fleet.away").And.Contain("drain"));
        story.A.Worker.Start();
        story.UntilEnded();
    }

    [TestCase(Phase.Drain)]
    [TestCase(Phase.Load)]
    public void a_standby_that_the_attribute_daemon_remembers_and_the_cluster_has_lost_is_forgotten_before_the_run_ends(Phase phase)
    {
        var story = new Story();
        story.About(story.A).AtPhase(story.A, phase, world => world.Cluster.LoseTransient(story.A));

        story.Until(() => story.A.Disk is { Journal: null or { Phase: Phase.Acquire }, Last.Verdict: Verdict.TakenAway }, "it is home and halted");
        story.World.Admin.Resume();
        story.Until(() => Ending.AllPatched(story.World), "the next run can be drained");
        Assert.That(story.A.Disk.Last!.Verdict, Is.EqualTo(Verdict.Patched));
    }

    [Test]
    public void neither_side_of_a_split_takes_the_token()
    {
        var story = new Story();
        story.World.Cluster.Membership.Split([story.A]);

        story.World.Run(TimeSpan.FromSeconds(5));

        Assert.That(story.World.Cluster.Partitions.Select(p => p.Cib.TokenRead.State), Has.All.EqualTo(TokenState.Free));
        story.World.Cluster.Membership.Heal();
        story.Until(() => Ending.AllPatched(story.World), "all are patched");
    }

    [TestCase(2)]
    [TestCase(3)]
    public void a_split_in_the_moment_of_the_take_is_noticed_at_the_gate(int nodes)
    {
        var story = new Story(new WorldOptions { Nodes = nodes });
        // The side without the DC still believes in the whole cluster when it takes the token.
        story.When(call => call.Port == "Token.Swap" && call.Node != story.A, world => world.Cluster.Membership.Split([story.A]));
        story.A.Disk.Installed = null;

        story.Until(() => story.World.Cluster.Membership.IsSplit, "it splits");
        story.World.Run(TimeSpan.FromSeconds(4.5));

        Assert.That(story.World.Nodes.Where(story.InOurStandby), Is.Empty);
        Assert.That(story.World.Nodes.Select(n => n.Disk.Journal?.Phase), Has.All.Matches<Phase?>(p => p is null or Phase.Acquire or Phase.Gate or Phase.Release));
        story.World.Cluster.Membership.Heal();
        story.Until(() => Ending.AllPatched(story.World), "all are patched");
    }

    // With two nodes both sides have quorum; there it is the other node's unclean state that tells.
    [TestCase(2)]
    [TestCase(3)]
    public void a_release_on_the_losing_side_of_a_split_is_not_the_end_of_the_run(int nodes)
    {
        var story = new Story(new WorldOptions { Nodes = nodes });
        story.About(story.B);
        // The release reaches only the side that loses: the other one changes its CIB more often meanwhile.
        story.When(call => call.Port == "Token.Swap" && call.Node.Disk.Journal?.Phase == Phase.Release, world =>
        {
            world.Cluster.Membership.Split([story.B]);
            world.After(TimeSpan.FromSeconds(1), () =>
            {
                world.Cluster.SetPermanent(story.A, story.A, "on", Writer.Administrator);
                world.Cluster.SetPermanent(story.A, story.A, null, Writer.Administrator);
            });
        });
        story.Until(() => story.World.Cluster.Membership.IsSplit, "it splits at the release");

        story.World.Run(TimeSpan.FromSeconds(3));
        Assert.That(story.B.Partition!.Cib.TokenRead.State, Is.EqualTo(TokenState.Free));
        Assert.That(story.B.Disk.Journal?.Phase, Is.EqualTo(Phase.Release), "what it gave back may come back");

        story.World.Cluster.Membership.Heal();
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Held), "it came back");
        story.UntilEnded();
        Assert.That(story.B.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void a_released_token_that_comes_back_is_given_back_again(bool whileTheNextRunWaits)
    {
        var story = new Story();
        story.About(story.A).UntilEnded();
        var ended = story.A.Disk.Last!;
        var old = Token.Held(ended.Node, ended.Id, ended.Boot, ended.Started);
        if (whileTheNextRunWaits)
        {
            story.World.Cluster.WriteToken(story.A.Partition!, Token.Halted("nodeb", "r", "b", ended.Started, "").Text);
            story.A.Disk.Installed = SimDisk.Patch(2);
            story.UntilPhase(story.A, Phase.Acquire);
        }

        // A CIB pushed from a file that was saved in mid-run.
        story.World.Cluster.WriteToken(story.A.Partition!, old.Text);
        story.A.Disk.Installed = SimDisk.Patch(2);

        story.Until(() => Ending.AllPatched(story.World), "the second patch is in force");
    }

    [Test]
    public void a_token_of_a_run_that_the_node_knows_nothing_of_halts_the_rollout()
    {
        var story = new Story();
        story.About(story.A);
        story.World.Cluster.WriteToken(story.A.Partition!, Token.Halted("nodeb", "r", "b", default, "").Text);
        story.UntilPhase(story.A, Phase.Acquire);
        story.World.Cluster.WriteToken(story.A.Partition!, Token.Held(story.A.Name, "long-ago", "b", default).Text);

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.JournalLost));
        Assert.That(story.Token is { State: TokenState.Halted, Run: "long-ago" }, Is.True);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void a_node_fenced_while_drained_comes_home_and_halts(bool purgeLost)
    {
        var story = new Story(new WorldOptions { PurgeLost = purgeLost });
        story.About(story.A).UntilPhase(story.A, Phase.Drain);
        story.World.Run(TimeSpan.FromSeconds(1));
        story.A.PowerOff("power cut");

        story.UntilEnded();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.NodeDown));
            Assert.That(story.A.Disk.Quarantined, Is.Empty, "no load was tried");
            Assert.That(story.InOurStandby(story.A), Is.False);
            Assert.That(story.Token.State, Is.EqualTo(TokenState.Halted));
        }
    }

    [Test]
    public void a_node_is_not_home_while_there_is_no_dc_to_say_so()
    {
        var story = new Story();
        story.About(story.B).AtPhase(story.B, Phase.Confirm, _ => story.A.PowerOff("the DC's power is cut"));
        story.Until(() => !story.A.PoweredOn, "the DC is down");

        story.World.Run(TimeSpan.FromSeconds(3));
        Assert.That(story.B.Disk.Journal?.Phase, Is.EqualTo(Phase.Confirm), "what the CIB shows is older than the loss");

        story.UntilEnded();
        Assert.That(story.B.Disk.Last?.Verdict, Is.EqualTo(Verdict.Patched));
    }

    [Test]
    public void a_standby_that_cannot_be_set_is_given_up_and_tried_again_later()
    {
        var story = new Story(new WorldOptions { Faults = new Always("Cluster.SetMark", Fault.FailBefore) });
        story.About(story.A).Until(() => story.A.Disk.Last is not null, "it has given up");

        Assert.That(story.A.Disk.Last, Has.Property("Verdict").EqualTo(Verdict.DrainTooSlow).And.Property("Why").Contains("could not be set"));
        Assert.That(story.Token.State, Is.EqualTo(TokenState.Free));
        story.World.Faults = new NoFaults();
        story.Until(() => Ending.AllPatched(story.World), "it is patched when the standby can be set");
    }

    [Test]
    public void a_standby_that_comes_late_is_still_cleared()
    {
        var story = new Story(new WorldOptions { StandbyLag = TimeSpan.FromSeconds(3) });
        story.About(story.A);
        // Aborted while the attribute daemon has not written it yet.
        story.When(call => call.Port == "Cluster.SeeMarks" && call.Node.Disk.Journal?.Phase == Phase.Standby, world => world.Admin.Abort(story.A));

        story.UntilEnded();

        Assert.That(story.A.Disk.Last?.Verdict, Is.EqualTo(Verdict.Aborted));
        Assert.That(story.InOurStandby(story.A), Is.False);
    }

    [Test]
    public void a_token_that_this_version_does_not_know_is_left_alone()
    {
        var story = new Story();
        story.World.Cluster.WriteToken(story.A.Partition!, "held2 by=someone");

        story.World.Run(TimeSpan.FromMinutes(5));

        Assert.That(story.Token.Text, Is.EqualTo("held2 by=someone"));
        Assert.That(story.World.Nodes.TrueForAll(n => n.Disk.Last is null));
        Assert.That(story.A.Worker.LastSaid, Does.Contain("held2 by=someone"));
    }

    [Test]
    public void a_clock_that_was_set_back_does_not_keep_a_node_from_trying_again()
    {
        var story = new Story();
        story.About(story.A);
        story.World.Cluster.Resources.WillNotStop.Add("db");
        story.Until(() => story.A.Disk.Last is { Verdict: Verdict.DrainTooSlow }, "the first run drains too slowly");

        story.A.ClockError = TimeSpan.FromDays(-400);
        story.World.Cluster.Resources.WillNotStop.Clear();

        story.Until(() => Ending.AllPatched(story.World), "the second run patches");
    }
}
