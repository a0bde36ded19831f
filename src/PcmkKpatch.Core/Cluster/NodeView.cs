namespace PcmkKpatch.Core.Cluster;

/// <summary>One node as crm_mon reports it.</summary>
public sealed record NodeView
{
    /// <summary>The node's name in the cluster.</summary>
    public required string Name { get; init; }

    /// <summary>True for a full member (corosync runs there), false for remote and guest nodes.</summary>
    public required bool IsMember { get; init; }

    /// <summary>The resource whose guest it is, a container or a virtual machine; null where it is none.</summary>
    public string? GuestOf { get; init; }

    /// <summary>Why no run is ever on it; null for a full member. docs/design.md says why of each.</summary>
    public string? WhyNotPatched => this switch
    {
        { IsMember: true } => null,
        { GuestOf: { } resource } => $"it is a guest of {resource}: a container has its node's kernel, and a virtual machine's own only a person patches",
        _ => "it is a remote node, which only a person patches",
    };

    /// <summary>The node takes part in the cluster.</summary>
    public required bool Online { get; init; }

    /// <summary>Standby of either lifetime.</summary>
    public required bool Standby { get; init; }

    /// <summary>The cluster takes the node for unhealthy, and is configured to do something about it. False also where crm_mon does not say, as releases before 2.1.3 do not.</summary>
    public bool Unhealthy { get; init; }

    /// <summary>The node is in maintenance mode.</summary>
    public required bool Maintenance { get; init; }

    /// <summary>The node is on its way into the cluster.</summary>
    public required bool Pending { get; init; }

    /// <summary>The node must be fenced before the cluster can be sure of it.</summary>
    public required bool Unclean { get; init; }

    /// <summary>The feature set of the node's Pacemaker; null where it does not say, as releases before 2.1 do not.</summary>
    public string? FeatureSet { get; init; }

    /// <summary>Node attributes as crm_mon shows them.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>Down for certain: left or fenced, so nothing of it runs.</summary>
    public bool IsSafelyDown => !Online && !Unclean && !Pending;
}
