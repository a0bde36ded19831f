using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;

namespace PcmkKpatch.Core.Rollout;

/// <summary>
/// One node's run, top to bottom: acquire → gate → standby → drain → load → verify → unstandby → confirm → release. A step does one
/// thing and says when to come back; it never sleeps. Every phase looks before it acts, so it may be tried twice, and makes at most
/// one change. A failed run and a good one leave by the same road; only the verdict differs.
/// </summary>
public sealed class NodeRun(ICluster cluster, IToken tokens, IKernel kernel, IAttempts attempts, IJournal journal, IHost host)
{
    private static readonly TimeSpan s_readBack = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_idlePoll = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_settleTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_attributeLag = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_standbyTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_reverseTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Tries the run's phase once.</summary>
    public Next Step(Run run, Moment now)
    {
        if (run.Boot != host.BootId)
            return AfterBoot(run, now);
        return run.Phase switch
        {
            Phase.Acquire => Acquire(run, now),
            Phase.Gate => Gate(run, now),
            Phase.Standby => Standby(run, now),
            Phase.Drain => Drain(run, now),
            Phase.Load => Load(run, now),
            Phase.Reverse => Reverse(run, now),
            Phase.Verify => Verify(run, now),
            Phase.Unstandby => Unstandby(run, now),
            Phase.Confirm => Confirm(run, now),
            Phase.Release => Release(run, now),
            Phase.Parked => Parked(run, now),
            _ => throw new InvalidOperationException($"no such phase: {run.Phase}"),
        };
    }

    // The node went down in the run. What had only been loaded is gone; if a load was under way, that patch is not tried again.
    private Next AfterBoot(Run run, Moment now)
    {
        var why = $"{run.Node} went down in phase {run.Phase.ToString().ToLowerInvariant()}";
        if (attempts.Read() is { } attempt)
        {
            attempts.Quarantine(attempt);
            attempts.Clear();
            why += $" with {attempt.Patch} loading or just loaded: quarantined here";
        }

        run = run with { Boot = host.BootId };
        // Up to the gate nothing was changed but the token.
        return run.Phase is Phase.Acquire or Phase.Gate
            ? Go(run with { Verdict = Verdict.Refused, Why = why }, Phase.Release, now)
            : Leave(run, Verdict.NodeDown, run.Why.Length > 0 ? $"{why} ({run.Why})" : why, now);
    }

    private Next Acquire(Run run, Moment now)
    {
        var token = tokens.Read();
        if (token is null)
        {
            tokens.Create();
            return Next.Wait(run, TimeSpan.Zero, "creating the token");
        }

        if (token.IsHeldBy(run.Node, run.Id))
            return Go(run, Phase.Gate, now);
        if (token.IsHeldOn(run.Node))
            return TakeUp(token, run, now);
        if (host.Wanted() is not { } policy)
            return Next.Done("the agent is stopped on this node");

        var kernelNow = kernel.See();
        var choice = kernel.Choose(policy.Patch, kernelNow);
        if (choice is PatchChoice.Unusable unusable)
            return Next.Person(run, s_idlePoll, $"{unusable.Why}. {unusable.Why.Remedy}");
        if (PatchStates.Judge(choice, kernelNow) != PatchState.Due)
            return Next.Done("no patch is due on this node");

        // First what can be seen without the token, so that a node that may not run does not hold up one that may.
        var module = ((PatchChoice.Found)choice).Module;
        if (ScheduleGates.Judge(journal.Last(), policy, now).Concat(PatchGates.Judge(module, kernelNow, attempts.Quarantined())).FirstOrDefault() is { } refusal)
        {
            return refusal.NeedsPerson
                ? Next.Person(run, s_idlePoll, $"{refusal}. {refusal.Remedy}")
                : Next.Wait(run, s_idlePoll, refusal.ToString());
        }

        if (token.State == TokenState.Held)
            return Next.Wait(run, s_idlePoll, $"waiting for {token.Node}, which has the token since {token.Since}");
        if (token.State != TokenState.Free)
            return Next.Person(run, s_idlePoll, WhyStopped(token));
        if (ClusterGates.Judge(cluster.See()).FirstOrDefault() is { } notWhole)
            return Next.Wait(run, s_idlePoll, notWhole.ToString());
        return tokens.Swap(token, Token.Held(run.Node, run.Id, run.Boot, now.Wall))
            ? Go(run, Phase.Gate, now)
            : Next.Wait(run, TimeSpan.Zero, "another node was faster to take the token");
    }

