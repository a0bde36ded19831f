using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Core.Rollout;

/// <summary>
/// The node is home again: not before its resources are back, and, where it locks something together with others, its lockspaces and mounts, written to where the administrator allows it. For
/// every run alike, whatever its verdict: the next node is drained in the belief that this one bears its part. What does not come back is waited for until confirm_timeout, and no longer: a run
/// that failed goes on to give its token back too.
/// </summary>
internal sealed class Homecoming(Ports ports) : Phases(ports)
{
    /// <summary>Waits until all of it is back, and looks once more whether the node is well.</summary>
    public Next Confirm(Run run, Moment now)
    {
        var view = Cluster.See();
        var local = view.Local;
        string? open =
            local is not { Online: true, Pending: false, Unclean: false } ? $"{run.Node} is not online"
            : !view.Settled ? "the cluster is still moving resources"
            // A standby that is not ours is the administrator's: where it came after the baseline this node is then as far home as it may come.
            : local.Standby && (!run.FoundInStandby || run.Before.Values.Any(before => before.Nodes?.Contains(run.Node) == true)) ? null
            : Baseline.Missing(run.Before, view) is { Count: > 0 } missing ? string.Join("; ", missing)
            : null;
        // What is asked then starts processes, and does not come back sooner by being asked again at once.
        var every = open is null ? IdlePoll : Poll;
        open ??= SharedAgain(run, view);
        var over = open is null || Elapsed(run, now) > run.Policy.ConfirmTimeout;
        // Deleted and read back, and yet here again: it was kept where this node had been lost from sight, and never purged there. Looked for once more
        // before the end, for a mark may be one that drains nothing now.
        if (local is { Online: true, Pending: false } && (over || local.Standby || local.Unhealthy) && Cluster.SeeMarks().IsOurs)
            return Go(run, Phase.Unstandby, now);
        if (open is null)
            return AtHome(MoveNotes.WhenHome(run, view, now), now);
        if (!over)
            return run.Armed is { } armed ? Next.Person(run, every, $"the drain is taken back, for this came in the midst of it: {armed}") : Next.Wait(run, every, $"waiting for the resources: {open}");
        var why = $"not settled in {Seconds(run.Policy.ConfirmTimeout)}: {open}";
        return Go((run.Verdict.Halts() ? run with { Why = $"{run.Why}; {why}" } : run with { Verdict = Verdict.NotSettled, Why = why }) with { Unsettled = true }, Phase.Release, now);
    }

    // The workload is back. A look whether the node can bear it; what is found now halts, and takes nothing away again.
    private Next AtHome(Run run, Moment now)
    {
        // While the node was down a person may have released the token. Not asked before the node is online: until it has joined, its CIB is the one
        // that was on its disk.
        if (run is { Verdict: Verdict.NodeDown, GivingBack: false } && !HasToken(run))
            run = run with { Verdict = Verdict.TakenAway, Why = $"{run.Why}; meanwhile the token was taken away from its run" };
        if (run.Verdict is not (Verdict.Patched or Verdict.Rehearsed))
            return Go(run, Phase.Release, now);
        var (troubles, unknown) = LookAtHealth(run);
        var notWell = troubles.Concat(Complaint(run)).ToList();
        if (notWell.Count == 0 && unknown.Count > 0 && Elapsed(run, now) <= run.Policy.ConfirmTimeout)
            return Next.Wait(run, IdlePoll, $"it cannot be seen whether the node is well: {unknown[0]}");
        if (notWell.Count == 0 && unknown.Count == 0)
            return run.Rehearsal is not null ? Go(run, Phase.Release, now) : run.Policy.Pause > TimeSpan.Zero ? Go(run, Phase.Pause, now) : ToBoot(run, now);
        notWell.AddRange(unknown.Select(u => new Trouble($"not known: {u}", InKernel: true)));
        var why = $"not well {(run.Drain == DrainMode.None ? "before the end of its run" : "when its resources were back")}: {Health.Words(notWell)}";
        return Go((run with { Verdict = Verdict.Unhealthy, Why = why }).Noting(notWell.SelectMany(t => t.Evidence)), Phase.Release, now);
    }

    // Asked last, for the cluster knows of its resources only what their agents say. A node without locks is asked nothing.
    private string? SharedAgain(Run run, ClusterView view)
    {
        if (run.LocksBefore.Count == 0)
            return null;
        try
        {
            var seen = Lockspaces.See();
            return LocksBack.Missing(run.LocksBefore, seen, Foresight.LockUsers, view) is { Count: > 0 } missing ? string.Join("; ", missing)
                : run.Policy.WriteProbe ? LocksBack.Writable(run.LocksBefore, seen).Select(Written).FirstOrDefault(failure => failure is not null)
                : null;
        }
        catch (ToolFailedException e)
        {
            return LockspaceGates.NotKnown(e).Why;
        }
    }

    private string? Written(SharedMount mount) => Lockspaces.Write(mount, Host.Node) is { } failure ? $"{mount.Kind} on {mount.Point} cannot be written to: {failure}" : null;
}
