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

    /// <summary>Prints the report. Returns 0, or <see cref="NeedsPerson"/>.</summary>
    public int Execute(bool json)
    {
        var report = Report();
        Console.Out.Write(json ? StatusJson.Write(report) + "\n" : Text(report));
        return report.WhatToDo is null ? 0 : NeedsPerson;
    }

    private StatusReport Report()
    {
        var view = cluster.See();
        var token = tokens.Read();
        var entry = new JournalFile(Paths.Journal, Paths.Last).Read();
        var seen = kernel.See();
        var alive = WorkerLock.IsHeld();
        var quarantined = AttemptFiles.List().Select(a => a.Patch).ToList();
        var (summary, remedy) = Summary(view, token, entry.Run, alive);
        if (remedy is null && quarantined.Count > 0)
            remedy = "find out why this node went down; then let it load the patch again: pcmk-kpatch quarantine --clear";
        return new StatusReport(
            view.LocalNode,
            view.Dc,
            view.QuorumByCib && view.QuorumByMembership,
            token is null ? new TokenStatus("absent", null, null, null, null)
                : new TokenStatus(token.State.ToString().ToLowerInvariant(), Or(token.Node), Or(token.Run), Or(token.Since), Or(token.Why)),
            entry.Run is { } run ? new RunStatus(run.Id, run.Phase.ToString().ToLowerInvariant(), run.Verdict.ToString().ToLowerInvariant(), run.Why, alive) : null,
            entry.Damaged,
            quarantined,
            [.. Warnings(seen.Release)],
            summary,
            remedy,
            [.. view.Nodes.Select(n => Node(n, view.LocalNode, seen))]);
    }

    private IEnumerable<string> Warnings(string release)
    {
        if (KpatchDnf.Warning() is { } auto)
            yield return auto;
        if (host.Wanted() is { } policy && Parameters.IsPackage(policy.Patch) && Packages.Problem(release) is { } problem)
            yield return $"it is not known which package is the newest: {problem}";
    }

    private static (string Summary, string? WhatToDo) Summary(ClusterView view, Token? token, Run? run, bool alive) => token switch
    {
        null or { State: TokenState.Free } when run is { Phase: not Phase.Acquire } && !alive =>
            ($"{view.LocalNode} has an unfinished run in phase {run.Phase.ToString().ToLowerInvariant()}, and no worker", "start the worker: systemctl start pcmk-kpatch-resume"),
        null => ("no node has asked to be patched yet", null),
        { State: TokenState.Free } => ("no node is being patched", null),
        { State: TokenState.Held } when view.Node(token.Node) is not { Online: true } =>
            ($"{token.Node} went away in its run; it goes on when the node is back", $"bring {token.Node} back: it puts its own run in order"),
        { State: TokenState.Held } when token.Node == view.LocalNode && !alive =>
            ($"{token.Node} has an unfinished run, and no worker", "start the worker: systemctl start pcmk-kpatch-resume"),
        { State: TokenState.Held } => ($"{token.Node} is being patched since {token.Since}", null),
        { State: TokenState.Parked } => ($"{token.Node} is parked: {token.Why}", $"look at {token.Node}; then reboot it, or bring it home: run pcmk-kpatch abort on {token.Node}"),
        { State: TokenState.Halted } => ($"halted by {token.Node}: {token.Why}", "mend that; then let the rollout go on: pcmk-kpatch resume"),
        _ => ($"the token says what this version does not know: {token.Text}", "use the newest version that is installed in the cluster"),
    };

    private static NodeStatus Node(NodeView node, string local, KernelView seen)
    {
        string? Published(string name) => node.Online ? node.Attributes.GetValueOrDefault(name) : null;
        var here = node.Name == local;
        return new NodeStatus(
            node.Name, node.Online, node.Standby,
            here ? seen.Release : Published(NodeAttributes.Kernel),
            here ? NodeState.PatchesInForce(seen) : Published(NodeAttributes.Patch),
            Published(NodeAttributes.State),
            here);
    }

    private static string Text(StatusReport report)
    {
        string[] heads = ["NODE", "CLUSTER", "KERNEL", "PATCH IN FORCE", "STATE"];
        var rows = report.Nodes.Select(n => new[]
        {
            (n.Name == report.LocalNode ? "* " : "  ") + n.Name,
            !n.Online ? "offline" : n.Standby ? "standby" : "online",
            n.Kernel ?? "unknown", n.Patch ?? "unknown", n.State ?? "unknown",
        }).Prepend(["  " + heads[0], .. heads[1..]]).ToList();
        var widths = Enumerable.Range(0, heads.Length).Select(i => rows.Max(r => r[i].Length)).ToArray();
        var table = string.Concat(rows.Select(r => string.Join("  ", r.Select((cell, i) => i == heads.Length - 1 ? cell : cell.PadRight(widths[i]))) + "\n"));
        var holder = report.Token.Node is null ? "" : $" by {report.Token.Node} since {report.Token.Since} (run {report.Token.Run})";
        return $"Cluster  DC {report.Dc ?? "none"}, {(report.Quorum ? "quorum" : "NO QUORUM")}\n"
            + $"Token    {report.Token.State}{holder}\n"
            + $"Rollout  {report.Summary}\n"
            + (report.JournalDamaged is { } damaged ? $"Journal  {damaged}\n" : "")
            + (report.Quarantined.Count > 0 ? $"Refused  {string.Join(", ", report.Quarantined)}: {report.LocalNode} went down while it was loaded\n" : "")
            + string.Concat(report.Warnings.Select(warning => $"Warning  {warning}\n"))
            + (report.WhatToDo is { } remedy ? $"To do    {remedy}\n" : "")
            + $"\n{table}";
    }

    private static string? Or(string text) => text.Length > 0 ? text : null;
}
