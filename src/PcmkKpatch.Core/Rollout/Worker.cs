using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;

namespace PcmkKpatch.Core.Rollout;

/// <summary>
/// What the worker does each time it wakes: read the journal, step the run that is there or begin one, journal what comes of it.
/// It keeps nothing in memory between two ticks, so a worker that was killed and started again is the same worker.
/// </summary>
public sealed class Worker(ICluster cluster, IToken tokens, IKernel kernel, IAttempts attempts, IJournal journal, IHost host)
{
    private readonly NodeRun _nodeRun = new(cluster, tokens, kernel, attempts, journal, host);

    /// <summary>One tick. A <see cref="ToolFailedException"/> means: the same tick again, later.</summary>
    public Next Tick(Moment now)
    {
        var entry = journal.Read();
        var next = entry.Run is { } run ? _nodeRun.Step(run, now) : Begin(entry.Damaged, now);
        if (next.After is null)
            journal.Close(next.Run);
        else if (next.Run is not null && !ReferenceEquals(next.Run, entry.Run))
            journal.Write(next.Run);
        return next;
    }

    private Next Begin(string? damaged, Moment now)
    {
        // Without a journalled run nothing of ours may be left in the cluster. What is there is a run whose journal was lost.
        var token = tokens.Read();
        var held = token is not null && token.IsHeldOn(host.Node);
        var ours = cluster.SeeStandby().IsOurs;
        if (held && !ours && journal.Last() is { } last && last.Id == token!.Run)
            return Next.Go(NodeRun.ReleaseAgain(last, host.BootId, now));
        if (held || ours)
            return Recover(held ? token : null, damaged, now);

        if (attempts.Read() is { } attempt)
        {
            if (attempt.Boot != host.BootId)
                attempts.Quarantine(attempt);
            attempts.Clear();
        }

        if (host.Wanted() is not { } policy)
            return Next.Done("the agent is stopped on this node: nothing to do");
        host.AbortDone();
        return Next.Go(New(host.NewRunId(), policy, now));
    }

    private Next Recover(Token? token, string? damaged, Moment now)
    {
        var run = New(token?.Run ?? host.NewRunId(), host.Wanted() ?? Parameters.Defaults, now) with
        {
            StandbyInFlight = true, // Who knows.
            Verdict = Verdict.JournalLost,
            Why = $"{host.Node} was found {(token is null ? "in our standby" : "holding the token")} without a journal of its run{(damaged is null ? "" : $" ({damaged})")}",
        };
        // A mark of this boot, or a patch transition, means that the run was at the kernel: a person must look.
        var attempt = attempts.Read();
        var atKernel = attempt?.Boot == host.BootId || kernel.See().Patches.Any(p => p.InTransition);
        if (attempt is not null && attempt.Boot != host.BootId)
        {
            attempts.Quarantine(attempt);
            attempts.Clear();
        }

        // An abort that was asked for before this was known does not bring the node home.
        if (atKernel)
            host.AbortDone();
        return Next.Go(run with { Phase = atKernel ? Phase.Parked : Phase.Unstandby });
    }

    private Run New(string id, Policy policy, Moment now) => new()
    {
        Id = id,
        Node = host.Node,
        Boot = host.BootId,
        Started = now.Wall,
        Phase = Phase.Acquire,
        PhaseSince = now.Uptime,
        Policy = policy,
    };
}
