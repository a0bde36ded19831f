using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>All of it in one sentence: what is the matter, and what to type; null where nothing needs a person.</summary>
internal sealed record Advice(string Summary, string? WhatToDo);

/// <summary>What "status" found on this node and in the cluster. Of several things that are wrong it tells the one to begin with.</summary>
/// <param name="View">The cluster.</param>
/// <param name="Token">The token, or null where there is none.</param>
/// <param name="Journal">This node's journal.</param>
/// <param name="WorkerAlive">A worker is alive on this node.</param>
/// <param name="Stuck">That worker does not go on.</param>
/// <param name="InOurDrain">This node is in the standby, or has the health, that a run sets.</param>
/// <param name="TokenIsOld">The token was taken longer ago than any run takes.</param>
/// <param name="Attention">Why a person must look at this node, by its worker's word; null where nothing is.</param>
/// <param name="Quarantined">The patches that this node refuses.</param>
internal sealed record Situation(
    ClusterView View, Token? Token, JournalEntry Journal, bool WorkerAlive, StuckWorker? Stuck, bool InOurDrain, bool TokenIsOld, string? Attention, IReadOnlyList<string> Quarantined)
{
    private static readonly string s_pausing = Phase.Pause.ToString().ToLowerInvariant();

    // Where a journal is, pcmk-kpatch-resume.service starts the worker; it looks for nothing else.
    private string StartWorker => "start the worker: " + (Journal == new JournalEntry(null) ? "systemd-run --collect pcmk-kpatch run" : "systemctl start pcmk-kpatch-resume");

    /// <summary>The sentence.</summary>
    public Advice Advice() => OfTheWorker() ?? OfTheToken() ?? OfThisNode() ?? OfOtherNodes() ?? new(Token is null ? "no node has asked to be patched yet" : "no node is being patched", null);

    private Advice? OfTheWorker() => Stuck switch
    {
        null => null,
        { Process: null } => new($"{View.LocalNode}: {Stuck.Why}", "see what it waits for: systemctl status 'pcmk-kpatch-r*'"),
        { State: 'T' or 't' } => new($"{View.LocalNode}: {Stuck.Why}", $"let it go on: kill -CONT {Stuck.Process}"),
        { State: 'D' } => new($"{View.LocalNode}: {Stuck.Why} in the kernel", $"see where: cat /proc/{Stuck.Process}/stack; where that does not end, only a reboot does: systemctl reboot"),
        _ => new($"{View.LocalNode}: {Stuck.Why}", $"see what it waits for: systemctl status 'pcmk-kpatch-r*'; then have it begin this step again: kill -KILL {Stuck.Process}"),
    };

    private Advice? OfTheToken() => Token switch
    {
        null or { State: TokenState.Free } => null,
        { State: TokenState.Unreadable } => new($"the token says what this version does not know: {Token.Text}", "use the newest version that is installed in the cluster"),
        { State: TokenState.Halted } when View.Node(Token.Node) is { Online: true } or null || !Token.IsReleased => new($"halted by {Token.Node}: {Token.Why}", "mend that; then let the rollout go on: pcmk-kpatch resume"),
        { State: TokenState.Halted } => new($"halted, and {Token.Node} is down: {Token.Why}", $"bring {Token.Node} back, or remove it: pcs cluster node remove {Token.Node} --skip-offline; then let the rollout go on: pcmk-kpatch resume"),
        _ when View.Node(Token.Node) is not { Online: true } => Absent(View.Node(Token.Node)),
        _ when Token.Node == View.LocalNode && !WorkerAlive => new($"{Token.Node} has an unfinished run, and no worker", StartWorker),
        { State: TokenState.Parked } => new($"{Token.Node} is parked: {Token.Why}", $"look at {Token.Node}; then reboot it, or bring it home: run pcmk-kpatch abort on {Token.Node}"),
        _ when Token.Node != View.LocalNode && TokenIsOld => new(
            $"{Token.Node} {Does} since {Token.Since}, longer than a run takes", $"see what its worker waits for: run pcmk-kpatch status on {Token.Node}"),
        _ when View.Node(Token.Node)?.Attributes.GetValueOrDefault(NodeAttributes.State) == s_pausing => new($"{Token.Node} is patched and in its pause; it has the token since {Token.Since}", null),
        _ => new($"{Token.Node} {Does} since {Token.Since}", null),
    };

    private string Does => Token!.IsRehearsal ? "goes through a rehearsal" : "is being patched";

    private Advice Absent(NodeView? holder)
    {
        var name = Token!.Node;
        return holder switch
        {
            null => new($"{name} has the token, and is no longer a node of this cluster", $"see that it has no power; then: pcmk-kpatch release --confirm {name}"),
            { Pending: true } => new($"{name} comes back to the cluster; it puts its own run in order", null),
            { Unclean: true } => new(
                $"{name} went away in its run, and is not fenced yet", $"see why: stonith_admin --history {name}. Where you have seen that it has no power: pcs stonith confirm {name}"),
            _ => new($"{name} went down in its run; it goes on when the node is back", $"bring {name} back: it puts its own run in order. Where it is gone for good: pcmk-kpatch release"),
        };
    }

    private Advice? OfThisNode() =>
        Journal.Damaged is { } damaged && !WorkerAlive ? new($"{View.LocalNode}: {damaged}", $"{StartWorker}; it puts the journal aside, and in order what that run left")
        : Journal.Run is { Phase: not Phase.Acquire } run && !WorkerAlive ? new($"{View.LocalNode} has an unfinished run in phase {run.Phase.ToString().ToLowerInvariant()}, and no worker", StartWorker)
        : InOurDrain && !WorkerAlive ? new($"{View.LocalNode} is drained for a run that is not there any more", StartWorker)
        : Attention is { } attention ? new($"{View.LocalNode} needs a person: {attention}", "do that; the node looks again by itself")
        : Quarantined.Count > 0 ? Refuses(View.LocalNode, string.Join(", ", Quarantined))
        : null;

    private Advice? OfOtherNodes()
    {
        foreach (var node in View.Nodes.Where(n => n.Online && (n.Name != View.LocalNode || !n.IsMember)).OrderByDescending(n => n.IsMember))
        {
            if (!node.IsMember && AsksForAPerson(node) is { } due)
                return new($"{node.Name}: {due}", $"hold the rollout, and patch {node.Name} by hand: see \"Remote nodes\" in pcmk-kpatch(8)");
            if (AsksForAPerson(node) is { } why)
                return new($"{node.Name} needs a person: {why}", $"see all of it: run pcmk-kpatch status on {node.Name}");
            if (node.Attributes.GetValueOrDefault(NodeAttributes.Quarantine) is { Length: > 0 } builds)
                return Refuses(node.Name, $"build {builds}");
        }

        return null;
    }

    // Why it says that a person must look; null where it does not say so.
    private static string? AsksForAPerson(NodeView node) =>
        node.Attributes.GetValueOrDefault(NodeAttributes.State) is { } state && state.StartsWith(StateWords.NeedsAttention, StringComparison.Ordinal) ? state[StateWords.NeedsAttention.Length..] : null;

    private static Advice Refuses(string node, string patches) =>
        new($"{node} went down with {patches} on trial, and refuses it", $"find out why; then let it be loaded again: run pcmk-kpatch quarantine --clear on {node}");
}