    /// <summary>
    /// That run has ended, and yet the token names it. Its release was undone: a partition's CIB won over the one that had it, or a CIB
    /// was pushed from a file. How the run ended is known, and is said again.
    /// </summary>
    public static Run ReleaseAgain(Run ended, string boot, Moment now) => ended with { Boot = boot, Ended = null, Phase = Phase.Release, PhaseSince = now.Uptime };

    // The token names a run of this node that is not the journal's.
    private Next TakeUp(Token token, Run run, Moment now) => journal.Last() is { } last && last.Id == token.Run
        ? Next.Go(ReleaseAgain(last, run.Boot, now))
        : Go(
            run with
            {
                Id = token.Run,
                StandbyInFlight = true,
                Verdict = Verdict.JournalLost,
                Why = $"{run.Node} was found holding the token for a run of which it knows nothing",
            },
            Phase.Unstandby,
            now);

    private Next Gate(Run run, Moment now)
    {
        if (!Holds(run))
            return Go(run with { Verdict = Verdict.TakenAway, Why = "the token was taken away before anything was changed" }, Phase.Release, now);
        if (host.AbortAsked())
            return Go(run with { Verdict = Verdict.Aborted, Why = "aborted by a person before anything was changed" }, Phase.Release, now);
        if (host.Wanted() is not { } policy)
            return Go(run with { Verdict = Verdict.AgentStopped, Why = "the agent was stopped on this node" }, Phase.Release, now);

        var kernelNow = kernel.See();
        if (kernel.Choose(policy.Patch, kernelNow) is not PatchChoice.Found { Module: var module })
            return Go(run with { Verdict = Verdict.Refused, Why = "the patch is no longer there" }, Phase.Release, now);
        var view = cluster.See();
        if (ClusterGates.Judge(view).Concat(PatchGates.Judge(module, kernelNow, attempts.Quarantined())).FirstOrDefault() is { } refusal)
            return Go(run with { Verdict = Verdict.Refused, Why = refusal.ToString() }, Phase.Release, now);
        // Only a cluster at rest gives a baseline. And only a DC that answers proves that what the CIB says of the members is no
        // older than the take: on the side of a partition that lost the DC it is, until there is another one.
        if (!view.Settled)
        {
            return Elapsed(run, now) > s_settleTimeout
                ? Go(run with { Verdict = Verdict.Refused, Why = $"the cluster did not come to rest in {Seconds(s_settleTimeout)}" }, Phase.Release, now)
                : Next.Wait(run, s_poll, "waiting until the cluster has come to rest");
        }

        var found = cluster.SeeStandby().IsAdministrators;
        run = run with
        {
            Policy = policy,
            Patch = module,
            FoundInStandby = found,
            StandbyInFlight = !found,
            TaintBefore = kernelNow.Taint,
            Before = Baseline.Of(view),
        };
        return Go(run, found ? Phase.Drain : Phase.Standby, now);
    }

    private Next Standby(Run run, Moment now)
    {
        if (MustLeave(run, now) is { } leave)
            return leave;
        var standby = cluster.SeeStandby();
        if (standby.IsOurs)
            return Go(run with { StandbyInFlight = false }, Phase.Drain, now);
        if (standby.IsAdministrators)
            return Go(run with { FoundInStandby = true }, Phase.Drain, now);
        if (Elapsed(run, now) > s_standbyTimeout)
            return Leave(run, Verdict.DrainTooSlow, "the standby attribute could not be set", now);
        cluster.SetStandby();
        return Next.Wait(run, s_readBack, $"putting {run.Node} in standby");
    }

