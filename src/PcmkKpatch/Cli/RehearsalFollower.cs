using System.Runtime.InteropServices;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.Host;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>
/// Shows a rehearsal until it has ended, and takes its wish away then. The nodes go through it by themselves: who follows may go, and another one may come.
/// </summary>
internal sealed class RehearsalFollower(ICluster cluster, IToken tokens, RehearsalWish wish, TextWriter shown)
{
    private const int LongestLine = 2000;

    // A node tells how it ended a moment after it gave the token back.
    private const int LooksUntilBelieved = 5;
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(2);
    private readonly RehearsalProgress _progress = new(wish);
    private readonly Dictionary<string, string> _told = [];
    private readonly TimeSpan _began = ThisHost.Now().Uptime;

    /// <summary>Follows it. Returns the report; null where a person stopped that.</summary>
    public RehearsalReport? Follow()
    {
        using var stop = new CancellationTokenSource();
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        for (var ended = 0; ; stop.Token.WaitHandle.WaitOne(s_look))
        {
            if (stop.IsCancellationRequested)
                return null;
            try
            {
                // The wish and the token before the cluster: what the nodes tell is no older than both.
                var (wishNow, token) = (CibRehearsals.See(), tokens.Read());
                var view = cluster.See();
                var end = _progress.Look(wishNow, token, view, DateTimeOffset.UtcNow);
                Tell(view);
                ended = end == RehearsalEnd.None ? 0 : ended + 1;
                if (end != RehearsalEnd.Done && ended < LooksUntilBelieved)
                    continue;
                if (wishNow == wish)
                    CibRehearsals.TakeAway(wish);
                return Report(end, tokens.Read());
            }
            catch (ToolFailedException e)
            {
                // It may work again the next time; the rehearsal does not depend on it. Or it was a person's Ctrl-C that ended the tool.
                if (!stop.IsCancellationRequested)
                    Show("", $"cannot be seen just now: {e.Message}");
            }
        }
    }

    private void Tell(ClusterView view)
    {
        foreach (var node in wish.Nodes)
        {
            if (_progress.OutcomeOn(node) is { } outcome)
                Show(node, RehearsedNode.Of(node, outcome).Ended);
            else if (view.Node(node)?.Attributes.GetValueOrDefault(NodeAttributes.State) is { Length: > 0 } state and not (StateWords.Idle or StateWords.Due))
                Show(node, state);
        }
    }

    private void Show(string node, string what)
    {
        if (_told.GetValueOrDefault(node) == what)
            return;
        _told[node] = what;
        shown.WriteLine(PlainText.Of($"{(ThisHost.Now().Uptime - _began).TotalSeconds,5:0} s  {node}  {what}", LongestLine));
        shown.Flush();
    }

    private RehearsalReport Report(RehearsalEnd end, Token? token)
    {
        var nodes = wish.Nodes.Select(node => RehearsedNode.Of(node, _progress.OutcomeOn(node))).ToList();
        var failed = wish.Nodes.Where(node => _progress.OutcomeOn(node) is not { IsGood: true }).ToList();
        var halted = token is { State: TokenState.Halted or TokenState.Parked };
        return new RehearsalReport
        {
            Id = wish.Id,
            Outcome = end == RehearsalEnd.CalledOff ? RehearsalReport.Cancelled : failed.Count == 0 ? RehearsalReport.Good : RehearsalReport.Failed,
            Summary = end == RehearsalEnd.CalledOff ? "it was called off"
                : failed.Count == 0 ? $"{string.Join(", ", wish.Nodes)} went through it as a run would, and nothing was loaded"
                : $"not as a run should go on {string.Join(", ", failed)}" + (halted ? $"; the rollout is halted by {token!.Node}: {token.Why}" : ""),
            WhatToDo = halted ? "mend that, and see pcmk-kpatch status; then let the rollout go on: pcmk-kpatch resume. Then rehearse again"
                : end != RehearsalEnd.CalledOff && failed.Count > 0 ? "mend that, and rehearse again" : null,
            Nodes = nodes,
        };
    }
}
