namespace PcmkKpatch.Core.Cluster;

/// <summary>The whole cluster as seen from this node in one moment.</summary>
public sealed record ClusterView
{
    /// <summary>The name of the node this view was taken on.</summary>
    public required string LocalNode { get; init; }

    /// <summary>The designated controller's node, or null where there is none: then nobody decides anything.</summary>
    public required string? Dc { get; init; }

    /// <summary>Quorum as the CIB has it. Only the DC writes it, so it is stale just after a partition.</summary>
    public required bool QuorumByCib { get; init; }

    /// <summary>Quorum as the membership layer of this node has it.</summary>
    public required bool QuorumByMembership { get; init; }

    /// <summary>The cluster property maintenance-mode.</summary>
    public required bool Maintenance { get; init; }

    /// <summary>The cluster property stop-all-resources.</summary>
    public required bool StopAllResources { get; init; }

    /// <summary>Nodes are fenced here: one that is offline and not unclean is down. False also where crm_mon does not say.</summary>
    public bool FencingEnabled { get; init; }

    /// <summary>The nodes run different versions of Pacemaker; null where crm_mon does not say, as releases before 2.1 do not.</summary>
    public bool? MixedVersion { get; init; }

    /// <summary>The DC has nothing left to do: its graph is finished (S_IDLE).</summary>
    public required bool Settled { get; init; }

    /// <summary>Every node that is configured.</summary>
    public required IReadOnlyList<NodeView> Nodes { get; init; }

    /// <summary>Every resource instance.</summary>
    public required IReadOnlyList<ResourceView> Resources { get; init; }

    /// <summary>This node, or null where the cluster does not know it.</summary>
    public NodeView? Local => Node(LocalNode);

    /// <summary>The node of that name, or null.</summary>
    public NodeView? Node(string name) => Nodes.FirstOrDefault(node => node.Name == name);

    /// <summary>The resources active on that node, each named once; where it is asked for, only those that count.</summary>
    public IReadOnlyList<string> ActiveOn(string node, Func<ResourceView, bool>? counts = null) =>
        [.. Resources.Where(r => r.Active && r.Nodes.Contains(node) && counts?.Invoke(r) != false).Select(r => r.Id).Distinct().Order(StringComparer.Ordinal)];
}
