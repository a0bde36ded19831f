using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// The failure table. A run that tried a load gives the token back as free only where the patch is in force; whatever else came of
/// the load, the node's death too, halts the rollout. In force now or when the tick began: between a look and an act somebody may take it away.
/// But for so many failures of a build as the administrator tolerates, each of which left the node at home and its kernel as it was: counted here, run by run, from
/// what really happened.
/// </summary>
internal sealed class FailureHalts(World world) : Law(world)
{
    private readonly Dictionary<SimNode, (PatchModule Module, string? Run, ulong Taint, string Patches)> _tried = [];
    private readonly HashSet<SimNode> _inForceAtTick = [];
    private readonly Dictionary<SimNode, (ulong Taint, string Patches)> _atTick = [];
    private readonly HashSet<(SimNode Node, string Build, string Run)> _tolerated = [];

    public override void TickBegins(SimNode node)
    {
        if (_tried.TryGetValue(node, out var tried) && node.Kernel.HasInForce(tried.Module))
            _inForceAtTick.Add(node);
        else
            _inForceAtTick.Remove(node);
        _atTick[node] = (node.Kernel.Taint, Patches(node));
    }

    public override void Loading(SimNode node, PatchModule module)
    {
        if (!_tried.TryGetValue(node, out var tried) || tried.Run != node.Disk.Journal?.Id)
            _tried[node] = (module, node.Disk.Journal?.Id, node.Kernel.Taint, Patches(node));
    }

    public override void TokenBroken(Token token) => _tried.Remove(World[token.Node]);

    public override void FailuresForgotten() => _tolerated.Clear();

    public override void TokenChanges(SimNode node, Partition partition, Token from, Token to)
    {
        if (to.State == TokenState.Free && _tried.TryGetValue(node, out var tried) && !node.Kernel.HasInForce(tried.Module) && !_inForceAtTick.Contains(node))
            JudgeTolerated(node, tried.Module, tried.Taint, tried.Patches);
        // Another build on a node begins anew there.
        if (node.Disk.Journal is { Tolerated: true, Patch: { } patch })
            _tolerated.RemoveWhere(t => t.Node == node && t.Build != patch.BuildId);
        if (to.State is TokenState.Free or TokenState.Halted)
            _tried.Remove(node);
    }

    private void JudgeTolerated(SimNode node, PatchModule module, ulong taint, string patches)
    {
        if (node.Disk.Journal is not { } run || run.Policy.MaxFailures == 0)
        {
            Broken($"{node} tried to load {module.Name}, does not have it in force, and frees the token");
            return;
        }

        // As it is, or was when the tick began: between a look and an act the kernel may change.
        var (taintAtTick, patchesAtTick) = _atTick[node];
        var troubled = Taint.NewTrouble(taint, node.Kernel.Taint).Count > 0 && Taint.NewTrouble(taint, taintAtTick).Count > 0;
        if (run.Verdict is not (Verdict.LoadRefused or Verdict.Stalled) || troubled || (Patches(node) != patches && patchesAtTick != patches))
            Broken($"{node} tried to load {module.Name}, which left it {run.Verdict} with {Patches(node)} where it had {patches}, and frees the token");
        World.Laws.Mark("failure tolerated");
        _tolerated.RemoveWhere(t => t.Node == node && t.Build != module.BuildId);
        _tolerated.Add((node, module.BuildId, run.Id));
        if (_tolerated.Count(t => t.Build == module.BuildId) > run.Policy.MaxFailures)
            Broken($"{node} frees the token after more than {run.Policy.MaxFailures} failed loads of {module.Name}");
    }

    private static string Patches(SimNode node) => string.Join(' ', node.Kernel.View().Patches.Select(p => $"{p.BuildId}{(p.InForce ? "" : "?")}").Order(StringComparer.Ordinal));
}
