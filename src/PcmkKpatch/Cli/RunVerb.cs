using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>pcmk-kpatch run: the worker. One tick after the other until there is nothing left to do, whatever tools fail meanwhile.</summary>
internal sealed class RunVerb
{
    private const int FailuresForAPerson = 6;
    private static readonly TimeSpan s_longestBackOff = TimeSpan.FromSeconds(15);
    private readonly Ports _ports;
    private readonly ILogger _log;
    private readonly Telling _telling;
    private bool _historyTold;

    /// <summary>The worker.</summary>
    /// <param name="ports">What it sees and changes.</param>
    /// <param name="log">Takes what it tells.</param>
    public RunVerb(Ports ports, ILogger log)
    {
        var attempts = new NotedAttempts(ports.Attempts);
        (_ports, _log, _telling) = (ports with { Attempts = attempts }, log, new Telling(ports.Host, attempts, log));
    }

    /// <summary>Runs until done. Returns the process's exit code: where it is not 0 systemd starts the worker again.</summary>
    public int Execute()
    {
        try
        {
            return Work();
        }
        catch (Exception e) when (e is not (ToolFailedException or IOException or UnauthorizedAccessException) && Unexpected.Note(e))
        {
            _telling.Fails(e);
            return 1;
        }
    }

    private int Work()
    {
        using var workerLock = TakeLock();
        if (workerLock is null)
        {
            _log.AlreadyAtWork();
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
        var worker = new Worker(_ports);
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
                var notices = _telling.Tell(next);
                // First, so that who sees that a node is patched finds its run.
                TellHistory(next);
                Publish(next);
                _telling.Notify(notices);
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
                _telling.ToolFails(e, wait, again: failures >= FailuresForAPerson);
            }

            SignOfLife.Promise(wait);
            stop.Token.WaitHandle.WaitOne(wait);
        }

        _log.AskedToStop();
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

    // Never in the midst of a run: the cluster looks at everything again at each change of its configuration. What could not be told is told by the next worker.
    private void TellHistory(Next next)
    {
        if (next.Run is { Phase: not Phase.Acquire } && next.After is not null)
            return;
        if (_historyTold && next is not { After: null, Run: not null })
            return;
        try
        {
            CibHistory.Tell(_ports.Host.Node);
            _historyTold = true;
        }
        catch (ToolFailedException e)
        {
            _log.NotPublished(e.Message);
        }
    }

    private void Publish(Next next)
    {
        if (StateWords.After(next) is not { } state)
            return;
        try
        {
            var rehearsed = _ports.Journal.Rehearsed();
            // Of several that of the wish is told, which may have come back with an old configuration: others wait for it.
            var wish = rehearsed.Count > 1 ? _ports.Rehearsals.Read() : null;
            NodeState.Publish(_ports.Kernel.See(), _ports.Attempts.Quarantined(), RehearsalOutcome.Told(rehearsed, wish), state);
        }
        catch (ToolFailedException e)
        {
            _log.NotPublished(e.Message);
        }
    }
}
