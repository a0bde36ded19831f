using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>A node is rebooted only where the administrator chose that, and never from under a resource that the drain had taken away.</summary>
internal sealed class RebootIsAskedFor(World world) : Law(world)
{
    public override void Rebooting(SimNode node)
    {
        if (!World.RebootWasWanted)
            Broken($"{node} is rebooted, which nobody asked for");
        if (node.Disk.Journal is not { Phase: Phase.Rollback, Policy.Rollback: Rollback.Reboot })
            Broken($"{node} is rebooted in phase {node.Disk.Journal?.Phase}");
    }
}
