using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>pcmk-kpatch run: the worker. One tick after the other until there is nothing left to do, whatever tools fail meanwhile.</summary>
internal sealed class RunVerb(Ports ports, ILogger log)
{
    private const int FailuresForAPerson = 6;
    private static readonly TimeSpan s_longestBackOff = TimeSpan.FromSeconds(15);
    private string _lastSaid = "";
    private int _evidenceTold;
    private bool _historyTold;

    /// <summary>Runs until done. Returns the process's exit code.</summary>
    public int Execute()
    {
        using var workerLock = TakeLock();
        if (workerLock is null)
        {
            log.AlreadyAtWork();
            return 0;
        }

        using var stop = new CancellationTokenSource();
        using var onTerm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        SignOfLife.Begin(workerLock);
        File.Delete(Paths.Progress);
        var worker = new Worker(ports);
        var failures = 0;
        while (!stop.IsCancellationRequested)
        {
            TimeSpan wait;
            try
            {
                SignOfLife.Promise(TimeSpan.Zero);
                var began = Environment.TickCount64;
                var next = worker.Tick(ThisHost.Now());
                failures = 0;
                Tell(next);
                if (next.After is not { } after)
                    return 0;
                // On a slow node a look may take longer than the wait: more of its time is left to others then. Twice as much at most, for a look may
                // also have waited, and cost nothing: a DC that has just been told of a change answers after a second.
                var took = TimeSpan.FromMilliseconds(Environment.TickCount64 - began);
                wait = took <= after ? after : TimeSpan.FromTicks(Math.Min(took.Ticks, 2 * after.Ticks));
            }
            catch (ToolFailedException e)
            {
                // The one place where a failing tool is met: the same tick again, a little later each time.
                wait = TimeSpan.FromSeconds(Math.Min(s_longestBackOff.TotalSeconds, Math.Pow(2, failures++)));
                log.ToolFailed(NodeName(), wait.TotalSeconds, e.Message);
                // For about a minute now: it may never work again, and the node may be drained.
                if (failures >= FailuresForAPerson)
                    OurFile.Write(Paths.Attention, $"a tool fails again and again: {e.Message}");
            }

            SignOfLife.Promise(wait);
            stop.Token.WaitHandle.WaitOne(wait);
        }

        log.AskedToStop();
        return 0;
    }

    // The agent's look whether a worker is alive takes the lock for an instant.
    private static FileStream? TakeLock()
    {
        Paths.Prepare();
        for (var tries = 0; tries < 20; tries++)
        {
            if (WorkerLock.TryTake() is { } taken)
                return taken;
            Thread.Sleep(100);
        }

        return null;
    }

    private void Tell(Next next)
    {
        // A wait of no time is a step in passing; a phase that begins is told by the step that first waits in it.
        var phase = next.Run?.Phase.ToString().ToLowerInvariant() ?? "";
        var said = $"{phase} {next.Say}";
        if (said != _lastSaid && (next.Say.Length > 0 || next.After is null || next.After == TimeSpan.Zero))
        {
            if (next.NeedsPerson)
                log.NeedsPerson(NodeName(), next.Say);
            else if (next.After is null && next.Run is null)
                log.NothingToDo(NodeName(), next.Say);
            else if (next.After is null)
                log.Ended(NodeName(), next.Say);
            else
                log.Progress(NodeName(), phase, next.Say.Length > 0 ? $": {next.Say}" : "");
        }

        _lastSaid = said;
        foreach (var evidence in next.Run?.Evidence.Skip(_evidenceTold) ?? [])
            log.Found(NodeName(), evidence);
        _evidenceTold = next.Run?.Evidence.Count ?? 0;
        SetAttention(next);
        Publish(next);
        TellHistory(next);
    }

    // Never in the midst of a run: the cluster looks at everything again at each change of its configuration. What could not be told is told by the next worker.
    private void TellHistory(Next next)
    {
        if (next.Run is { Phase: not Phase.Acquire } && next.After is not null)
            return;
        if (_historyTold && next is not { After: null, Run: not null })
            return;
        try
        {
            CibHistory.Tell(ports.Host.Node);
            _historyTold = true;
        }
        catch (ToolFailedException e)
        {
            log.NotPublished(e.Message);
        }
    }

    private static void SetAttention(Next next)
    {
        if (next.NeedsPerson)
            OurFile.Write(Paths.Attention, next.Say);
        else if (next.After is null || next.Run?.Phase != Phase.Acquire || next.Say.Length > 0)
            File.Delete(Paths.Attention);
    }

    private void Publish(Next next)
    {
        if (StateWords.After(next) is not { } state)
            return;
        try
        {
            var rehearsed = ports.Journal.Rehearsed();
            // Of several that of the wish is told, which may have come back with an old configuration: others wait for it.
            var wish = rehearsed.Count > 1 ? ports.Rehearsals.Read() : null;
            NodeState.Publish(ports.Kernel.See(), ports.Attempts.Quarantined(), RehearsalOutcome.Told(rehearsed, wish), state);
        }
        catch (ToolFailedException e)
        {
            log.NotPublished(e.Message);
        }
    }

    private string NodeName()
    {
        try
        {
            return ports.Host.Node;
        }
        catch (ToolFailedException)
        {
            return Environment.MachineName;
        }
    }
}
