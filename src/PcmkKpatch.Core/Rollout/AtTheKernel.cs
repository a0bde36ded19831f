using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;

namespace PcmkKpatch.Core.Rollout;

/// <summary>The part of a run that is at the kernel, on a drained node where it is to be drained: install → load → (reverse) → verify → soak, and the rollback of what is not well.</summary>
internal sealed class AtTheKernel(Ports ports) : Phases(ports)
{
    private static readonly TimeSpan s_installTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_reverseTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_healthTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_rebootTimeout = TimeSpan.FromMinutes(10);
    // The kernel itself tries the tasks that have not crossed over once a second; to look at all of them more often tells nothing, and costs a busy node.
    private static readonly TimeSpan s_transitionPoll = TimeSpan.FromSeconds(1);

    /// <summary>Installs the package that holds the module, which was fetched and looked into before.</summary>
    public Next Install(Run run, Moment now)
    {
        if (MustLeave(run, now) is { } leave)
            return leave;
        // Also where the file is there: a package manager that was killed leaves files of which it knows nothing.
        var why = Packages.Install(run.Patch!.Package!);
        return why is null && FileIsThere(run) ? ToLoad(run, now)
            : Elapsed(run, now) > s_installTimeout || why is null
                ? Leave(run, Verdict.InstallFailed, $"{run.Patch.Package} was not installed: {why ?? $"{run.Patch.Path} is not there, or not the file that was looked into"}", now)
                : Next.Wait(run, IdlePoll, $"{run.Patch.Package} is not installed yet: {why}");
    }

    /// <summary>Drained, and the file is there: the baseline of the node's health is taken, to be journalled before the load.</summary>
    /// <param name="run">The run.</param>
    /// <param name="now">This moment.</param>
    /// <param name="asked">The administrator's own check was asked in this very step, and was content.</param>
    public Next ToLoad(Run run, Moment now, bool asked = false)
    {
        if (!asked && run.Policy.HealthCheck is { } check && HealthOf.Ask(check) is { } complaint)
            return Leave(run, Verdict.LoadRefused, $"not loaded: {(run.Drain == DrainMode.None ? "" : "on the drained node ")}{check} is not content: {complaint}", now);
        return Go(run with { HealthBefore = HealthOf.Mark(), PatchesBefore = Words(Kernel.See()) }, Phase.Load, now);
    }

    /// <summary>Loads the patch, and waits for its patch transition.</summary>
    public Next Load(Run run, Moment now)
    {
        var module = run.Patch!;
        var kernelNow = Kernel.See();
        // A mark of this boot: an earlier try of this phase came as far as the loader, and its answer was lost.
        var tried = Attempts.Read() is { ProvedAt: null } mark && mark.Boot == run.Boot && module.IsBuild(mark.BuildId);
        if (kernelNow.Patch(module.Name) is { } patch && module.IsBuild(patch.BuildId))
        {
            // Whoever loaded it: from here on this run answers for it.
            if (!tried)
                Attempts.Mark(new Attempt(run.Boot, module.Name, module.BuildId));
            return patch.InForce ? Go(run, Phase.Verify, now) : InTransition(run, patch, now);
        }

        if (MustLeave(run, now) is { Run: { } leaving })
            return LeaveLoad(leaving, tried, now);
        if (PatchStates.Judge(new PatchChoice.Found(module), kernelNow) == PatchState.NewerInForce)
            return LeaveLoad(run with { Verdict = Verdict.Refused, Why = $"a newer patch than {module.Name} was loaded meanwhile" }, tried, now);
        // Law 3, in the moment before: the token was seen just now, the cluster is whole and at rest, the node drained, the file still the same.
        var (view, levels) = (Cluster.See(), run.Policy.Levels());
        var refusal = ClusterGates.Judge(view).Concat(NotDrained(run, view)).Concat(PatchGates.Judge(module, kernelNow, Attempts.Quarantined()))
            .Concat(FleetGates.Judge(module, view, run.Policy))
            .Concat(KernelGates.JudgeProbes(module, kernelNow.Kprobes, Kernel.Functions).Where(r => levels.Of(r) == GateLevel.Refuse)).FirstOrDefault();
        if (!FileIsThere(run))
            refusal ??= new Refusal("patch.changed", $"{module.Path} is no longer the file it was at the gate", "wait for the next run");
        if (refusal is not null)
        {
            // What was drained fills again; the token is not kept from the others meanwhile.
            if (WithoutMark(run) is { } cleared)
                return LeaveLoad(cleared, tried, now);
            return Elapsed(run, now) > run.Policy.DrainTimeout
                ? LeaveLoad(run with { Verdict = Verdict.Refused, Why = refusal.ToString() }, tried, now)
                : Next.Wait(run, Poll, refusal.Why);
        }

        Attempts.Mark(new Attempt(run.Boot, module.Name, module.BuildId));
        var answer = Kernel.Load(module, run.Policy.Loader);
        kernelNow = Kernel.See();
        if (kernelNow.Patch(module.Name) is not null)
            return Next.Wait(run, TimeSpan.Zero, $"{module.Name} is loaded");
        var why = answer.Words.Length > 0 ? answer.Words : "the loader said it worked, but the kernel does not have the patch";
        var failed = run with { Verdict = answer.Stalled ? Verdict.Stalled : Verdict.LoadRefused, Why = why };
        return LeaveLoad(answer.Blocked is { } blocked ? failed.Noting(blocked.Evidence) : failed, tried: true, now);
    }

