using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// A run drains its node in the way that the parameters ask for, or have asked for when it began, and in no other; one that is to drain nothing marks
/// nothing. What is deleted is that run's own mark, or one of ours that is seen there; a run whose journal was lost may have set any.
/// </summary>
internal sealed class MarkIsWanted(World world) : Law(world)
{
    public override void Marking(SimNode node, DrainMode kind, bool set)
    {
        var run = node.Disk.Journal;
        if (set && (run is null || run.Drain != kind || !World.DrainsWanted.Contains(kind)))
            Broken($"{node} marks itself by {kind}, and its run drains by {run?.Drain}");
        if (!set && run is not { Verdict: Verdict.JournalLost } && run?.Policy.Drain != kind && !World.Cluster.CibOf(node).MarksOf(node.Name).HasOurs(kind))
            Broken($"{node} deletes a mark of {kind} that its run, which drains by {run?.Policy.Drain}, has never set");
    }
}
