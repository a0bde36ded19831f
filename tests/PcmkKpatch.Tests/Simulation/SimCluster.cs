using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>The cluster's stack on all nodes, as its tools show it: CIB, attributes, graph. Membership is in <see cref="SimMembership"/>.</summary>
internal sealed class SimCluster
{
    private readonly World _world;
    private readonly Dictionary<SimNode, (long Version, ClusterView View)> _views = [];
    private readonly Dictionary<SimNode, TimeSpan> _attributesBusyUntil = [];

    // What the attribute daemon has of a node's boot and the CIB has lost.
    private readonly Dictionary<(SimNode Node, string Attribute), (int Boot, string Value)> _remembered = [];
    private readonly Dictionary<SimNode, OldCopy> _oldCopies = [];
    private long _version;

    public SimCluster(World world)
    {
        _world = world;
        Resources = new SimResources(world);
        Membership = new SimMembership(world, this);
        Foresight = new SimForesight(world);
    }

    public SimResources Resources { get; }

    public SimMembership Membership { get; }

    public SimForesight Foresight { get; }

    public IEnumerable<Partition> Partitions => _world.Nodes.Where(n => n.Partition is not null).Select(n => n.Partition!).Distinct();

    /// <summary>The token as most of the cluster has it.</summary>
    public Token TokenNow => Partitions.MaxBy(p => p.Members.Count)?.Cib.TokenRead ?? Token.Free;

    public void FormAtOnce() => Membership.FormAtOnce();

    public void Join(SimNode node) => Membership.Join(node);

    public void Lost(SimNode node) => Membership.Lost(node);

    /// <summary>Something that a view shows has changed.</summary>
    public void Changed(Partition partition)
    {
        _version++;
        if (partition.Gone || partition.GraphRuns || Resources.Next(partition) is null)
            return;
        partition.GraphRuns = true;
        _world.After(Timing.Action, () =>
        {
            partition.GraphRuns = false;
            if (!partition.Gone && Resources.Next(partition) is { } action)
                Resources.Do(partition, action);
            Changed(partition);
        });
    }

    /// <summary>The CIB as the tools of that node read it: its own copy, which may lag behind.</summary>
    public Cib CibOf(SimNode node)
    {
        var partition = PartitionOf(node, "cibadmin");
        return node.CibBeforeJoin ?? OldCopyOf(node)?.Cib ?? partition.Cib;
    }

    /// <summary>What others write reaches that node's copy of the CIB only after a while; a write of its own brings it up to date.</summary>
    public void LagsBehind(SimNode node, TimeSpan time)
    {
        if (node.Partition is { } partition && node.CibBeforeJoin is null)
            _oldCopies[node] = new OldCopy(partition.Cib.Clone(), ViewOf(node), partition, _world.Now, _world.Now + time);
    }

    /// <summary>Since when that node's copy of the CIB has got nothing new; now, where it is up to date.</summary>
    public TimeSpan AsOf(SimNode node) => OldCopyOf(node)?.Since ?? _world.Now;

    public ClusterView ViewOf(SimNode node)
    {
        var partition = PartitionOf(node, "crm_mon");
        if (node.CibBeforeJoin is not null)
            return ViewBeforeJoin(node, partition);
        if (OldCopyOf(node) is { } old)
            return old.View with { QuorumByMembership = partition.QuorumByMembership };
        if (_views.TryGetValue(node, out var known) && known.Version == _version)
            return known.View;
        var view = new ClusterView
        {
            LocalNode = node.Name,
            Dc = partition.Dc?.Name,
            QuorumByCib = partition.QuorumByCib,
            QuorumByMembership = partition.QuorumByMembership,
            Maintenance = partition.Cib.Configuration.Maintenance,
            StopAllResources = false,
            FencingEnabled = true,
            Settled = IsSettled(partition),
            Nodes = [.. _world.Nodes.Select(n => NodeView(partition, n))],
            Resources = Resources.View(partition),
        };
        _views[node] = (_version, view);
        return view;
    }