    private Next Drain(Run run, Moment now)
    {
        if (MustLeave(run, now) is { } leave)
            return leave;
        var standby = cluster.SeeStandby();
        if (!standby.IsOurs && !standby.IsAdministrators)
            return Leave(run, Verdict.TakenAway, $"{run.Node} is no longer in standby: somebody cleared it, or the cluster was restarted here", now);
        if (DrainGates.Judge(cluster.See()).FirstOrDefault() is not { } refusal)
            return Go(run, Phase.Load, now);
        return Elapsed(run, now) > run.Policy.DrainTimeout
            ? Leave(run, Verdict.DrainTooSlow, $"not drained in {Seconds(run.Policy.DrainTimeout)}: {refusal.Why}", now)
            : Next.Wait(run, s_poll, refusal.Why);
    }

    private Next Load(Run run, Moment now)
    {
        var module = run.Patch!;
        var kernelNow = kernel.See();
        if (kernelNow.HasInForce(module))
            return Go(run, Phase.Verify, now);
        if (kernelNow.Patch(module.Name) is { } patch && module.IsBuild(patch.BuildId))
            return InTransition(run, patch, now);

        // A mark of this boot: an earlier try of this phase came as far as the loader, and its answer was lost.
        var tried = attempts.Read() is { } mark && mark.Boot == run.Boot && module.IsBuild(mark.BuildId);
        if (MustLeave(run, now) is { Run: { } leaving })
            return LeaveLoad(leaving, tried, now);
        // Law 3, in the moment before: the token was seen just now, the cluster is whole, the node drained, the file still the same.
        var view = cluster.See();
        var refusal = ClusterGates.Judge(view).Concat(DrainGates.Judge(view)).Concat(PatchGates.Judge(module, kernelNow, attempts.Quarantined())).FirstOrDefault();
        if (kernel.Choose(Parameters.PatchOf(module.Path), kernelNow) is not PatchChoice.Found { Module: var file } || !file.IsBuild(module.BuildId))
            refusal ??= new Refusal("patch.changed", $"{module.Path} is no longer the file it was at the gate", "wait for the next run");
        if (refusal is not null)
        {
            return Elapsed(run, now) > run.Policy.DrainTimeout
                ? LeaveLoad(run with { Verdict = Verdict.Refused, Why = refusal.ToString() }, tried, now)
                : Next.Wait(run, s_poll, refusal.Why);
        }

        attempts.Mark(new Attempt(run.Boot, module.Name, module.BuildId));
        var answer = kernel.Load(module);
        kernelNow = kernel.See();
        if (kernelNow.Patch(module.Name) is not null)
            return Next.Wait(run, TimeSpan.Zero, $"{module.Name} is loaded");
        var why = answer.Words.Length > 0 ? answer.Words : "the loader said it worked, but the kernel does not have the patch";
        var verdict = answer.Stalled ? Verdict.Stalled : Verdict.LoadRefused;
        return LeaveLoad(run with { Verdict = verdict, Why = why }, tried: true, now);
    }

    // Once the loader was at work, what it left in the kernel is put in order first, and the run has failed at the kernel.
    private static Next LeaveLoad(Run run, bool tried, Moment now) =>
        !tried ? Go(run, Phase.Unstandby, now)
        : Go(run.Verdict.Halts() ? run : run with { Verdict = Verdict.LoadRefused }, Phase.Reverse, now);

