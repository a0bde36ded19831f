using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>The person at the cluster. Does what the documents let a person do, and nothing else.</summary>
internal sealed class SimAdmin(World world)
{
    private int _rehearsals, _mounts;

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

    /// <summary>Any other change of the configuration, made where there is quorum.</summary>
    public void Configure(string what, Func<Configuration, Configuration> change)
    {
        if (world.Cluster.Partitions.FirstOrDefault(p => p.QuorumByCib) is not { } partition)
            return;
        world.Trace.Note(world.Now, "admin", what);
        world.Cluster.Write(partition, cib => cib.Configuration = change(cib.Configuration));
    }

    /// <summary>pcmk-kpatch hold [NODE].</summary>
    public void Hold(SimNode? node) => Configure($"holds {node?.Name ?? "all"}", c => c with { Holds = c.Holds.SetItem(node?.Name ?? "", Core.Schedule.Hold.Of(node?.Name, null, "simulated", null).Text) });

    /// <summary>pcmk-kpatch hold --clear [NODE].</summary>
    public void ClearHold(SimNode? node) => Configure($"holds {node?.Name ?? "all"} no more", c => c with { Holds = c.Holds.Remove(node?.Name ?? "") });

    /// <summary>pcmk-kpatch rehearse, of all nodes where none is named: refused where one is wished already.</summary>
    public void Rehearse(params SimNode[] nodes)
    {
        if (world.Cluster.Partitions.FirstOrDefault(p => p.QuorumByCib) is not { Cib.WishRead: null })
            return;
        var names = (nodes.Length > 0 ? nodes : [.. world.Nodes]).Select(node => node.Name).ToList();
        var wish = RehearsalWish.Of($"rehearsal{++_rehearsals}", names, "a person", world.MomentOn(world.Nodes[0]).Wall);
        world.Laws.RehearsalWished(wish);
        Configure($"wishes a rehearsal of {string.Join(", ", names)}", c => c with { Rehearsal = wish.Text });
    }

    /// <summary>pcmk-kpatch rehearse --cancel.</summary>
    public void CancelRehearsal()
    {
        if (world.Cluster.Partitions.FirstOrDefault(p => p.QuorumByCib)?.Cib.WishRead is null)
            return;
        world.Laws.RehearsalWished(null);
        Configure("calls the rehearsal off", c => c with { Rehearsal = null });
    }

    public void Disable(string resource) => Configure($"disables {resource}", c => c with { Disabled = c.Disabled.Add(resource) });

    public void Delete(string resource) => Configure($"deletes {resource}", c => c with { Deleted = c.Deleted.Add(resource) });

    public void MaintenanceOn(SimNode? node) => Configure(
        $"maintenance on {node?.Name ?? "all"}", c => node is null ? c with { Maintenance = true } : c with { MaintenanceNodes = c.MaintenanceNodes.Add(node.Name) });

    /// <summary>Everything but the token, standby and a rehearsal that is wished is as it was in the beginning.</summary>
    public void UndoConfiguration() => Configure("undoes what was changed", c => new Configuration { Token = c.Token, Standby = c.Standby, Rehearsal = c.Rehearsal });

    /// <summary>
    /// Writes the token by hand, or pushes a configuration from a file that has an old one. A person's word, and beyond the program's
    /// power: what the run that held it does from here on is told to the laws as taken from it.
    /// </summary>
    public void EditToken(string? text) => Overwrite("edits the token", c => c with { Token = text });

    /// <summary>pcs cluster cib-push --config FILE.</summary>
    public void Push(Configuration old) => Overwrite("pushes an old configuration", _ => old);

    private void Overwrite(string what, Func<Configuration, Configuration> change)
    {
        if (world.Cluster.Partitions.FirstOrDefault(p => p.QuorumByCib) is not { } partition)
            return;
        var token = partition.Cib.TokenRead;
        if (token.State is TokenState.Held or TokenState.Parked && change(partition.Cib.Configuration).Token != token.Text)
            world.Laws.TokenOverwritten(token);
        world.Laws.FailuresForgotten();
        Configure(what, change);
        world.Trace.Note(world.Now, "cib", "token:", partition.Cib.Token ?? "deleted");
    }

