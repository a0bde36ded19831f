using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Core.Notices;

/// <summary>
/// What of a worker's step a person must be told of, by the run before and after it. The journal knows nothing of it: it is told once, after the step, and where the worker
/// is killed in that moment not at all.
/// </summary>
public static class StepNotices
{
    /// <summary>What is to be told, what the step's own line says first.</summary>
    public static IEnumerable<Notice> Of(Next next)
    {
        if (next.Run is not { } run)
            yield break;
        Notice Told(Event which, string why) => new(which, run.Node, why) { Run = run };
        var before = next.Before;
        if (before is { Phase: Phase.Gate } && run is { Verdict: Verdict.Undecided, Phase: not (Phase.Gate or Phase.Release) })
            yield return Told(Event.RunBegan, $"it has the token, and its {(run.Rehearsal is null ? $"run begins: {run.Patch!.Name}" : "rehearsal begins")}");
        else if (before is { Phase: Phase.Drain } && run.Phase is Phase.Install or Phase.Load or Phase.Verify)
            yield return Told(Event.NodeDrained, "it is drained");
        else if (before is { Phase: Phase.Verify } && run.Phase == Phase.Soak)
            yield return Told(Event.PatchInForce, $"{run.Patch!.Name} is in force");
        else if (before is { Verdict: not Verdict.NodeDown } && run.Verdict == Verdict.NodeDown)
            yield return Told(Event.NodeWentDown, run.Why);
        else if (next is { NeedsPerson: true, ToldByAnother: false })
            yield return Told(run.Phase == Phase.Parked ? Event.NodeParked : Event.PersonNeeded, next.Say);
        // One that has ended before, and only gives the token back once more, was told of then.
        if (next.After is not null || run.Again)
            yield break;
        yield return Told(End(run, next), run.Why);
        if (next.NoneIsDue)
            yield return Told(Event.FleetPatched, $"no node says that a patch is due, and every node with the kernel {run.Patch!.Release} has {run.Patch.Name} in force");
    }

    private static Event End(Run run, Next next) => run.Verdict switch
    {
        Verdict.Patched => Event.NodePatched,
        Verdict.Rehearsed => Event.NodeRehearsed,
        _ when next.Halted => Event.RolloutHalted,
        var verdict => verdict.Halts() ? Event.RunFailed : Event.RunPutOff,
    };

    /// <summary>
    /// By all that the nodes publish the patch went through the cluster: each other member says that nothing is due there, and has it in force where it has the same kernel. A
    /// node that does not say, or is not there, leaves it open.
    /// </summary>
    public static bool NoneIsDue(PatchModule module, ClusterView view) => view.Nodes.Where(node => node.IsMember && node.Name != view.LocalNode).All(node =>
        node.Online && StateWords.IsDue(node.Attributes.GetValueOrDefault(FleetGates.StateAttribute, "")) == false
        && node.Attributes.GetValueOrDefault(DriftGates.KernelAttribute) is { Length: > 0 } kernel
        && (kernel != module.Release || node.Attributes.GetValueOrDefault(DriftGates.PatchAttribute, "").Split(' ').Contains(module.Name)));
}