    private Next InTransition(Run run, LivePatch patch, Moment now)
    {
        var since = run.TransitionSince ?? now.Uptime;
        if (!patch.Enabled)
            return Go(run with { Verdict = Verdict.Stalled, Why = "the patch transition was turned back by somebody else" }, Phase.Reverse, now);
        if (host.AbortAsked())
            return Go(run with { Verdict = Verdict.Aborted, Why = "aborted by a person in the patch transition" }, Phase.Reverse, now);
        if (now.Uptime - since > run.Policy.TransitionTimeout)
            return Go(run with { Verdict = Verdict.Stalled, Why = $"the patch transition did not end in {Seconds(run.Policy.TransitionTimeout)}" }, Phase.Reverse, now);
        return Next.Wait(run.TransitionSince is null ? run with { TransitionSince = since } : run, s_poll, $"patch transition of {patch.Name} under way");
    }

    private Next Reverse(Run run, Moment now)
    {
        var name = run.Patch!.Name;
        var kernelNow = kernel.See();
        var patch = kernelNow.Patch(name);
        if (patch is null && !kernelNow.Modules.Contains(name))
            return LeaveUnlessTrouble(run, kernelNow, now);
        if (patch is { InForce: true })
        {
            // It ended in the last moment. Writing to "enabled" now would take a whole patch back, another thing altogether.
            return run.Verdict == Verdict.Aborted
                ? LeaveUnlessTrouble(run with { Why = "aborted by a person; the patch was already in force and stays" }, kernelNow, now)
                : Go(run with { Verdict = Verdict.Undecided, Why = "" }, Phase.Verify, now);
        }

        if (Elapsed(run, now) > s_reverseTimeout)
            return Park(run, Verdict.ReversalStalled, $"{run.Why}, and could not be turned back in {Seconds(s_reverseTimeout)}: reboot {run.Node}", now);
        if (patch is null)
            kernel.Remove(name);
        else if (patch.Enabled)
            kernel.Reverse(name);
        return Next.Wait(run, s_poll, $"turning back {name}");
    }

    private Next Verify(Run run, Moment now)
    {
        var kernelNow = kernel.See();
        if (kernelNow.HasInForce(run.Patch!))
            return LeaveUnlessTrouble(run with { Verdict = Verdict.Patched, Why = $"{run.Patch!.Name} is in force" }, kernelNow, now);
        return kernelNow.Patch(run.Patch!.Name) is null
            ? LeaveUnlessTrouble(run with { Verdict = Verdict.LoadRefused, Why = $"{run.Patch!.Name} was loaded, and is gone again" }, kernelNow, now)
            : Park(run, Verdict.ReversalStalled, $"somebody is taking {run.Patch!.Name} back", now);
    }

    // The kernel was touched, and is now as it will stay. Whatever the verdict, a node whose kernel complained does not go home.
    private Next LeaveUnlessTrouble(Run run, KernelView kernelNow, Moment now) =>
        Taint.NewTrouble(run.TaintBefore, kernelNow.Taint) is { Count: > 0 } trouble
            ? Park(run, Verdict.Unhealthy, $"the kernel complained since the load: {string.Join(", ", trouble)} ({run.Why})", now)
            : Go(run, Phase.Unstandby, now);

    private Next Unstandby(Run run, Moment now)
    {
        if (cluster.SeeStandby().IsOurs)
        {
            cluster.ClearStandby();
            return Next.Wait(run, s_readBack, $"taking {run.Node} out of standby");
        }

        // The attribute daemon answers first and writes to the CIB later. One that came after the token was given back would stay
        // for good: it stops our own agent on this node, who would have it cleared.
        return run.StandbyInFlight && Elapsed(run, now) < s_attributeLag
            ? Next.Wait(run, s_poll, "making sure that no standby asked for earlier comes after all")
            : Go(run, Phase.Confirm, now);
    }