    // Once the loader was at work, what it left in the kernel is put in order first, and the run has failed at the kernel.
    private static Next LeaveLoad(Run run, bool tried, Moment now) =>
        !tried ? GoHome(run, now)
        : Go(run.Verdict.Halts() ? run : run with { Verdict = Verdict.LoadRefused }, Phase.Reverse, now);

    private Next InTransition(Run run, LivePatch patch, Moment now)
    {
        var since = run.TransitionSince ?? now.Uptime;
        if (!patch.Enabled)
            return Go(run with { Verdict = Verdict.Stalled, Why = "the patch transition was turned back by somebody else" }, Phase.Reverse, now);
        if (Host.AbortAsked())
            return Go(run with { Verdict = Verdict.Aborted, Why = "aborted by a person in the patch transition" }, Phase.Reverse, now);
        var transition = Kernel.SeeTransition();
        if (now.Uptime - since <= run.Policy.TransitionTimeout)
            return Next.Wait(run.TransitionSince is null ? run with { TransitionSince = since } : run, s_transitionPoll, $"patch transition of {patch.Name} under way, {transition.Words}");
        var why = $"the patch transition did not end in {Seconds(run.Policy.TransitionTimeout)}: {transition.Words}";
        return Go((run with { Verdict = Verdict.Stalled, Why = why }).Noting(transition.Evidence), Phase.Reverse, now);
    }

    /// <summary>Turns back a patch transition that does not end, and clears away what a failed load left.</summary>
    public Next Reverse(Run run, Moment now)
    {
        var name = run.Patch!.Name;
        var kernelNow = Kernel.See();
        var patch = kernelNow.Patch(name);
        if (IsSomebodyElses(patch, run) || (patch is null && !kernelNow.Modules.Contains(name)))
            return LeaveUnlessTrouble(run, now);
        if (patch is { InForce: true })
        {
            // It ended in the last moment. Writing to "enabled" now would take a whole patch back, another thing altogether.
            return run.Verdict == Verdict.Aborted
                ? LeaveUnlessTrouble(run with { Why = "aborted by a person; the patch was already in force and stays" }, now)
                : Go(run with { Verdict = Verdict.Undecided, Why = "" }, Phase.Verify, now);
        }

        if (Elapsed(run, now) > s_reverseTimeout)
            return Stuck(run, $"{run.Why}, and could not be turned back in {Seconds(s_reverseTimeout)}: reboot {run.Node}", now);
        if (patch is null)
            Kernel.Remove(name);
        else if (patch.Enabled)
            Kernel.Disable(name);
        return Next.Wait(run, Poll, $"turning back {name}");
    }

    /// <summary>Is the very patch in force, and everywhere that it should be?</summary>
    public Next Verify(Run run, Moment now)
    {
        var name = run.Patch!.Name;
        var kernelNow = Kernel.See();
        if (!kernelNow.HasInForce(run.Patch))
            return NoLongerInForce(run, kernelNow, now);
        return kernelNow.Patch(name)!.WithoutEffect(kernelNow.Modules) is { Count: > 0 } objects
            ? NotWell(run, [new($"{name} is in force, but without effect on {string.Join(", ", objects)}", InKernel: false)], now)
            : Go(run, Phase.Soak, now);
    }

    /// <summary>Watches the node for a while before anything comes back to it.</summary>
    public Next Soak(Run run, Moment now)
    {
        if (MustLeave(run, now) is { Run: { } leaving })
            return LeaveUnlessTrouble(leaving, now);
        var kernelNow = Kernel.See();
        if (!kernelNow.HasInForce(run.Patch!))
            return NoLongerInForce(run, kernelNow, now);
        var (troubles, unknown) = LookAtHealth(run);
        if (troubles.Concat(Complaint(run)).ToList() is { Count: > 0 } notWell)
            return NotWell(run, notWell, now);
        if (unknown.Count > 0 && Elapsed(run, now) > run.Policy.Soak + s_healthTimeout)
            return NotWell(run, Unknown(unknown), now);
        return unknown.Count == 0 && Elapsed(run, now) >= run.Policy.Soak
            ? GoHome(run with { Verdict = Verdict.Patched, Why = $"{run.Patch!.Name} is in force" }, now)
            : Next.Wait(run, IdlePoll, $"{run.Patch!.Name} is in force; watching the node for {Seconds(run.Policy.Soak)}");
    }

