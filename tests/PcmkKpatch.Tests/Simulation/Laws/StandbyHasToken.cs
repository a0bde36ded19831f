using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// Law 2. Our standby on a node implies that this node's run holds the token. Not judged: a node that is down or still joining; a
/// standby that outlived its boot because the purge lost its race (the ending sees to it that it is cleared); a run from which a
/// person took the token.
/// </summary>
internal sealed class StandbyHasToken(World world) : Law(world)
{
    private readonly Dictionary<SimNode, (string Boot, string Run)> _set = [];
    private readonly Dictionary<SimNode, string?> _lands = [];
    private readonly List<string> _brokenRuns = [];

    public override void StandbyLands(SimNode node, string? run) => _lands[node] = run;

    public override void TransientChanges(SimNode node, Partition partition, string? to, Writer by)
    {
        if (to == Standby.OurValue)
            _set[node] = (node.BootId, _lands.GetValueOrDefault(node) ?? _set.GetValueOrDefault(node).Run ?? "");
        else
            _set.Remove(node);
    }

    public override void TokenBroken(Token token) => _brokenRuns.Add(token.Run);

    public override void Look()
    {
        foreach (var (node, (boot, run)) in _set)
        {
            if (node.BootId != boot || node.Partition is not { } partition || !partition.Cib.Transient.TryGetValue(node.Name, out var value) || value != Standby.OurValue)
                continue;
            if (!HoldsToken(node) && !_brokenRuns.Contains(run) && !_brokenRuns.Contains(node.Disk.Journal?.Id ?? ""))
                Broken($"{node} is in our standby, and the token says '{partition.Cib.Token}'; its journal: {node.Disk.Journal?.Id ?? "none"}");
        }
    }
}