    private Next Confirm(Run run, Moment now)
    {
        var view = cluster.See();
        var local = view.Local;
        // Deleted and read back, and yet here again: it was kept where this node had been lost from sight, and never purged there.
        if (local is { Online: true, Pending: false, Standby: true } && cluster.SeeStandby().IsOurs)
            return Go(run, Phase.Unstandby, now);
        string? open =
            local is not { Online: true, Pending: false, Unclean: false } ? $"{run.Node} is not online"
            : !view.Settled ? "the cluster is still moving resources"
            // A standby that is not ours is the administrator's: this node is then as far home as it may come.
            : local.Standby && !run.FoundInStandby ? null
            : Baseline.Missing(run.Before, view) is { Count: > 0 } missing ? string.Join("; ", missing)
            : null;
        if (open is null)
            return Go(run, Phase.Release, now);
        if (Elapsed(run, now) <= run.Policy.ConfirmTimeout)
            return Next.Wait(run, s_poll, $"waiting for the resources: {open}");
        var why = $"not settled in {Seconds(run.Policy.ConfirmTimeout)}: {open}";
        return Go(run.Verdict.Halts() ? run with { Why = $"{run.Why}; {why}" } : run with { Verdict = Verdict.NotSettled, Why = why }, Phase.Release, now);
    }

    private Next Release(Run run, Moment now)
    {
        attempts.Clear();
        var token = tokens.Read();
        if (token is not null && token.IsHeldBy(run.Node, run.Id))
        {
            var after = run.Verdict.Halts() ? Token.Halted(run.Node, run.Id, run.Boot, now.Wall, run.Why) : Token.Free;
            tokens.Swap(token, after);
            return Next.Wait(run, s_readBack, "giving the token back");
        }

        // Read back; but on a side of a partition that loses, the release would be undone when the sides meet, with nobody left to
        // repeat it. So the run ends where there is quorum, no member is uncertain, and a DC is there to say so.
        var view = cluster.See();
        if (!view.QuorumByMembership || view.Nodes.Any(n => n is { IsMember: true, Unclean: true }) || (!view.Settled && Elapsed(run, now) <= s_settleTimeout))
            return Next.Wait(run, s_poll, "the token is given back; waiting until the cluster is certain of that");
        host.AbortDone();
        return Next.Done($"{run.Verdict}: {run.Why}", run with { Ended = now.Wall });
    }

    private Next Parked(Run run, Moment now)
    {
        if (host.AbortAsked())
            return Go(run, Phase.Unstandby, now);
        var token = tokens.Read();
        if (token is { State: TokenState.Held } && token.IsHeldBy(run.Node, run.Id))
            tokens.Swap(token, Token.Parked(run.Node, run.Id, run.Boot, now.Wall, run.Why));
        return Next.Person(run, s_idlePoll, $"parked: {run.Why}. Look at the node; then reboot it, or bring it home with: pcmk-kpatch abort");
    }

    private Next? MustLeave(Run run, Moment now) =>
        host.AbortAsked() ? Leave(run, Verdict.Aborted, "aborted by a person", now)
        : !Holds(run) ? Leave(run, Verdict.TakenAway, "the token was taken away from this run", now)
        : null;

    private bool Holds(Run run) => tokens.Read()?.IsHeldBy(run.Node, run.Id) == true;

    private static string WhyStopped(Token token) => token.State switch
    {
        TokenState.Parked => $"{token.Node} is parked since {token.Since}: {token.Why}",
        TokenState.Halted => $"the rollout is halted by {token.Node} since {token.Since}: {token.Why}. When that is mended: pcmk-kpatch resume",
        _ => $"the token says what this version does not know: {token.Text}",
    };

    private static TimeSpan Elapsed(Run run, Moment now) => now.Uptime - run.PhaseSince;

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0} s";

    private static Next Go(Run run, Phase phase, Moment now) => Next.Go(run with { Phase = phase, PhaseSince = now.Uptime });

    private static Next Leave(Run run, Verdict verdict, string why, Moment now) => Go(run with { Verdict = verdict, Why = why }, Phase.Unstandby, now);

    // An abort that was asked for before anybody could know that the kernel is uncertain does not bring the node home.
    private Next Park(Run run, Verdict verdict, string why, Moment now)
    {
        host.AbortDone();
        return Go(run with { Verdict = verdict, Why = why }, Phase.Parked, now);
    }
}
