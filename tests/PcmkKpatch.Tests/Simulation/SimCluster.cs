using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>The cluster's stack on all nodes, as its tools show it: CIB, attributes, graph. Membership is in <see cref="SimMembership"/>.</summary>
internal sealed class SimCluster
{
    private readonly World _world;
    private readonly Dictionary<SimNode, (long Version, ClusterView View)> _views = [];
    private readonly Dictionary<SimNode, TimeSpan> _attributesBusyUntil = [];

    // What the attribute daemon has of a node's boot and the CIB has lost.
    private readonly Dictionary<SimNode, (int Boot, string Value)> _remembered = [];
    private long _version;

    public SimCluster(World world)
    {
        _world = world;
        Resources = new SimResources(world);
        Membership = new SimMembership(world, this);
    }

    public SimResources Resources { get; }

    public SimMembership Membership { get; }

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

    public Cib CibOf(SimNode node) => PartitionOf(node, "cibadmin").Cib;

    public ClusterView ViewOf(SimNode node)
    {
        var partition = PartitionOf(node, "crm_mon");
        if (_views.TryGetValue(node, out var known) && known.Version == _version)
            return known.View;
        var view = new ClusterView
        {
            LocalNode = node.Name,
            Dc = partition.Dc?.Name,
            QuorumByCib = partition.QuorumByCib,
            QuorumByMembership = partition.QuorumByMembership,
            Maintenance = false,
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
        if (partition.Cib.Token is null)
            WriteToken(partition, Token.Free.Text);
    }

    public bool SwapToken(SimNode node, Token from, Token to)
    {
        var partition = PartitionOf(node, "cibadmin");
        if (partition.Cib.Token != from.Text)
            return false;
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

    public void WriteToken(Partition partition, string text)
    {
        // A write goes through the ring of corosync: a ring that broke is formed anew before the write ends.
        Membership.NoticeNow(partition);
        _world.Trace.Note(_world.Now, "cib", "token:", text);
        partition.Cib.SetToken(text);
        Changed(partition);
    }

    /// <summary>The program writes or deletes its node's transient standby, by way of the attribute daemon.</summary>
    public void WriteTransient(SimNode node, string? value)
    {
        PartitionOf(node, "crm_attribute");
        var boot = node.BootCount;
        void Write()
        {
            // What the daemon has already it does not write again, whatever became of it in the CIB.
            if (value is not null && _remembered.GetValueOrDefault(node) == (boot, value))
                return;
            _remembered.Remove(node);
            if (node.BootCount == boot && node.PoweredOn && node.Partition is not null)
                SetTransient(node, value, Writer.Program);
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
        if (node.Partition?.Cib.Transient.GetValueOrDefault(node.Name) is not { } value)
            return;
        _remembered[node] = (node.BootCount, value);
        SetTransient(node, null, Writer.Cluster);
    }

    /// <summary>The node publishes something else than before.</summary>
    public void AttributesChanged(SimNode node)
    {
        if (node.Partition is { } partition)
            Changed(partition);
    }

    /// <summary>A write of that node's transient standby is on its way.</summary>
    public bool AttributesBusy(SimNode node) => _attributesBusyUntil.GetValueOrDefault(node) > _world.Now;

    public void SetTransient(SimNode node, string? value, Writer by)
    {
        var partition = node.Partition!;
        Membership.NoticeNow(partition);
        _world.Laws.TransientChanges(node, partition, value, by);
        _world.Trace.Note(_world.Now, node.Name, $"transient standby by {by}:", value ?? "none");
        partition.Cib.SetTransient(node.Name, value);
        Changed(partition);
    }

    public void SetPermanent(SimNode by, SimNode node, string? value, Writer writer)
    {
        var partition = PartitionOf(by, "crm_standby");
        Membership.NoticeNow(partition);
        _world.Laws.PermanentChanges(node, value, writer);
        _world.Trace.Note(_world.Now, node.Name, $"permanent standby by {writer}:", value ?? "none");
        partition.Cib.SetPermanent(node.Name, value);
        Changed(partition);
    }

    private static Partition PartitionOf(SimNode node, string tool) =>
        node.Partition ?? throw new ToolFailedException(tool, 102, "no cluster on this node");

    private static NodeView NodeView(Partition partition, SimNode node)
    {
        var belief = partition.BeliefOf(node);
        return new NodeView
        {
            Name = node.Name,
            IsMember = true,
            Online = belief == Belief.Online,
            Standby = belief == Belief.Pending || (belief == Belief.Online && partition.Cib.InStandby(node.Name)),
            Maintenance = false,
            Pending = belief == Belief.Pending,
            Unclean = belief == Belief.Unclean,
            Attributes = belief == Belief.Online ? new Dictionary<string, string> { [FleetGates.QuarantineAttribute] = string.Join(',', node.Disk.Quarantined) } : [],
        };
    }
}