    /// <summary>Nothing is left to do for the DC, and there is one.</summary>
    public bool IsSettled(Partition partition) =>
        partition.Dc is { } dc && partition.Members.Contains(dc) && !partition.GraphRuns
        && !partition.Beliefs.ContainsValue(Belief.Pending) && Resources.Next(partition) is null;

    public void CreateToken(SimNode node)
    {
        var partition = PartitionOf(node, "cibadmin");
        if (node.CibBeforeJoin is null && partition.Cib.Token is null)
            WriteToken(partition, Token.Free.Text);
        _oldCopies.Remove(node);
    }

    public bool SwapToken(SimNode node, Token from, Token to)
    {
        var partition = PartitionOf(node, "cibadmin");
        _oldCopies.Remove(node);
        if ((node.CibBeforeJoin ?? partition.Cib).Token != from.Text)
            return false;
        // What is written to a copy that is about to be replaced is lost with it.
        if (node.CibBeforeJoin is { } lost)
            lost.SetToken(to.Text);
        else
            OverwriteToken(node, to);
        return true;
    }

    /// <summary>A write of the token that does not compare: what a planted mistake does.</summary>
    public void OverwriteToken(SimNode node, Token to)
    {
        var partition = PartitionOf(node, "cibadmin");
        _world.Laws.TokenChanges(node, partition, to);
        WriteToken(partition, to.Text);
    }

    public void WriteToken(Partition partition, string? text)
    {
        _world.Trace.Note(_world.Now, "cib", "token:", text ?? "deleted");
        Write(partition, cib => cib.SetToken(text));
    }

    /// <summary>A write of the CIB, whoever writes.</summary>
    public void Write(Partition partition, Action<Cib> change)
    {
        // A write goes through the ring of corosync: a ring that broke is formed anew before the write ends.
        Membership.NoticeNow(partition);
        change(partition.Cib);
        Changed(partition);
    }

    /// <summary>The program writes or deletes a transient attribute of its node, by way of the attribute daemon.</summary>
    public void WriteTransient(SimNode node, string attribute, string? value)
    {
        PartitionOf(node, "crm_attribute");
        var (boot, run) = (node.BootCount, node.Disk.Journal?.Id);
        void Write()
        {
            // What the daemon has already it does not write again, whatever became of it in the CIB.
            if (value is not null && _remembered.GetValueOrDefault((node, attribute)) == (boot, value))
                return;
            _remembered.Remove((node, attribute));
            if (node.BootCount != boot || !node.PoweredOn || node.Partition is null)
                return;
            // It may land when another run is in the journal already.
            _world.Laws.MarkLands(node, attribute, run);
            SetTransient(node, value, Writer.Program, attribute);
        }

        // Writes of one node stay in their order.
        var due = _attributesBusyUntil.GetValueOrDefault(node);
        due = due > _world.Now + _world.Options.StandbyLag ? due : _world.Now + _world.Options.StandbyLag;
        _attributesBusyUntil[node] = due;
        if (due <= _world.Now)
            Write();
        else
            _world.After(due - _world.Now, Write);
    }

    /// <summary>The node's controller is killed and started again: the CIB loses the node's transient attributes, the attribute daemon does not.</summary>
    public void LoseTransient(SimNode node)
    {
        foreach (var attribute in DrainMarks.Kinds.Select(DrainMarks.AttributeOf))
        {
            if (node.Partition?.Cib.ValuesOf(attribute).GetValueOrDefault(node.Name) is not { } value)
                continue;
            _remembered[(node, attribute)] = (node.BootCount, value);
            SetTransient(node, null, Writer.Cluster, attribute);
        }
    }

    /// <summary>The node publishes something else than before.</summary>
    public void AttributesChanged(SimNode node)
    {
        if (node.Partition is { } partition)
            Changed(partition);
    }

    /// <summary>The node publishes what it is doing, where that is new.</summary>
    public void Publish(SimNode node, string state)
    {
        var patches = string.Join(' ', node.Kernel.View().Patches.Where(p => p.InForce).Select(p => p.Name)) is { Length: > 0 } names ? names : "none";
        var said = (state, RehearsalOutcome.Told(node.Disk.Rehearsed, node.Partition?.Cib.WishRead) is { Length: > 0 } told ? told : null);
        if (node.Partition is null || (node.Said == said && node.PatchAttribute == patches))
            return;
        node.Disk.Ages = node.Disk.Ages.Seen(SimKernel.Release, patches, _world.MomentOn(node).Wall);
        node.Said = said;
        (node.StateAttribute, node.RehearsedAttribute) = said;
        node.PatchAttribute = patches;
        AttributesChanged(node);
    }

