using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.Livepatch;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>pcmk-kpatch status: the rollout as this node sees it. Changes nothing.</summary>
internal sealed class StatusVerb(ICluster cluster, IToken tokens, IKernel kernel, IHost host)
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
        var view = cluster.See();
        var token = tokens.Read();
        var entry = JournalFile.OfThisNode.Read();
        var seen = kernel.See();
        var alive = WorkerLock.IsHeld();
        var stuck = alive ? SignOfLife.Look() : null;
        var quarantined = AttemptFiles.List().Select(a => a.Patch).ToList();
        var ours = view.Local is { Standby: true } or { Unhealthy: true } && !alive && cluster.SeeMarks().IsOurs;
        var old = token?.IsOlderThan((host.Wanted() ?? Parameters.Defaults).LongestRun, DateTimeOffset.UtcNow) == true;
        var (summary, remedy) = new Situation(view, token, entry, alive, stuck, ours, old, Attention(), quarantined).Advice();
        return new StatusReport(
            view.LocalNode,
            view.Dc,
            view.QuorumByCib && view.QuorumByMembership,
            token is null ? new TokenStatus("absent", null, null, null, null)
                : new TokenStatus(token.State.ToString().ToLowerInvariant(), Or(token.Node), Or(token.Run), Or(token.Since), Or(token.Why)),
            [.. CibHolds.See().Where(h => h.Hold.InForce(DateTimeOffset.UtcNow)).Select(HoldStatus.Of)],
            FailureStatus.Of(token),
            DriftStatus.Of(view),
            entry.Run is { } run ? new RunStatus(run.Id, run.Phase.ToString().ToLowerInvariant(), run.Verdict.ToString().ToLowerInvariant(), run.Why, alive) : null,
            stuck?.Why,
            entry.Damaged,
            quarantined,
            [.. Warnings(seen.Release)],
            summary,
            remedy,
            [.. view.Nodes.Select(n => Node(n, view.LocalNode, seen))])
        {
            Rehearsal = CibRehearsals.See() is { } wish ? RehearsalStatus.Of(wish, view, DateTimeOffset.UtcNow) : null,
            LastRollout = LastRolloutStatus.Of(CibHistory.See()),
        };
    }

    private static string? Attention()
    {
        try
        {
            return File.ReadAllText(Paths.Attention);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private IEnumerable<string> Warnings(string release)
    {
        if (KpatchDnf.Warning() is { } auto)
            yield return auto;
        if (host.Wanted() is { } policy && Parameters.IsPackage(policy.Patch) && Packages.Problem(release) is { } problem)
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
        var holder = report.Token.Node is null ? "" : $" by {report.Token.Node} since {report.Token.Since} (run {report.Token.Run})";
        return $"Rollout  {report.Summary}\n"
            + (report.WhatToDo is { } remedy ? $"To do    {remedy}\n" : "")
            + $"Cluster  DC {report.Dc ?? "none"}, {(report.Quorum ? "quorum" : "NO QUORUM")}\n"
            + $"Token    {report.Token.State}{holder}\n"
            + string.Concat(report.Holds.Select(hold => $"Held     {hold}\n"))
            + (report.Failures.Count > 0 ? $"Failed   {string.Join(", ", report.Failures)}\n" : "")
            + string.Concat(report.Drifts.Select(drift => $"Differs  {drift}\n"))
            + (report.Rehearsal is { } rehearsal ? $"Rehearse {rehearsal}\n" : "")
            + (report.LastRollout is { } last ? $"Last     {last.Summary}\n" : "")
            + (report.JournalDamaged is { } damaged ? $"Journal  {damaged}\n" : "")
            + (report.Quarantined.Count > 0 ? $"Refused  {string.Join(", ", report.Quarantined)}: {report.LocalNode} went down while it was loaded\n" : "")
            + string.Concat(report.Warnings.Select(warning => $"Warning  {warning}\n"))
            + $"\n{table}";
    }

    private static string? Or(string text) => text.Length > 0 ? text : null;
}