    /// <summary>pcs stonith confirm, of a node that is not down at all.</summary>
    public void ConfirmFalsely(SimNode node)
    {
        foreach (var partition in world.Cluster.Partitions.Where(p => p.QuorumByCib && p.BeliefOf(node) == Belief.Unclean && !p.Members.Contains(node)).ToList())
        {
            world.Trace.Note(world.Now, "admin", "confirms as down, without having looked:", node);
            partition.Beliefs[node] = Belief.Down;
            world.Cluster.Changed(partition);
        }
    }

    /// <summary>pcs resource update: the agent is started again with other parameters wherever it runs.</summary>
    public void ChangeParameters(Policy policy)
    {
        world.Trace.Note(world.Now, "admin", "changes parameters");
        world.Policy = policy;
        foreach (var node in world.Nodes.Where(n => n.PoweredOn && n.Running.ContainsKey(SimResources.Agent)))
        {
            node.AgentStopped();
            node.AgentStarted();
        }
    }

    /// <summary>pcmk-kpatch abort on that node.</summary>
    public void Abort(SimNode node)
    {
        if (!node.PoweredOn)
            return;
        world.Trace.Note(world.Now, "admin", "abort on", node);
        world.Laws.AbortAsked(node);
        // Without a run the wish is not written; and the worker is started only where the token names the node.
        if (node.Disk.Journal is not null)
            node.AbortAsked = true;
        else if (node.Partition?.Cib.TokenRead.IsHeldOn(node.Name) == true)
            node.Worker.Start();
    }

    /// <summary>What a parked run asks for: a reboot where the kernel is stuck, an abort where a look was enough.</summary>
    public void BringHome(SimNode node)
    {
        if (node.Kernel.InTransition)
            node.PowerOff("a person resets it");
        else
            Abort(node);
    }

    /// <summary>pcmk-kpatch resume: a halted rollout may go on, and failures are counted anew.</summary>
    public void Resume() => Change(token => token.State == TokenState.Halted || (token.State == TokenState.Free && token != Token.Free) ? Token.Free : null);

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

    /// <summary>mount -t gfs2: by hand, where the locks can be had. Gives the name of its lockspace, which no other mount bears; null where it cannot be mounted.</summary>
    public string? Mount(SimNode node)
    {
        if (!node.Running.ContainsKey(SimResources.LockDaemon))
            return null;
        var name = $"hand{++_mounts}";
        world.Trace.Note(world.Now, "admin", $"mounts {name} on", node);
        node.MountedByHand.Add(name);
        return name;
    }

    /// <summary>umount, of what was mounted by hand.</summary>
    public void Unmount(SimNode node, string name)
    {
        if (node.MountedByHand.Remove(name))
            world.Trace.Note(world.Now, "admin", $"unmounts {name} on", node);
    }

    /// <summary>Whatever kept a resource from stopping or starting is gone, and its failures are cleaned up.</summary>
    public void MendResources()
    {
        world.Cluster.Resources.WillNotStop.Clear();
        world.Cluster.Resources.WillNotStart.Clear();
        world.Cluster.Resources.StopWillFail.Clear();
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
            ? Token.Released(token, "a person", world.MomentOn(holder).Wall)
            : null;
    }

    private void Change(Func<Token, Token?> to)
    {
        foreach (var partition in world.Cluster.Partitions.Where(p => p.QuorumByCib).ToList())
        {
            var token = partition.Cib.TokenRead;
            if (to(token) is not { } after)
                continue;
            if (token.State != TokenState.Free)
                world.Laws.TokenBroken(token);
            if (after == Token.Free)
                world.Laws.FailuresForgotten();
            world.Cluster.WriteToken(partition, after.Text);
        }
    }

    private void SetPermanent(SimNode node, string? value)
    {
        if (world.Nodes.Find(n => n.Partition is { QuorumByCib: true }) is { } here)
            world.Cluster.SetPermanent(here, node, value, Writer.Administrator);
    }
}
