using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Core.Rollout;

/// <summary>
/// The pause between two nodes: this one is home and patched, and has the token still. It is watched with its workload for as long as the administrator
/// wants; only then is the patch loaded at boot, and may the next node begin.
/// </summary>
internal sealed class Pausing(Ports ports) : Phases(ports)
{
    // Hours may go by, in which each look asks systemd, corosync and the administrator's own check.
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_healthTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Watches the node until the pause is over.</summary>
    public Next Pause(Run run, Moment now)
    {
        if (run.Verdict != Verdict.Patched)
            return Go(run, Phase.Release, now);
        // It stays as it is, whatever a person wants: it is home, and the patch is in force.
        if (Host.AbortAsked())
            return Halt(run, Verdict.Aborted, "aborted by a person in the pause; the patch is in force and stays", now);
        if (!HasToken(run))
            return Halt(run, Verdict.TakenAway, "the token was taken away from this run in its pause", now);
        // It was kept where this node had been lost from sight, and came back when the two sides met.
        if (Cluster.SeeMarks().IsOurs)
            return Go(Counted(run, now), Phase.Unstandby, now);
        var (troubles, unknown) = LookAtHealth(run);
        var notWell = troubles.Concat(Complaint(run)).ToList();
        // Who changes the parameter in the pause wants it longer or shorter now.
        var left = (Host.Wanted() ?? run.Policy).Pause - Elapsed(run, now);
        if (notWell.Count == 0 && unknown.Count > 0 && left < -s_healthTimeout)
            notWell.AddRange(unknown.Select(u => new Trouble($"not known: {u}", InKernel: true)));
        if (notWell.Count > 0)
            return Halt(run.Noting(notWell.SelectMany(t => t.Evidence)), Verdict.Unhealthy, $"not well in the pause: {Health.Words(notWell)}", now);
        if (left > TimeSpan.Zero)
            return Next.Wait(run, left < s_look ? left : s_look, $"{run.Patch!.Name} is in force, and {run.Node} is home; pausing before the next node may begin");
        return unknown.Count > 0 ? Next.Wait(run, s_look, $"it cannot be seen whether the node is well: {unknown[0]}") : ToBoot(Counted(run, now), now);
    }

    private static Next Halt(Run run, Verdict verdict, string why, Moment now) => Go(run with { Verdict = verdict, Why = why }, Phase.Release, now);

    private static Run Counted(Run run, Moment now) => run with { Paused = run.Paused + Elapsed(run, now) };
}
