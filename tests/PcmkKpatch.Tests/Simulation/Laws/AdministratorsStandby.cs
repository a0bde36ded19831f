using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// Law 5. The program writes and deletes its own standby value only; what a person set stays as it is. What the node could see when its step began counts:
/// Pacemaker changes a transient attribute whatever its value is by then, so a standby that is typed in the same moment as ours is deleted can be lost.
/// </summary>
internal sealed class AdministratorsStandby(World world) : Law(world)
{
    private readonly Dictionary<SimNode, string?> _seenAtTick = [];
    private readonly Dictionary<SimNode, string?> _seenWhenAsked = [];

    public override void TickBegins(SimNode node) =>
        _seenAtTick[node] = node.Partition is null ? null : World.Cluster.CibOf(node).Transient.GetValueOrDefault(node.Name);

    public override void Marking(SimNode node, DrainMode kind, bool set)
    {
        if (kind == DrainMode.Standby)
            _seenWhenAsked[node] = _seenAtTick[node];
    }

    public override void TransientChanges(SimNode node, Partition partition, string attribute, string? to, Writer by)
    {
        // A health attribute of that name is nobody else's.
        if (by != Writer.Program || attribute != "standby")
            return;
        var from = partition.Cib.Transient.GetValueOrDefault(node.Name);
        if (!IsOursOrNone(from))
        {
            if (!IsOursOrNone(_seenWhenAsked.GetValueOrDefault(node)))
                Broken($"the administrator's transient standby={from} of {node} is changed to {to ?? "nothing"}");
            World.Laws.Mark("administrator's standby lost in the moment");
        }

        if (!IsOursOrNone(to))
            Broken($"standby={to} is written on {node}");
    }

    public override void PermanentChanges(SimNode node, string? to, Writer by)
    {
        if (by == Writer.Program)
            Broken($"the permanent standby of {node} is changed to {to ?? "nothing"}");
    }

    private static bool IsOursOrNone(string? standby) => standby is null or Standby.OurValue;
}
