using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Notices;

namespace PcmkKpatch.Core.Rollout;

/// <summary>The end of a run, of a failed one and a good one: the token goes back, free or halted.</summary>
internal sealed class Releasing(Ports ports) : Phases(ports)
{
    private static readonly TimeSpan s_settleTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Gives the token back, and ends the run when the cluster is certain of that.</summary>
    public Next Release(Run run, Moment now)
    {
        EndAttempt(run, now);
        var token = Tokens.Read();
        var owed = IsHaltOwed(run);
        if (token is null && owed)
        {
            Tokens.Create();
            return Next.Wait(run, TimeSpan.Zero, "creating the token");
        }

        // With it taken away by hand, by an old configuration too, a failure halts all the same: where it is free, or names an older run of this node.
        if (token is not null && (token.IsHeldBy(run.Node, run.Id) || (owed && (token.State == TokenState.Free || token.IsHeldOn(run.Node)))))
        {
            var counts = run.Policy.MaxFailures > 0 && (run.Again ? run.Tolerated : MayBeTolerated(run));
            var failures = counts ? token.Failures.With(run.Node, run.Patch!.BuildId) : token.Failures;
            var tolerated = counts && failures.Of(run.Patch!.BuildId) <= run.Policy.MaxFailures;
            // Journalled before the token goes: by then it has to be known how long this node waits.
            if (tolerated != run.Tolerated)
                return Next.Go(run with { Tolerated = tolerated });
            var halts = run.Verdict.Halts() && !tolerated;
            return Tokens.Swap(token, halts ? Token.Halted(run.Node, run.Id, run.Boot, now.Wall, run.Why, failures) : Token.FreeAfter(failures))
                ? Next.Wait(run with { GivingBack = true }, ReadBack, "giving the token back")
                : Next.Wait(run, ReadBack, "the token was changed by somebody else in this moment");
        }

        // Its success would not make this failure good. One that is parked ends in a halt of its own.
        if (owed && token is { State: TokenState.Held or TokenState.Unreadable })
        {
            // Journalled: a node that goes down meanwhile has not given anything back.
            return Next.Person(
                run.HaltOwed ? run : run with { HaltOwed = true }, IdlePoll, $"{run.Why}. The rollout is halted for that as soon as {(token.State == TokenState.Held ? $"{token.Node}, which has the token now, gives it back" : "a person has freed the token, whose text is not understood")}");
        }

        // Read back; but on a side of a partition that loses, the release would be undone when the sides meet, with nobody left to
        // repeat it. So the run ends where there is quorum, no member is uncertain, and a DC is there to say so.
        var view = Cluster.See();
        if (!view.QuorumByMembership || view.Nodes.Any(n => n is { IsMember: true, Unclean: true }) || (!view.Settled && Elapsed(run, now) <= s_settleTimeout))
            return Next.Wait(run, Poll, "the token is given back; waiting until the cluster is certain of that");
        Host.AbortDone();
        var goesOn = run.Tolerated ? "; max_failures tolerates that, and the rollout goes on with the other nodes" : "";
        return Next.Done($"{run.Verdict}: {run.Why}{goesOn}", run with { Ended = now.Wall, Tries = Tries(run) }) with
        {
            Halted = token is { State: TokenState.Halted },
            NoneIsDue = run.Verdict == Verdict.Patched && StepNotices.NoneIsDue(run.Patch!, view),
        };
    }

    // The run was at the kernel and failed, and was not yet able to say so in the token.
    private static bool IsHaltOwed(Run run) => run is { GivingBack: false, PatchesBefore: not null, Tolerated: false } && run.Verdict.Halts();

    // Nothing is left of it: the node is home, its kernel has the patches that it had, and has not complained. What somebody else did to the kernel meanwhile is
    // no failed load.
    private bool MayBeTolerated(Run run)
    {
        if (!run.Verdict.LeftTheKernelAlone() || run.Unsettled || run.Patch is not { } module)
            return false;
        if (run.PatchesBefore is not { } before)
            return true;
        var kernelNow = Kernel.See();
        return !kernelNow.Modules.Contains(module.Name) && Words(kernelNow).SequenceEqual(before) && LookAtHealth(run) is { Troubles.Count: 0, Unknown.Count: 0 };
    }

    // A good run, a halt and another build begin anew.
    private int Tries(Run run)
    {
        var last = Journal.Last();
        // It has ended before, and only gives the token back once more; or it was killed in its very end.
        if (last?.Id == run.Id)
            return last.Tries;
        if (run.Verdict == Verdict.Patched || (run.Verdict.Halts() && !run.Tolerated))
            return 0;
        var before = last is null || last.Policy != run.Policy || (last.Patch is { } patch && run.Patch?.IsBuild(patch.BuildId) == false) ? 0 : last.Tries;
        return before + (run.Verdict.BacksOff() ? 1 : 0);
    }

    // A patch that stays in force is on probation: a crash soon after is as likely its doing as one in the run.
    private void EndAttempt(Run run, Moment now)
    {
        if (Attempts.Read() is not { } mark || (mark.Boot == run.Boot && mark.ProvedAt is not null))
            return;
        // It went down with its node, and this run has only come to say an older one's end again.
        if (mark.Boot != run.Boot)
            Attempts.Quarantine(mark);
        if (mark.Boot == run.Boot && run.Policy.Probation > TimeSpan.Zero && Kernel.See().Patches.Any(p => p.InForce && p.Name == mark.Patch))
            Attempts.Probation(mark, run.Policy.Probation, now.Uptime);
        else
            Attempts.Clear();
    }
}
