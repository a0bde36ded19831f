using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>Law 5. The program writes and deletes its own standby value only; what a person set stays as it is.</summary>
internal sealed class AdministratorsStandby(World world) : Law(world)
{
    public override void TransientChanges(SimNode node, Partition partition, string attribute, string? to, Writer by)
    {
        // A health attribute of that name is nobody else's.
        if (by != Writer.Program || attribute != "standby")
            return;
        var from = partition.Cib.Transient.GetValueOrDefault(node.Name);
        if (from is not (null or Standby.OurValue))
            Broken($"the administrator's transient standby={from} of {node} is changed to {to ?? "nothing"}");
        if (to is not (null or Standby.OurValue))
            Broken($"standby={to} is written on {node}");
    }

    public override void PermanentChanges(SimNode node, string? to, Writer by)
    {
        if (by == Writer.Program)
            Broken($"the permanent standby of {node} is changed to {to ?? "nothing"}");
    }
}
