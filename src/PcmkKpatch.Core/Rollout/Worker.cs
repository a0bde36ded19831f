using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Ocf;

namespace PcmkKpatch.Core.Rollout;

/// <summary>
/// What the worker does each time it wakes: read the journal, step the run that is there or begin one, journal what comes of it.
/// It keeps nothing in memory between two ticks, so a worker that was killed and started again is the same worker.
/// </summary>
public sealed class Worker(Ports ports)
{
    private readonly NodeRun _nodeRun = new(ports);

    /// <summary>One tick. A <see cref="ToolFailedException"/> means: the same tick again, later.</summary>
    public Next Tick(Moment now)
    {
        var entry = ports.Journal.Read();
        var next = entry.Run is { } run ? _nodeRun.Step(run, now) : Begin(entry.Damaged, now);
        if (next.Run is { } stepped && stepped.Phase != entry.Run?.Phase)
            next = next with { Run = stepped.Entered(now.Wall) };
        if (next.After is null)
            ports.Journal.Close(next.Run);
        else if (next.Run is not null && !ReferenceEquals(next.Run, entry.Run))
            ports.Journal.Write(next.Run);
        return next with { Before = entry.Run };
    }

    private Next Begin(string? damaged, Moment now)
    {
        // Without a journalled run nothing of ours may be left in the ports.Cluster. What is there is a run whose journal was lost.
        var token = ports.Tokens.Read();
        var held = token is not null && token.IsHeldOn(ports.Host.Node);
        var marks = ports.Cluster.SeeMarks();
        if (held && !marks.IsOurs && ports.Journal.Ended(token!.Run) is { } ended)
            return Next.Go(NodeRun.ReleaseAgain(ended, ports.Host.BootId, ports.Kernel.See(), now));
        if (held || marks.IsOurs)
            return Recover(held ? token : null, marks, damaged, now);

        SettleAttempt(now);

        if (ports.Host.Wanted() is not { } policy)
            return Next.Done("the agent is stopped on this node: nothing to do");
        ports.Host.AbortDone();
        return Next.Go(New(ports.Host.NewRunId(), policy, now));
    }

    // A patch on probation is left there. One whose probation an orderly shutdown did not end went down with the node. And where the mark is of this boot and
    // without a probation, the run's journal was lost: nobody has judged that patch, so it goes on probation here, as at the end of a run; also where none is wanted
    // after a run that has ended, for this one has not.
    private void SettleAttempt(Moment now)
    {
        if (ports.Attempts.Read() is not { } attempt || (attempt.Boot == ports.Host.BootId && attempt.ProvedAt > now.Uptime))
            return;
        if (attempt.Boot == ports.Host.BootId && attempt.ProvedAt is null)
        {
            var wanted = ports.Host.Wanted()?.Probation ?? TimeSpan.Zero;
            ports.Attempts.Probation(attempt, wanted > TimeSpan.Zero ? wanted : Parameters.Defaults.Probation, now.Uptime);
            return;
        }

        if (attempt.Boot != ports.Host.BootId)
            ports.Attempts.Quarantine(attempt);
        ports.Attempts.Clear();
    }

    private Next Recover(Token? token, DrainMarks marks, string? damaged, Moment now)
    {
        var found = token is not null ? "holding the token" : marks.HasOurs(DrainMode.Standby) ? "in our standby" : "marked as unhealthy by us";
        var run = New(token?.Run ?? ports.Host.NewRunId(), ports.Host.Wanted() ?? Parameters.Defaults, now) with
        {
            // Who knows how the lost run drained its node: the parameter may have been changed since.
            MarksInFlight = DrainMarks.Kinds,
            MarksToDelete = DrainMarks.Kinds,
            Verdict = Verdict.JournalLost,
            Why = $"{ports.Host.Node} was found {found} without a journal of its run{(damaged is null ? "" : $" ({damaged})")}",
        };
        // A mark of this boot, or a patch transition, means that the run was at the kernel: a person must look.
        var attempt = ports.Attempts.Read();
        var atKernel = (attempt is { ProvedAt: null } && attempt.Boot == ports.Host.BootId) || ports.Kernel.See().Patches.Any(p => p.InTransition);
        if (attempt is not null && attempt.Boot != ports.Host.BootId)
        {
            ports.Attempts.Quarantine(attempt);
            ports.Attempts.Clear();
        }

        // An abort that was asked for before this was known does not bring the node home.
        if (atKernel)
            ports.Host.AbortDone();
        return Next.Go(run with { Phase = atKernel ? Phase.Parked : Phase.Unstandby });
    }

    private Run New(string id, Policy policy, Moment now) => new()
    {
        Id = id,
        Node = ports.Host.Node,
        Boot = ports.Host.BootId,
        Started = now.Wall,
        StartedBy = ports.Host.StartedBy,
        Phase = Phase.Acquire,
        PhaseSince = now.Uptime,
        Policy = policy,
    };
}
