using System.Diagnostics;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Watch;
using PcmkKpatch.Host;
using PcmkKpatch.Livepatch;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>
/// Looks at the rollout again and again, and takes no more of a processor for that than a share, whatever the cluster's size: all that "status" tells as often as
/// that allows, and in between what costs next to nothing, the nodes' own words and this node's files.
/// </summary>
/// <param name="kernel">This node's kernel.</param>
/// <param name="host">This node.</param>
/// <param name="every">How often it is looked, where that may be afforded.</param>
internal sealed class Watcher(SysKernel kernel, IHost host, TimeSpan every)
{
    // Promised are two in a hundred.
    private const double Share = 0.016;

    // Past so many intervals without a whole look the nodes' words are asked for alone.
    private const int WordsAfter = 3;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<string, (string State, TimeSpan Since, bool FromTheStart)> _states = [];
    private readonly Pace _whole = new(Share, every);
    private StatusLook? _look;
    private KernelView? _kernel;
    private PatchTransition? _transition;
    private WatchView? _last;
    private TimeSpan _wholeAt;

    /// <summary>A person must look, as far as was seen last.</summary>
    public bool NeedsPerson { get; private set; }

    /// <summary>How long to wait for the next look.</summary>
    public TimeSpan Wait() => _whole.Until(_clock.Elapsed) is var whole && whole > TimeSpan.Zero && whole <= 2 * every ? whole : every;

    /// <summary>Looks: at all of it, where there has been no look for so long that it may be afforded.</summary>
    public WatchView Look()
    {
        try
        {
            if (_look is null || _whole.Until(_clock.Elapsed) == TimeSpan.Zero)
                LookAtAll();
            else
                LookAtLittle(_clock.Elapsed - _wholeAt > WordsAfter * every);
            return _last = View(_look!);
        }
        catch (Exception e) when (e is ToolFailedException or IOException or UnauthorizedAccessException)
        {
            // It may answer the next time.
            _whole.Looked(_clock.Elapsed, ProcessorTime.Spent());
            return _last = _last is null ? new WatchView { At = DateTimeOffset.UtcNow, Head = [], Nodes = [], Problem = e.Message } : _last with { Problem = e.Message };
        }
    }

    private void LookAtAll()
    {
        var asked = StatusLook.Begin(host);
        _kernel = kernel.See();
        _transition = _kernel.Patches.Any(p => p.InTransition) ? kernel.SeeTransition() : null;
        _look = asked();
        _wholeAt = _clock.Elapsed;
        _whole.Looked(_wholeAt, ProcessorTime.Spent());
    }

    private void LookAtLittle(bool words)
    {
        var cluster = _look!.Cluster;
        if (words)
        {
            var told = NodeAttributes.Told(NodeAttributes.State);
            var token = CibOnDisk.See().Token ?? cluster.Token;
            cluster = cluster with { Token = token, View = cluster.View with { Nodes = [.. cluster.View.Nodes.Select(n => told.TryGetValue(n.Name, out var state) ? Saying(n, state) : n)] } };
        }

        _look = _look with { Cluster = cluster, Here = LocalLook.See() };
    }

    private static NodeView Saying(NodeView node, string state) => node with { Attributes = new Dictionary<string, string>(node.Attributes) { [NodeAttributes.State] = state } };

    private WatchView View(StatusLook look)
    {
        var (view, now) = (look.Cluster.View, DateTimeOffset.UtcNow);
        var report = StatusVerb.Of(look, _kernel!);
        NeedsPerson = report.WhatToDo is not null;
        NoteStates(view);
        var head = StatusVerb.Head(report).ToList();
        if (Expectation.Of(view, look.Cluster.Token, look.Cluster.Histories, look.Wanted?.Pause ?? TimeSpan.Zero, now) is { } expected)
            head.Insert(head.FindIndex(line => line.Word == "Token") + 1, new WatchedLine("Expected", expected.Words(now)) { Passing = true });
        return new WatchView
        {
            At = now,
            Head = head,
            Nodes = [.. view.Nodes.Select(n => WatchedNode.Of(n, view, n.Name == view.LocalNode ? NodeState.PatchesInForce(_kernel!) : null, phase => Words(n, phase, look)))],
        };
    }

    private string? Words(NodeView node, Phase phase, StatusLook look)
    {
        var (view, known) = (look.Cluster.View, _states[node.Name]);
        var here = node.Name == view.LocalNode && look.Here.Journal.Run is { } run && run.Phase == phase
            ? new RunHere(run, ThisHost.Now().Uptime - run.PhaseSince, _transition, phase == Phase.Confirm ? Baseline.Missing(run.Before, view).Count : 0) : null;
        return Progress.Of(phase, view.ActiveOn(node.Name, r => !r.IsOurs).Count, here, look.Wanted, known.FromTheStart ? null : _clock.Elapsed - known.Since);
    }

    // Since when a node is in its phase nobody publishes; who watches saw it begin, or not.
    private void NoteStates(ClusterView view)
    {
        foreach (var node in view.Nodes)
        {
            var state = node.Attributes.GetValueOrDefault(FleetGates.StateAttribute, "");
            if (!_states.TryGetValue(node.Name, out var known) || known.State != state)
                _states[node.Name] = (state, _clock.Elapsed, known.State is null);
        }
    }
}
