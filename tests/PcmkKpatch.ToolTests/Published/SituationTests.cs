using PcmkKpatch.Cli;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>The one sentence of "status", and what it says to type. The command itself is in the node lab: it needs a cluster.</summary>
public sealed class SituationTests
{
    private static readonly DateTimeOffset s_night = new(2026, 1, 31, 22, 15, 0, TimeSpan.Zero);
    private static readonly Token s_held = Token.Held("n2", "run-1", "boot", s_night);
    private static readonly Token s_parked = Token.Parked("n2", "run-1", "boot", s_night, "oops");
    private static readonly Token s_own = Token.Held("n1", "run-1", "boot", s_night);

    private static readonly Situation s_well = new(
        new ClusterView
        {
            LocalNode = "n1",
            Dc = "n1",
            QuorumByCib = true,
            QuorumByMembership = true,
            Maintenance = false,
            StopAllResources = false,
            FencingEnabled = true,
            Settled = true,
            Nodes = [Node("n1"), Node("n2")],
            Resources = [],
        },
        Token.Free,
        new JournalEntry(null),
        WorkerAlive: false,
        Stuck: null,
        InOurDrain: false,
        TokenIsOld: false,
        Attention: null,
        Quarantined: []);

    [Test]
    public void where_all_is_well_nothing_is_to_be_typed()
    {
        Says(s_well, "no node is being patched", null);
        Says(s_well with { Token = null }, "no node has asked", null);
        Says(s_well with { Token = s_held }, "n2 is being patched since 2026-01-31T22:15:00Z", null);
        Says(With(Published("kpatch-state", "pause")), "n2 is patched and in its pause; it has the token since 2026-01-31T22:15:00Z", null);
    }

    [Test]
    public void a_holder_that_is_not_there()
    {
        Says(With(Node("n2") with { Online = false }), "n2 went down in its run", "bring n2 back: .*gone for good: pcmk-kpatch release$");
        Says(With(Node("n2") with { Online = false }) with { Token = s_parked }, "n2 went down in its run", "pcmk-kpatch release$");
        Says(With(Node("n2") with { Online = false, Unclean = true }), "not fenced yet", "stonith_admin --history n2.*pcs stonith confirm n2");
        Says(With(Node("n2") with { Online = false, Pending = true }), "comes back", null);
        Says(With(Node("n3")), "n2 has the token, and is no longer a node", "pcmk-kpatch release --confirm n2");
    }

    [Test]
    public void a_rollout_that_is_halted_or_parked()
    {
        Says(s_well with { Token = s_parked }, "n2 is parked: oops", "run pcmk-kpatch abort on n2");
        Says(s_well with { Token = Token.Halted("n2", "r", "b", s_night, "refused") }, "halted by n2: refused", "pcmk-kpatch resume");
        Says(With(Node("n2") with { Online = false }) with { Token = Token.Released(s_held, "anna", s_night) }, "n2 is down: released by anna", "pcs cluster node remove n2 --skip-offline; .*pcmk-kpatch resume");
        Says(s_well with { Token = Token.Released(s_held, "anna", s_night) }, "released by anna", "pcmk-kpatch resume");
        Says(s_well with { Token = Token.Parse("held by a later version") }, "does not know", "newest version");
    }

    [TestCase('T', "n1: the worker is stopped: its sign of life is 90 s late", "kill -CONT 123")]
    [TestCase('D', "hangs: its sign of life is 90 s late in the kernel", "/proc/123/stack.*systemctl reboot")]
    [TestCase('S', "n1: the worker hangs", "systemctl status.*kill -KILL 123")]
    public void a_worker_that_does_not_go_on(char state, string summary, string remedy) =>
        Says(s_well with { Token = s_own, WorkerAlive = true, Stuck = new StuckWorker(TimeSpan.FromSeconds(90), 123, state) }, summary, remedy);

    [Test]
    public void a_run_elsewhere_that_takes_longer_than_any() =>
        Says(s_well with { Token = s_held, TokenIsOld = true }, "n2 is being patched since .*, longer than a run takes", "pcmk-kpatch status on n2");

    [Test]
    public void a_run_without_a_worker()
    {
        var run = new JournalEntry(Runs.InPhase(Phase.Drain));
        Says(s_well with { Token = s_own, Journal = run }, "n1 has an unfinished run, and no worker", "systemctl start pcmk-kpatch-resume");
        Says(s_well with { Journal = run }, "unfinished run in phase drain", "systemctl start pcmk-kpatch-resume");
        Says(s_well with { Journal = new JournalEntry(null, "the journal is damaged") }, "n1: the journal is damaged", "systemctl start pcmk-kpatch-resume");
        Says(s_well with { Token = s_own }, "no worker", "systemd-run --collect pcmk-kpatch run");
        Says(s_well with { InOurDrain = true }, "n1 is drained for a run that is not there", "systemd-run --collect pcmk-kpatch run");
        Says(s_well with { Journal = new JournalEntry(Runs.InPhase(Phase.Acquire)) }, "no node is being patched", null);
    }

    [Test]
    public void what_a_node_waits_for()
    {
        Says(s_well with { Attention = "the patch is damaged. Install it again" }, "n1 needs a person: the patch is damaged. Install it again", "looks again by itself");
        Says(With(Published("kpatch-state", "needs attention: the patch is damaged")) with { Token = Token.Free }, "n2 needs a person: the patch is damaged", "pcmk-kpatch status on n2");
        Says(s_well with { Quarantined = ["kpatch_1"] }, "n1 went down with kpatch_1 on trial", "pcmk-kpatch quarantine --clear on n1");
        Says(With(Published("kpatch-quarantine", "abcd")) with { Token = Token.Free }, "n2 went down with build abcd on trial", "pcmk-kpatch quarantine --clear on n2");
    }

    [Test]
    public void what_is_due_on_a_remote_node_is_told_after_everything_else_and_from_the_remote_node_itself()
    {
        NodeView Asking(string name, bool isMember) => Published("kpatch-state", $"needs attention: {name} wants it") with { Name = name, IsMember = isMember };
        Situation Of(params NodeView[] nodes) => s_well with { View = s_well.View with { Nodes = nodes } };
        const string ByHand = "^hold the rollout, and patch far by hand: see \"Remote nodes\" in pcmk-kpatch.8.$";
        Says(Of(Node("n1"), Asking("far", false)), "^far: far wants it$", ByHand);
        Says(Of(Asking("far", false), Node("n1"), Asking("n2", true)), "^n2 needs a person: n2 wants it$", "pcmk-kpatch status on n2");
        Says(Of(Asking("far", false)) with { View = s_well.View with { LocalNode = "far", Nodes = [Asking("far", false)] } }, "^far: far wants it$", ByHand);
        Says(Of(Node("n1"), Asking("far", false) with { Online = false }), "no node is being patched", null);
    }

    private static NodeView Published(string name, string value) => Node("n2") with { Attributes = new Dictionary<string, string> { [name] = value } };

    private static Situation With(NodeView other) => s_well with { Token = s_held, View = s_well.View with { Nodes = [Node("n1"), other] } };

    private static NodeView Node(string name) =>
        new() { Name = name, IsMember = true, Online = true, Standby = false, Maintenance = false, Pending = false, Unclean = false };

    private static void Says(Situation situation, string summary, string? remedy)
    {
        var (said, whatToDo) = situation.Advice();
        Assert.That(said, Does.Match(summary));
        Assert.That(whatToDo, remedy is null ? Is.Null : Does.Match(remedy));
    }
}
