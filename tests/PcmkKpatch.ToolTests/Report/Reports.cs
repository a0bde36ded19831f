using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Report;

namespace PcmkKpatch.ToolTests.Report;

/// <summary>Reports to be written: of rollouts as they happen, and of such as nobody would want to meet.</summary>
internal static class Reports
{
    public static DateTimeOffset Begin { get; } = new(2026, 1, 27, 21, 58, 4, TimeSpan.Zero);

    /// <summary>Names as only an enemy gives them.</summary>
    public static string[] Hostile { get; } =
    [
        "</script><svg onload=alert(1)>", "\"'><img src=x onerror=alert(2)>", new string('W', 200), "n\u202egnp.exe\u202c", "line\nbreak\ttab\u0000nul", "e\u0301\u0327\u0338" + string.Concat(Enumerable.Repeat("\u0301", 60)),
        new string('東', 200), "שלום עולם", "&lt;b&gt; &amp; ]]> --> ${x} {{y}}", "\u2028\u2029\ufeff\ue000", "🐧🐧🐧", "a b  c",
    ];

    /// <summary>A report of so many nodes and runs: all goes well but for one run that fails and one that is put off.</summary>
    public static RolloutReport Of(int nodes, int runs, Func<int, string>? name = null, TimeSpan? pause = null)
    {
        name ??= i => $"node{i + 1}";
        var at = Begin;
        var told = new List<PastRun>();
        for (var i = 0; i < runs; i++)
        {
            var run = Run(name(i % nodes), at, i == 1 ? Verdict.Stalled : i == 3 ? Verdict.Refused : Verdict.Patched, $"{i:x12}", name(nodes));
            told.Add(PastRun.Of(run, at));
            at = run.Ended!.Value + (i == 1 ? TimeSpan.FromHours(9.2) : pause ?? TimeSpan.FromSeconds(3));
        }

        var views = Enumerable.Range(0, nodes + 1).Select(i => new NodeView { Name = name(i), IsMember = true, Online = i < nodes, Standby = false, Maintenance = false, Pending = false, Unclean = false });
        var known = new KnownRuns { Runs = told, Nodes = [.. views], LocalNode = name(0), Notes = [$"the rollout is halted: {name(1)}"] };
        return new ReportBuilder(known, (_, _) => new FixedCves([.. Enumerable.Range(10000, 30).Select(i => $"CVE-2026-{i}")], "1-2"), at).Last()!;
    }

    /// <summary>A run as a node has it.</summary>
    public static Run Run(string node, DateTimeOffset at, Verdict verdict, string id, string other)
    {
        (Phase Phase, double Seconds)[] phases = verdict switch
        {
            Verdict.Refused => [(Phase.Gate, 0.4), (Phase.Release, 0.2)],
            Verdict.Stalled => [(Phase.Gate, 0.6), (Phase.Standby, 0.5), (Phase.Drain, 22), (Phase.Load, 60), (Phase.Reverse, 4), (Phase.Unstandby, 0.3), (Phase.Confirm, 9), (Phase.Release, 0.2)],
            _ => [(Phase.Gate, 0.6), (Phase.Standby, 0.5), (Phase.Drain, 18), (Phase.Load, 6), (Phase.Verify, 0.2), (Phase.Soak, 60), (Phase.Unstandby, 0.3), (Phase.Confirm, 11), (Phase.Persist, 0.4), (Phase.Release, 0.2)],
        };
        var timeline = new List<PhaseStart> { new(Phase.Acquire, at.AddSeconds(-40)) };
        var now = at;
        foreach (var (phase, seconds) in phases)
        {
            timeline.Add(new(phase, now));
            now = now.AddSeconds(seconds);
        }

        return new()
        {
            Id = id,
            Node = node,
            Boot = "11111111-1111-1111-1111-111111111111",
            Started = at.AddSeconds(-40),
            Taken = at,
            Ended = now,
            StartedBy = "the agent",
            Phase = Phase.Release,
            PhaseSince = TimeSpan.Zero,
            Policy = Parameters.Defaults,
            Patch = new PatchModule("/usr/lib/kpatch/5.14.0-362.8.1.el9_3.x86_64/kpatch-5_14_0-362_8_1-1-3.ko", "kpatch_5_14_0_362_8_1_1_3", "ab03", "5.14.0-362.8.1.el9_3.x86_64", true) { Package = "kpatch-patch-5_14_0-362_8_1-1-3.el9_3.x86_64" },
            PatchesBefore = ["kpatch_5_14_0_362_8_1_1_2 ab02 True"],
            Moves = verdict == Verdict.Refused ? null : new MoveNotes { Moved = [new("vip", other), new("web", other)], Stopped = ["pinned"], Back = ["vip", "pinned"] },
            Tries = verdict == Verdict.Refused ? 7 : 0,
            Timeline = timeline,
            Verdict = verdict,
            Why = verdict == Verdict.Patched ? "" : $"on {node}: it did not end",
            Evidence = verdict == Verdict.Stalled ? [$"1234 {node}:\n[<0>] do_wait+0x5a/0x1b0\n[<0>] {new string('s', 300)}+0x1/0x2", "kernel: livepatch: signaling remaining tasks"] : [],
        };
    }
}
