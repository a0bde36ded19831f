using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// The failure table. A run that tried a load gives the token back as free only where the patch is in force; whatever else came of
/// the load, the node's death too, halts the rollout. In force now or when the tick began: between a look and an act somebody may take it away.
/// </summary>
internal sealed class FailureHalts(World world) : Law(world)
{
    private readonly Dictionary<SimNode, PatchModule> _tried = [];
    private readonly HashSet<SimNode> _inForceAtTick = [];

    public override void TickBegins(SimNode node)
    {
        if (_tried.TryGetValue(node, out var module) && node.Kernel.HasInForce(module))
            _inForceAtTick.Add(node);
        else
            _inForceAtTick.Remove(node);
    }

    public override void Loading(SimNode node, PatchModule module) => _tried[node] = module;

    public override void TokenBroken(Token token) => _tried.Remove(World[token.Node]);

    public override void TokenChanges(SimNode node, Partition partition, Token from, Token to)
    {
        if (to.State == TokenState.Free && _tried.TryGetValue(node, out var module) && !node.Kernel.HasInForce(module) && !_inForceAtTick.Contains(node))
            Broken($"{node} tried to load {module.Name}, does not have it in force, and frees the token");
        if (to.State is TokenState.Free or TokenState.Halted)
            _tried.Remove(node);
    }
}
