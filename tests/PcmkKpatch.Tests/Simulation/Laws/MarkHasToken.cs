using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// Law 2. Our mark on a node, standby or health, implies that this node's run holds the token. Not judged: a node that is down or still joining; a
/// mark that outlived its boot because the purge lost its race (the ending sees to it that it is cleared); a run from which a
/// person took the token.
/// </summary>
internal sealed class MarkHasToken(World world) : Law(world)
{
    private readonly Dictionary<(SimNode Node, string Attribute), (string Boot, string Run)> _set = [];
    private readonly Dictionary<(SimNode Node, string Attribute), string?> _lands = [];
    private readonly List<string> _brokenRuns = [];

    public override void MarkLands(SimNode node, string attribute, string? run) => _lands[(node, attribute)] = run;

    public override void TransientChanges(SimNode node, Partition partition, string attribute, string? to, Writer by)
    {
        if (IsOurs(attribute, to))
            _set[(node, attribute)] = (node.BootId, _lands.GetValueOrDefault((node, attribute)) ?? _set.GetValueOrDefault((node, attribute)).Run ?? "");
        else
            _set.Remove((node, attribute));
    }

    public override void TokenBroken(Token token) => _brokenRuns.Add(token.Run);

    public override void Look()
    {
        foreach (var ((node, attribute), (boot, run)) in _set)
        {
            if (node.BootId != boot || node.Partition is not { } partition || !IsOurs(attribute, partition.Cib.ValuesOf(attribute).GetValueOrDefault(node.Name)))
                continue;
            if (!HoldsToken(node) && !_brokenRuns.Contains(run) && !_brokenRuns.Contains(node.Disk.Journal?.Id ?? ""))
                Broken($"{node} has our {attribute}, and the token says '{partition.Cib.Token}'; its journal: {node.Disk.Journal?.Id ?? "none"}");
        }
    }

    private static bool IsOurs(string attribute, string? value) => value is not null && (attribute == DrainMarks.HealthAttribute || value == Standby.OurValue);
}
