using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Watch;
using PcmkKpatch.Livepatch;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>pcmk-kpatch status: the rollout as this node sees it. Changes nothing.</summary>
internal sealed class StatusVerb(IKernel kernel, IHost host)
{
    /// <summary>The exit code where a person must look.</summary>
    public const int NeedsPerson = 2;

    private const int LongestLine = 2000;

    /// <summary>Prints the report. Returns 0, or <see cref="NeedsPerson"/>.</summary>
    public int Execute(bool json)
    {
        var report = Report();
        // What the CIB, a tool or a node says is not to move the terminal's cursor.
        Console.Out.Write(json ? StatusJson.Write(report) + "\n" : string.Join('\n', Text(report).Split('\n').Select(line => PlainText.Of(line, LongestLine))));
        return report.WhatToDo is null ? 0 : NeedsPerson;
    }

    private StatusReport Report()
    {
        var asked = StatusLook.Begin(host);
        var seen = kernel.See();
        return Of(asked(), seen);
    }

    /// <summary>The report of what was seen, and this node's kernel.</summary>
    public static StatusReport Of(StatusLook look, KernelView seen)
    {
        var (view, token, here) = (look.Cluster.View, look.Cluster.Token, look.Here);
        var (summary, remedy) = look.Advice();
        return new StatusReport(
            view.LocalNode,
            view.Dc,
            view.QuorumByCib && view.QuorumByMembership,
            token is null ? new TokenStatus("absent", null, null, null, null)
                : new TokenStatus(token.State.ToString().ToLowerInvariant(), Or(token.Node), Or(token.Run), Or(token.Since), Or(token.Why)),
            [.. look.Cluster.Holds.Select(HoldStatus.Of)],
            FailureStatus.Of(token),
            DriftStatus.Of(view),
            here.Journal.Run is { } run ? new RunStatus(run.Id, run.Phase.ToString().ToLowerInvariant(), run.Verdict.ToString().ToLowerInvariant(), run.Why, here.WorkerAlive) : null,
            here.Stuck?.Why,
            here.Journal.Damaged,
            [.. here.Quarantined.Select(a => a.Patch)],
            [.. Warnings(look.Wanted, seen.Release)],
            summary,
            remedy,
            [.. view.Nodes.Select(n => Node(n, view.LocalNode, seen))])
        {
            Rehearsal = look.Cluster.Wish is { } wish ? RehearsalStatus.Of(wish, view, DateTimeOffset.UtcNow) : null,
            LastRollout = LastRolloutStatus.Of(look.Cluster.Histories),
        };
    }

    private static IEnumerable<string> Warnings(Policy? wanted, string release)
    {
        if (KpatchDnf.Warning() is { } auto)
            yield return auto;
        if (wanted is { } policy && Parameters.IsPackage(policy.Patch) && Packages.Problem(release) is { } problem)
            yield return $"it is not known which package is the newest: {problem}";
    }

    private static NodeStatus Node(NodeView node, string local, KernelView seen)
    {
        string? Published(string name) => node.Online ? node.Attributes.GetValueOrDefault(name) : null;
        var here = node.Name == local;
        return new NodeStatus(
            node.Name, node.Online, node.Standby,
            here ? seen.Release : Published(NodeAttributes.Kernel),
            here ? NodeState.PatchesInForce(seen) : Published(NodeAttributes.Patch),
            Published(NodeAttributes.State),
            node.WhyNotPatched,
            here,
            node.Unhealthy);
    }

    private static string Text(StatusReport report)
    {
        string[] heads = ["NODE", "CLUSTER", "KERNEL", "PATCH IN FORCE", "STATE"];
        var rows = report.Nodes.Select(n => new[]
        {
            (n.Name == report.LocalNode ? "* " : "  ") + n.Name,
            !n.Online ? "offline" : n.Standby ? "standby" : n.Unhealthy ? "unhealthy" : "online",
            n.Kernel ?? "unknown", n.Patch ?? "unknown", n.NotPatched is null ? n.State ?? "unknown" : $"not patched: {n.NotPatched}",
        }).Prepend(["  " + heads[0], .. heads[1..]]).ToList();
        var widths = Enumerable.Range(0, heads.Length).Select(i => rows.Max(r => r[i].Length)).ToArray();
        var table = string.Concat(rows.Select(r => string.Join("  ", r.Select((cell, i) => i == heads.Length - 1 ? cell : cell.PadRight(widths[i]))) + "\n"));
        return string.Concat(Head(report).Select(line => $"{line.Word,-8} {line.Text}\n")) + $"\n{table}";
    }

    /// <summary>What is told above the nodes.</summary>
    public static IEnumerable<WatchedLine> Head(StatusReport report)
    {
        var tone = report.WhatToDo is null ? Tone.Plain : Tone.Bad;
        yield return new("Rollout", report.Summary, tone);
        if (report.WhatToDo is { } remedy)
            yield return new("To do", remedy, tone);
        yield return new("Cluster", $"DC {report.Dc ?? "none"}, {(report.Quorum ? "quorum" : "NO QUORUM")}");
        yield return new("Token", report.Token.State + (report.Token.Node is null ? "" : $" by {report.Token.Node} since {report.Token.Since} (run {report.Token.Run})"));
        foreach (var hold in report.Holds)
            yield return new("Held", hold.ToString());
        if (report.Failures.Count > 0)
            yield return new("Failed", string.Join(", ", report.Failures));
        foreach (var drift in report.Drifts)
            yield return new("Differs", drift.ToString());
        if (report.Rehearsal is { } rehearsal)
            yield return new("Rehearse", rehearsal.ToString());
        if (report.LastRollout is { } last)
            yield return new("Last", last.Summary);
        if (report.JournalDamaged is { } damaged)
            yield return new("Journal", damaged);
        if (report.Quarantined.Count > 0)
            yield return new("Refused", $"{string.Join(", ", report.Quarantined)}: {report.LocalNode} went down with {(report.Quarantined.Count == 1 ? "it" : "them")} on trial; see pcmk-kpatch quarantine");
        foreach (var warning in report.Warnings)
            yield return new("Warning", warning);
    }

    private static string? Or(string text) => text.Length > 0 ? text : null;
}
