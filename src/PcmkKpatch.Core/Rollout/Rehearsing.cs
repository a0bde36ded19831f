using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Core.Rollout;

/// <summary>What of a run is other where it is a rehearsal: whether it is one, what it notes, and what it does on the drained node in the place of a load.</summary>
internal sealed class Rehearsing(Ports ports) : Phases(ports)
{
    private static readonly TimeSpan s_healthTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The run as the rehearsal that is wished of its node, where the node has not gone through it; else as a real one.</summary>
    public Run Which(Run run, RehearsalWish? wish, Moment now)
    {
        var id = wish is not null && RehearsalNotes.Wants(wish, run.Node, Journal.Rehearsed(), now.Wall) ? wish.Id : null;
        return id == run.Rehearsal?.Id ? run : run with { Rehearsal = id is null ? null : new RehearsalNotes { Id = id } };
    }

    /// <summary>Past the gate: notes what a real run would have been told there.</summary>
    public Run Begin(Run run, IEnumerable<Refusal> warnings, KernelView kernelNow, ClusterView view)
    {
        if (run.Rehearsal is not { } notes)
            return run;
        var ofThePatch = OfThePatch(run.Policy, kernelNow, view).ToLookup(run.Policy.Levels().Of);
        return run with
        {
            Rehearsal = notes with
            {
                Loaded = [.. kernelNow.Patches.Select(patch => patch.Name)],
                Warnings =
                [
                    .. warnings.Concat(ofThePatch[GateLevel.Warn]).Select(warning => warning.ToString()),
                    .. ofThePatch[GateLevel.Refuse].Select(refusal => $"a real run would be refused: {refusal}"),
                ],
            },
        };
    }

    private IEnumerable<Refusal> OfThePatch(Policy policy, KernelView kernelNow, ClusterView view)
    {
        var choice = Kernel.Choose(policy.Patch, kernelNow);
        return choice is PatchChoice.Unusable unusable ? [unusable.Why]
            : PatchStates.Judge(choice, kernelNow) != PatchState.Due || choice is not PatchChoice.Found { Module: var module } ? []
            : HereGates(module, kernelNow, policy).Concat(FleetGates.Judge(module, view, policy));
    }

    /// <summary>Drained, or never to be. How the node is now is what it is compared with later, as after a load.</summary>
    public Next Drained(Run run, Moment now) => Go(run with { HealthBefore = HealthOf.Mark() }, Phase.Verify, now);

    /// <summary>In the place of a load: is the node well, can that be seen, and was nothing loaded by anybody?</summary>
    public Next LookAround(Run run, Moment now)
    {
        if (MustLeave(run, now) is { } leave)
            return leave;
        if (WithoutMark(run) is { } cleared)
            return GoHome(cleared, now);
        if (Kernel.See().Patches.Select(patch => patch.Name).Except(run.Rehearsal!.Loaded).ToList() is { Count: > 0 } loaded)
            return Leave(run, Verdict.Unhealthy, $"{string.Join(", ", loaded)} was loaded meanwhile, and not by this rehearsal", now);
        var (troubles, unknown) = LookAtHealth(run);
        var notWell = troubles.Concat(Complaint(run)).ToList();
        if (notWell.Count > 0)
            return Leave(run.Noting(notWell.SelectMany(trouble => trouble.Evidence)), Verdict.Unhealthy, $"not well{(run.Drain == DrainMode.None ? "" : " when it was drained")}: {Health.Words(notWell)}", now);
        if (unknown.Count == 0)
            return Leave(run, Verdict.Rehearsed, "it went as a run would, and nothing was loaded", now);
        return Elapsed(run, now) > s_healthTimeout
            ? Leave(run, Verdict.Unhealthy, $"it cannot be seen whether the node is well: {unknown[0]}", now)
            : Next.Wait(run, IdlePoll, $"it cannot be seen whether the node is well: {unknown[0]}");
    }
}
