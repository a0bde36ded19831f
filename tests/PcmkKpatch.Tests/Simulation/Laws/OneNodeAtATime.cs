using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// Law 1. The token passes from hand to hand in the lawful ways only. And whatever partitions do to the token: from a run's first
/// change of its node (our mark, or a load) to the end of that run no other run changes its own node. A node that went down has
/// nothing changed any more.
/// </summary>
internal sealed class OneNodeAtATime(World world) : Law(world)
{
    private readonly List<SimNode> _changing = [];
    private readonly HashSet<string> _overwritten = [];

    public override void TokenChanges(SimNode node, Partition partition, Token from, Token to)
    {
        var run = node.Disk.Journal?.Id;
        var takes = from.State == TokenState.Free && to.State == TokenState.Held && to.IsHeldBy(node.Name, run ?? "");
        var leaves = from.IsHeldOn(node.Name) && (run is null || run == from.Run) && (to.State is TokenState.Free or TokenState.Halted or TokenState.Parked);
        // Overwritten by somebody, and its node's kernel as uncertain as before.
        var parksAgain = (from.State == TokenState.Free || from.IsHeldOn(node.Name)) && to.State == TokenState.Parked && to.IsHeldBy(node.Name, run ?? "") && node.Disk.Journal?.Phase == Phase.Parked;
        // Overwritten too, and the run failed at the kernel: that is said all the same.
        var halts = (from.State == TokenState.Free || from.IsHeldOn(node.Name)) && to.State == TokenState.Halted && to.Node == node.Name && to.Run == run
            && node.Disk.Journal is { Phase: Phase.Release } failed && failed.Verdict.Halts();
        if (!takes && !leaves && !parksAgain && !halts)
            Broken($"{node} in run {run} changes the token from '{from}' to '{to}'");
        if (leaves && to.State != TokenState.Parked)
            _changing.Remove(node);
    }

    // The program cannot know of it before it looks again, and another node may be as quick: it has a person's word for it.
    public override void TokenOverwritten(Token token)
    {
        _overwritten.Add(token.Run);
        _changing.Remove(World[token.Node]);
    }

    public override void TransientChanges(SimNode node, Partition partition, string attribute, string? to, Writer by)
    {
        if (by == Writer.Program && to is not null)
            Changes(node, $"has {attribute}={to}");
    }

    public override void Loading(SimNode node, PatchModule module) => Changes(node, "loads");

    public override void WentDown(SimNode node) => _changing.Remove(node);

    public override void Closing(SimNode node, Run? run) => _changing.Remove(node);

    private void Changes(SimNode node, string how)
    {
        if (node.Disk.Journal is { } run && _overwritten.Contains(run.Id))
            return;
        if (_changing.Find(n => n != node) is { } other)
            Broken($"{node} {how} while {other} is still changed by its run");
        if (!_changing.Contains(node))
            _changing.Add(node);
    }
}