    /// <summary>A write of that node's transient attributes is on its way.</summary>
    public bool AttributesBusy(SimNode node) => _attributesBusyUntil.GetValueOrDefault(node) > _world.Now;

    public void SetTransient(SimNode node, string? value, Writer by, string attribute = "standby")
    {
        var partition = node.Partition!;
        Membership.NoticeNow(partition);
        _world.Laws.TransientChanges(node, partition, attribute, value, by);
        _world.Trace.Note(_world.Now, node.Name, $"transient {attribute} by {by}:", value ?? "none");
        Write(partition, cib => cib.SetTransient(node.Name, attribute, value));
    }

    public void SetPermanent(SimNode by, SimNode node, string? value, Writer writer)
    {
        var partition = PartitionOf(by, "crm_standby");
        _world.Laws.PermanentChanges(node, value, writer);
        _world.Trace.Note(_world.Now, node.Name, $"permanent standby by {writer}:", value ?? "none");
        Write(partition, cib => cib.SetPermanent(node.Name, value));
    }

    private static Partition PartitionOf(SimNode node, string tool) =>
        node.Partition ?? throw new ToolFailedException(tool, 102, "no cluster on this node");

    private OldCopy? OldCopyOf(SimNode node)
    {
        if (!_oldCopies.TryGetValue(node, out var copy))
            return null;
        if (copy.Until > _world.Now && copy.Partition == node.Partition)
            return copy;
        _oldCopies.Remove(node);
        return null;
    }

    // Its CIB is from its disk, without a status section; quorum there is what it was.
    private ClusterView ViewBeforeJoin(SimNode node, Partition partition) => new()
    {
        LocalNode = node.Name,
        Dc = null,
        QuorumByCib = true,
        QuorumByMembership = partition.QuorumByMembership,
        Maintenance = node.CibBeforeJoin!.Configuration.Maintenance,
        StopAllResources = false,
        Settled = false,
        Nodes = [.. _world.Nodes.Select(n => new NodeView { Name = n.Name, IsMember = true, Online = false, Standby = false, Maintenance = false, Pending = false, Unclean = true })],
        Resources = [],
    };

    private sealed record OldCopy(Cib Cib, ClusterView View, Partition Partition, TimeSpan Since, TimeSpan Until);

    private static Dictionary<string, string> AttributesOf(SimNode node) => new()
    {
        [FleetGates.QuarantineAttribute] = string.Join(',', node.Disk.Quarantined),
        [FleetGates.StateAttribute] = node.StateAttribute ?? "",
        [DriftGates.KernelAttribute] = node.PatchAttribute is null ? "" : SimKernel.Release,
        [DriftGates.PatchAttribute] = node.PatchAttribute ?? "",
        [DriftGates.SinceAttribute] = node.Disk.Ages.Text,
        [RehearsalGates.Attribute] = node.RehearsedAttribute ?? "",
    };

    private static NodeView NodeView(Partition partition, SimNode node)
    {
        var belief = partition.BeliefOf(node);
        return new NodeView
        {
            Name = node.Name,
            IsMember = true,
            // A member that must be fenced for its failed stop. One that the CIB takes for down is not seen, whatever it is.
            Online = belief == Belief.Online || (belief == Belief.Unclean && node.StopFailed && partition.Members.Contains(node)),
            Standby = belief == Belief.Pending || (belief == Belief.Online && partition.Cib.InStandby(node.Name)),
            Unhealthy = partition.Cib.IsUnhealthy(node.Name),
            Maintenance = partition.Cib.Configuration.MaintenanceNodes.Contains(node.Name),
            Pending = belief == Belief.Pending,
            Unclean = belief == Belief.Unclean,
            Attributes = belief == Belief.Online ? AttributesOf(node) : [],
        };
    }
}
