using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>The person at the cluster. Does what the documents let a person do, and nothing else.</summary>
internal sealed class SimAdmin(World world)
{
    /// <summary>pcs node standby: the permanent kind.</summary>
    public void StandbyOn(SimNode node) => SetPermanent(node, "on");

    /// <summary>pcs node unstandby: takes back the permanent kind only.</summary>
    public void StandbyOff(SimNode node) => SetPermanent(node, null);

    /// <summary>crm_attribute -l reboot, with the value that people write; on a node where nothing transient is set.</summary>
    public void TransientStandbyOn(SimNode node)
    {
        if (node.Partition is not null)
            world.Cluster.SetTransient(node, "on", Writer.Administrator);
    }

    public void TransientStandbyOff(SimNode node)
    {
        if (node.Partition?.Cib.Transient.GetValueOrDefault(node.Name) == "on")
            world.Cluster.SetTransient(node, null, Writer.Administrator);
    }

    /// <summary>pcmk-kpatch abort on that node.</summary>
    public void Abort(SimNode node)
    {
        if (!node.PoweredOn)
            return;
        world.Trace.Note(world.Now, "admin", "abort on", node);
        world.Laws.AbortAsked(node);
        node.AbortAsked = true;
    }

    /// <summary>What a parked run asks for: a reboot where the kernel is stuck, an abort where a look was enough.</summary>
    public void BringHome(SimNode node)
    {
        if (node.Kernel.InTransition)
            node.PowerOff("a person resets it");
        else
            Abort(node);
    }

    /// <summary>pcmk-kpatch resume: a halted rollout may go on.</summary>
    public void Resume() => Change(token => token.State == TokenState.Halted ? Token.Free : null);

    /// <summary>pcmk-kpatch release, on any node that would let it through, for a holder that has no power.</summary>
    public void Release() => Change(token => Released(token, holder => !holder.PoweredOn));

    /// <summary>The same for a holder whose power nobody looked at: its stack may be all that is down there.</summary>
    public void ReleaseUnseen() => Change(token => Released(token, _ => true));

    /// <summary>What the gates ask for: pcmk-kpatch quarantine --clear, rmmod of a module without effect, a reboot of a stuck kernel.</summary>
    public void MendKernel(SimNode node)
    {
        if (node is { Disk.Journal: null or { Phase: Phase.Acquire }, Kernel.InTransition: true })
            node.PowerOff("a person reboots it");
        if (node.Disk is { Installed: { } module, Journal: null or { Phase: Phase.Acquire } } && node.Kernel.HasLeftOver(module.Name))
            node.Kernel.Remove(module.Name);
        node.InstallFails = false;
        node.Disk.Boot.FailsAt = null;
        node.Disk.Quarantined.Clear();
        world.Nodes.ForEach(world.Cluster.AttributesChanged);
        world.Laws.QuarantineCleared(node);
    }

    /// <summary>Whatever kept a resource from stopping or starting is gone, and its failures are cleaned up.</summary>
    public void MendResources()
    {
        world.Cluster.Resources.WillNotStop.Clear();
        world.Cluster.Resources.WillNotStart.Clear();
        foreach (var partition in world.Cluster.Partitions.ToList())
        {
            partition.Failed.Clear();
            world.Cluster.Changed(partition);
        }
    }

    private Token? Released(Token token, Func<SimNode, bool> looked)
    {
        if (world.Nodes.Find(n => n.Name == token.Node) is not { } holder || !looked(holder))
            return null;
        return world.Nodes.Exists(n => n.Partition is not null && !ReleaseGates.Judge(token, world.Cluster.ViewOf(n), confirmed: null).Any())
            ? Token.Released(token, "a person", world.Wall)
            : null;
    }

    private void Change(Func<Token, Token?> to)
    {
        foreach (var partition in world.Cluster.Partitions.Where(p => p.QuorumByCib).ToList())
        {
            var token = partition.Cib.TokenRead;
            if (to(token) is not { } after)
                continue;
            world.Laws.TokenBroken(token);
            world.Cluster.WriteToken(partition, after.Text);
        }
    }

    private void SetPermanent(SimNode node, string? value)
    {
        if (world.Nodes.Find(n => n.Partition is { QuorumByCib: true }) is { } here)
            world.Cluster.SetPermanent(here, node, value, Writer.Administrator);
    }
}