    private Next NoLongerInForce(Run run, KernelView kernelNow, Moment now) => kernelNow.Patch(run.Patch!.Name) is not { } patch || IsSomebodyElses(patch, run)
        ? LeaveUnlessTrouble(run with { Verdict = Verdict.LoadRefused, Why = $"{run.Patch!.Name} was loaded, and is gone again" }, now)
        : Stuck(run, $"somebody is taking {run.Patch!.Name} back", now);

    // The kernel was touched, and is now as it will stay. Whatever the verdict, a node whose kernel complained does not go home.
    private Next LeaveUnlessTrouble(Run run, Moment now)
    {
        var (troubles, unknown) = LookAtHealth(run);
        if (troubles.Count > 0)
            return NotWell(run, troubles, now);
        return unknown.Count == 0 ? GoHome(run, now)
            : Elapsed(run, now) > s_healthTimeout ? NotWell(run, Unknown(unknown), now)
            : Next.Wait(run, Poll, $"it cannot be seen whether the node is well: {unknown[0]}");
    }

    private static List<Trouble> Unknown(IReadOnlyList<string> unknown) => [.. unknown.Select(u => new Trouble($"not known: {u}", InKernel: true))];

    private Next NotWell(Run run, IReadOnlyList<Trouble> troubles, Moment now)
    {
        var why = $"not well since the load: {Health.Words(troubles)}{(run.Why.Length > 0 ? $" ({run.Why})" : "")}";
        run = (run with { Verdict = Verdict.Unhealthy, Why = why }).Noting(troubles.SelectMany(t => t.Evidence));
        return run.Policy.Rollback switch
        {
            Rollout.Rollback.None => Park(run, now),
            Rollout.Rollback.Reboot => ToReboot(run, now),
            _ => Go(run, Phase.Rollback, now),
        };
    }

    // Only a reboot makes this kernel sure again.
    private Next Stuck(Run run, string why, Moment now)
    {
        run = run with { Verdict = Verdict.ReversalStalled, Why = why };
        return run.Policy.Rollback == Rollout.Rollback.Reboot ? ToReboot(run, now) : Park(run, now);
    }

    // On a node that was not drained the reboot stops everything. What would have the node fenced for that may have come since the gate.
    private Next ToReboot(Run run, Moment now) => run.Drain == DrainMode.None && LockspacesAgainst(run, DrainMode.Standby, Cluster.See) is [var against, ..]
        ? Park(run with { Why = $"{run.Why}; and not rebooted, for {against}" }, now)
        : Go(run, Phase.Rollback, now);

    /// <summary>Does about a node that is not well what the administrator chose.</summary>
    public Next Rollback(Run run, Moment now)
    {
        if (run.Policy.Rollback == Rollout.Rollback.Unload && run.Verdict == Verdict.Unhealthy)
            return Unload(run, now);
        if (Elapsed(run, now) > s_rebootTimeout)
            return Park(run with { Why = $"{run.Why}; and {run.Node} did not reboot in {Seconds(s_rebootTimeout)}" }, now);
        // Orderly: the cluster's stack leaves first, so that nobody fences the node. The patch is not persisted: it is gone after.
        Host.Reboot();
        return Next.Wait(run, s_healthTimeout, $"rebooting {run.Node}: {run.Why}");
    }

    private Next Unload(Run run, Moment now)
    {
        var name = run.Patch!.Name;
        var kernelNow = Kernel.See();
        var patch = kernelNow.Patch(name);
        if (IsSomebodyElses(patch, run) || (patch is null && !kernelNow.Modules.Contains(name)))
        {
            var (troubles, unknown) = LookAtHealth(run);
            return unknown.Count > 0 || troubles.Any(t => t.InKernel)
                ? Park(run with { Why = $"{run.Why}; the patch was taken out again, but the kernel stays uncertain: reboot {run.Node}" }, now)
                : Leave(run, Verdict.Unhealthy, $"{run.Why}; the patch was taken out again", now);
        }

        if (Elapsed(run, now) > s_reverseTimeout)
            return Park(run with { Verdict = Verdict.ReversalStalled, Why = $"{run.Why}; and the patch could not be taken out in {Seconds(s_reverseTimeout)}: reboot {run.Node}" }, now);
        if (patch is null)
            Kernel.Remove(name);
        else if (patch.Enabled)
            Kernel.Disable(name);
        return Next.Wait(run, Poll, $"taking {name} out of the kernel: {run.Why}");
    }

    // Another build under the same name: what became of ours, it is not this run's to touch. A kernel that shows no build id leaves it open.
    private static bool IsSomebodyElses(LivePatch? patch, Run run) => patch is { BuildId: { } build } && !run.Patch!.IsBuild(build);

    private bool FileIsThere(Run run) =>
        Kernel.Choose(Parameters.PatchOf(run.Patch!.Path), Kernel.See()) is PatchChoice.Found { Module: var file } && file.IsBuild(run.Patch.BuildId);

    // An abort that was asked for before anybody could know that the kernel is uncertain does not bring the node home.
    private Next Park(Run run, Moment now)
    {
        Host.AbortDone();
        return Go(run, Phase.Parked, now);
    }
}
