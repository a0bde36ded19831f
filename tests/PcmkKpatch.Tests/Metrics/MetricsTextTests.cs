using NUnit.Framework;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Metrics;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Readiness;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Metrics;

public sealed class MetricsTextTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 27, 5, 30, 0, TimeSpan.Zero);

    private static readonly MetricsView s_view = new()
    {
        Version = "1.2.3",
        At = s_now,
        Kernel = Fact.Known(Views.Kernel with { Patches = [new LivePatch("kpatch_1_1", true, false, "abcd"), new LivePatch("kpatch_1_2", true, true, "ef")] }),
        Installed = Fact.Known<IReadOnlyList<string>>(["5.14.0-1"]),
        EndOfLife = Fact.Known(EndOfLife.Empty),
        Wanted = Fact.Known<Policy?>(Parameters.Defaults),
        Patch = Fact.Known<PatchState?>(PatchState.Due),
        WorkerRunning = true,
        WorkerStuck = false,
        Journal = new JournalEntry(null),
        Last = Fact.Known<Run?>(null),
        Quarantined = Fact.Known(0),
        Attention = null,
        Cluster = Fact.Known(new ClusterPart(Views.Cluster, Token.Free, false, false, [])),
    };

    [Test]
    public void each_metric_has_its_help_and_its_type_once_and_in_front()
    {
        var lines = MetricsText.Of(s_view).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var told = new HashSet<string>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("# HELP ", StringComparison.Ordinal))
                continue;
            var name = lines[i].Split(' ')[2];
            Assert.That(told.Add(name), name);
            Assert.That(lines[i + 1], Is.EqualTo($"# TYPE {name} gauge"));
            Assert.That(lines[i + 2], Does.Match($"^{name}(\\{{.*\\}})? [0-9.]+$"));
        }

        Assert.That(lines.Where(l => l[0] != '#').Select(l => l.Split('{', ' ')[0]), Is.All.Matches<string>(told.Contains));
    }

    [TestCase("pcmk_kpatch_build_info{version=\"1.2.3\"} 1")]
    [TestCase("pcmk_kpatch_collected_timestamp_seconds 1795757400")]
    [TestCase("pcmk_kpatch_kernel_info{release=\"5.14.0-1\"} 1")]
    [TestCase("pcmk_kpatch_patch_info{patch=\"kpatch_1_1\",build_id=\"abcd\"} 1")]
    [TestCase("pcmk_kpatch_patches_in_force 1")]
    [TestCase("pcmk_kpatch_patch_transition_running 1")]
    [TestCase("pcmk_kpatch_patch_due 1")]
    [TestCase("pcmk_kpatch_patch_unusable 0")]
    [TestCase("pcmk_kpatch_agent_started 1")]
    [TestCase("pcmk_kpatch_worker_running 1")]
    [TestCase("pcmk_kpatch_reboot_due{reason=\"newer_kernel_installed\"} 0")]
    [TestCase("pcmk_kpatch_reboot_due{reason=\"end_of_life\"} 0")]
    [TestCase("pcmk_kpatch_run_phase{phase=\"drain\"} 0")]
    [TestCase("pcmk_kpatch_cluster_up 1")]
    [TestCase("pcmk_kpatch_cluster_quorum 1")]
    [TestCase("pcmk_kpatch_token_state{state=\"free\"} 1")]
    [TestCase("pcmk_kpatch_token_state{state=\"halted\"} 0")]
    [TestCase("pcmk_kpatch_drift{kind=\"unknown\"} 1")]
    [TestCase("pcmk_kpatch_node_online{node=\"b\"} 1")]
    public void what_is_told(string line) => Assert.That(MetricsText.Of(s_view).Split('\n'), Does.Contain(line));

    [Test]
    public void a_cluster_that_is_down_is_told_and_nothing_of_it_is()
    {
        var text = MetricsText.Of(s_view with { Cluster = Fact.Unknown<ClusterPart>("no answer") });

        Assert.That(text, Does.Contain("pcmk_kpatch_cluster_up 0\n").And.Contain("pcmk_kpatch_patches_in_force 1\n"));
        Assert.That(text, Does.Not.Contain("pcmk_kpatch_token").And.Not.Contain("pcmk_kpatch_node_").And.Not.Contain("pcmk_kpatch_drift"));
    }

    [Test]
    public void what_cannot_be_read_is_left_out_and_told_to_be_unknown()
    {
        var text = MetricsText.Of(s_view with
        {
            Kernel = Fact.Unknown<KernelView>("no"),
            Wanted = Fact.Unknown<Policy?>("no"),
            Patch = Fact.Unknown<PatchState?>("no"),
            Quarantined = Fact.Unknown<int>("no"),
            Journal = new JournalEntry(null, "damaged"),
        });

        foreach (var what in (string[])["kernel", "parameters", "patch", "quarantine", "journal"])
            Assert.That(text, Does.Contain($"pcmk_kpatch_unknown{{what=\"{what}\"}} 1\n"));
        Assert.That(text, Does.Contain("pcmk_kpatch_unknown{what=\"last_run\"} 0\n"));
        Assert.That(text, Does.Not.Contain("kernel_info").And.Not.Contain("pcmk_kpatch_reboot_due").And.Not.Contain("patch_due").And.Not.Contain("agent_started").And.Not.Contain("quarantined_patches"));
    }

    [Test]
    public void where_no_agent_is_started_it_is_not_known_whether_a_patch_is_due()
    {
        var text = MetricsText.Of(s_view with { Wanted = Fact.Known<Policy?>(null), Patch = Fact.Known<PatchState?>(null) });

        Assert.That(text, Does.Contain("pcmk_kpatch_agent_started 0\n").And.Contain("pcmk_kpatch_unknown{what=\"patch\"} 0\n").And.Not.Contain("patch_due"));
    }

    [Test]
    public void a_halted_rollout_has_its_node_its_run_and_its_reason()
    {
        var token = Token.Halted("a", "r1", "boot", s_now.AddHours(-1), "Stalled: 3 tasks");
        var text = MetricsText.Of(s_view with { Cluster = Fact.Known(new ClusterPart(Views.Cluster, token, true, true, [])), Attention = "halted by a" });

        Assert.That(text, Does.Contain("pcmk_kpatch_token_info{state=\"halted\",node=\"a\",run=\"r1\",reason=\"Stalled: 3 tasks\"} 1\n"));
        Assert.That(text, Does.Contain("pcmk_kpatch_token_since_timestamp_seconds 1795753800\n").And.Contain("pcmk_kpatch_token_overdue 1\n").And.Contain("pcmk_kpatch_drained 1\n"));
        Assert.That(text, Does.Contain("pcmk_kpatch_attention 1\n").And.Contain("pcmk_kpatch_attention_info{reason=\"halted by a\"} 1\n"));
    }

    [Test]
    public void a_token_that_is_not_there_and_one_that_is_not_understood_are_states_too()
    {
        Assert.That(MetricsText.Of(With(token: null)), Does.Contain("pcmk_kpatch_token_state{state=\"absent\"} 1\n").And.Not.Contain("token_since"));
        Assert.That(MetricsText.Of(With(Token.Parse("what"))), Does.Contain("pcmk_kpatch_token_state{state=\"unreadable\"} 1\n").And.Not.Contain("token_info"));
    }

    [Test]
    public void a_run_that_goes_on_and_the_last_one_that_ended()
    {
        var run = Run(Phase.Soak);
        var text = MetricsText.Of(s_view with { Journal = new JournalEntry(run), Last = Fact.Known<Run?>(run with { Verdict = Verdict.Stalled, Taken = s_now.AddMinutes(-9), Ended = s_now.AddMinutes(-7) }) });

        Assert.That(text, Does.Contain("pcmk_kpatch_run_phase{phase=\"soak\"} 1\n").And.Contain("pcmk_kpatch_run_info{run=\"r1\",patch=\"kpatch_1_1\",rehearsal=\"false\"} 1\n"));
        Assert.That(text, Does.Contain("pcmk_kpatch_last_run_info{run=\"r1\",verdict=\"stalled\",patch=\"kpatch_1_1\"} 1\n").And.Contain("pcmk_kpatch_last_run_success 0\n").And.Contain("pcmk_kpatch_last_run_duration_seconds 120\n"));
        Assert.That(text, Does.Contain("pcmk_kpatch_run_start_timestamp_seconds 1795756800\n").And.Contain("pcmk_kpatch_last_run_end_timestamp_seconds 1795756980\n"));
    }

    [Test]
    public void the_last_run_tells_how_long_it_was_in_each_phase_however_often()
    {
        var last = Run(Phase.Release) with
        {
            Ended = s_now,
            Timeline = [new(Phase.Load, s_now.AddSeconds(-30)), new(Phase.Verify, s_now.AddSeconds(-20)), new(Phase.Load, s_now.AddSeconds(-19)), new(Phase.Release, s_now.AddSeconds(1))],
        };
        var text = MetricsText.Of(s_view with { Last = Fact.Known<Run?>(last) });

        Assert.That(text, Does.Contain("last_run_phase_duration_seconds{phase=\"load\"} 30\n").And.Contain("{phase=\"verify\"} 1\n").And.Contain("last_run_phase_duration_seconds{phase=\"release\"} 0\n"));
        Assert.That(MetricsText.Of(s_view with { Last = Fact.Known<Run?>(last with { Ended = null }) }), Does.Not.Contain("phase_duration"));
    }

    [Test]
    public void a_clock_that_was_set_back_in_a_run_gives_no_length()
    {
        var last = Run(Phase.Release) with { Verdict = Verdict.Patched, Taken = s_now, Ended = s_now.AddMinutes(-7) };

        Assert.That(MetricsText.Of(s_view with { Last = Fact.Known<Run?>(last) }), Does.Contain("last_run_success 1\n").And.Not.Contain("last_run_duration"));
    }

    [Test]
    public void a_reboot_is_due_by_a_newer_kernel_and_by_the_administrators_dates()
    {
        var table = EndOfLife.Parse("end-of-life 1\nkernel 5.14.0-1 2026-11-26\npatch kpatch_1_1 2027-01-31\n", out _)!;
        var text = MetricsText.Of(s_view with { Installed = Fact.Known<IReadOnlyList<string>>(["5.14.0-1", "5.14.0-2"]), EndOfLife = Fact.Known(table) });

        Assert.That(text, Does.Contain("pcmk_kpatch_reboot_due{reason=\"newer_kernel_installed\"} 1\n").And.Contain("pcmk_kpatch_reboot_due{reason=\"end_of_life\"} 1\n"));
        Assert.That(text, Does.Contain("pcmk_kpatch_end_of_life_timestamp_seconds{kind=\"kernel\",name=\"5.14.0-1\"} 1795737600\n"));
        Assert.That(text, Does.Contain("pcmk_kpatch_end_of_life_timestamp_seconds{kind=\"patch\",name=\"kpatch_1_1\"} 1801440000\n"));
        Assert.That(
            MetricsText.Of(s_view with { Kernel = Fact.Known(Views.Kernel with { Release = "my own" }), Installed = Fact.Known<IReadOnlyList<string>>(["5.14.0-2"]) }),
            Does.Contain("pcmk_kpatch_reboot_due{reason=\"newer_kernel_installed\"} 0\n"), "a kernel of which nobody knows what is newer");
        Assert.That(MetricsText.Of(s_view with { At = s_now.AddDays(-1), EndOfLife = Fact.Known(table) }), Does.Contain("pcmk_kpatch_reboot_due{reason=\"end_of_life\"} 0\n"), "on its last day it is kept up");
    }

    [Test]
    public void drift_is_told_with_since_when()
    {
        NodeView Node(string name, string kernel, string since) => Views.Node(name) with
        {
            Attributes = new Dictionary<string, string> { ["kpatch-kernel"] = kernel, ["kpatch-patch"] = "none", ["kpatch-since"] = $"kernel={since}", ["kpatch-state"] = "idle" },
        };
        var text = MetricsText.Of(With(Token.Free, Node("a", "5.14.0-1", "2026-11-01T00:00:00Z"), Node("b", "5.14.0-2", "2026-11-02T00:00:00Z")));

        Assert.That(text, Does.Contain("pcmk_kpatch_drift{kind=\"kernel\"} 1\n").And.Contain("pcmk_kpatch_drift{kind=\"patch\"} 0\n").And.Contain("pcmk_kpatch_drift{kind=\"unknown\"} 0\n"));
        Assert.That(text, Does.Contain("pcmk_kpatch_drift_since_timestamp_seconds{kind=\"kernel\"} 1793577600\n").And.Not.Contain("since_timestamp_seconds{kind=\"patch\"}"));
        Assert.That(text, Does.Contain("pcmk_kpatch_node_info{node=\"a\",kernel=\"5.14.0-1\",patch=\"none\"} 1\n").And.Contain("pcmk_kpatch_node_state_info{node=\"b\",state=\"idle\"} 1\n"));
    }

    [Test]
    public void holds_and_tolerated_failures_are_counted()
    {
        var hold = Hold.Parse("hold node= until= by=anna why=audit");
        var token = Token.FreeAfter(Failures.None.With("b", "abcd").With("b", "abcd"));
        var text = MetricsText.Of(s_view with { Cluster = Fact.Known(new ClusterPart(Views.Cluster, token, false, false, [hold])) });

        Assert.That(text, Does.Contain("pcmk_kpatch_holds 1\n").And.Contain("pcmk_kpatch_failed_loads{node=\"b\",build_id=\"abcd\"} 2\n"));
    }

    [Test]
    public void what_others_wrote_breaks_no_line_and_no_label()
    {
        var hostile = Views.Node("a\"} 1\n# TYPE x counter\nx 9\\") with { Attributes = new Dictionary<string, string> { ["kpatch-state"] = "needs attention: \e[2J\"", ["kpatch-patch"] = "\\\"\n" } };
        var lines = MetricsText.Of(With(Token.Parse("\e]0;x\a\n"), hostile) with { Attention = new string('x', 5000) }).Split('\n');

        Assert.That(lines, Does.Contain("pcmk_kpatch_node_online{node=\"a\\\"} 1?# TYPE x counter?x 9\\\\\"} 1"));
        Assert.That(lines, Has.None.StartsWith("x "));
        Assert.That(lines, Does.Contain("pcmk_kpatch_node_state_info{node=\"a\\\"} 1?# TYPE x counter?x 9\\\\\",state=\"attention\"} 1"));
        Assert.That(lines.Max(l => l.Length), Is.LessThan(700));
        Assert.That(string.Concat(lines), Does.Match("^[ -~]*$"));
    }

    // The same labels twice, and Prometheus would refuse all that the file says.
    [Test]
    public void two_nodes_that_look_the_same_when_they_may_be_shown_are_one()
    {
        var text = MetricsText.Of(With(Token.Free, Views.Node("a\u0001"), Views.Node("a\u0002")));

        Assert.That(text.Split('\n').Where(l => l.StartsWith("pcmk_kpatch_node_online{", StringComparison.Ordinal)), Is.EqualTo((string[])["pcmk_kpatch_node_online{node=\"a?\"} 1"]));
    }

    private static MetricsView With(Token? token, params NodeView[] nodes) =>
        s_view with { Cluster = Fact.Known(new ClusterPart(nodes.Length > 0 ? Views.Cluster with { Nodes = nodes } : Views.Cluster, token, false, false, [])) };

    private static Run Run(Phase phase) => new()
    {
        Id = "r1",
        Node = "a",
        Boot = "boot",
        Started = s_now.AddMinutes(-10),
        Phase = phase,
        PhaseSince = TimeSpan.Zero,
        Policy = Parameters.Defaults,
        Patch = Views.Module,
    };
}
