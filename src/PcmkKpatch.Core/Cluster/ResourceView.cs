namespace PcmkKpatch.Core.Cluster;

/// <summary>One instance of a resource as crm_mon reports it.</summary>
public sealed record ResourceView
{
    /// <summary>The resource's id without a clone's instance number.</summary>
    public required string Id { get; init; }

    /// <summary>The role: Started, Stopped, Promoted, Unpromoted (Master and Slave are read as these), Starting, Stopping …</summary>
    public required string Role { get; init; }

    /// <summary>Active anywhere.</summary>
    public required bool Active { get; init; }

    /// <summary>Managed by the cluster.</summary>
    public required bool Managed { get; init; }

    /// <summary>An operation of it failed and was not cleaned up.</summary>
    public required bool Failed { get; init; }

    /// <summary>The cluster cannot act on it any more.</summary>
    public required bool Blocked { get; init; }

    /// <summary>It is active and no longer configured.</summary>
    public bool Orphaned { get; init; }

    /// <summary>The administrator asked for it to be stopped (target-role=Stopped).</summary>
    public required bool Disabled { get; init; }

    /// <summary>What it is, in the form of crm_mon: stonith:fence_ipmilan, ocf:heartbeat:IPaddr2 (2.0 writes ocf::); empty where it does not say.</summary>
    public string Agent { get; init; } = "";

    /// <summary>The bundle of whose replicas it is a part: container, address, connection, or what runs inside; null where it is none.</summary>
    public string? Bundle { get; init; }

    /// <summary>The names of the nodes on which it is active.</summary>
    public required IReadOnlyList<string> Nodes { get; init; }

    /// <summary>The id of the clone, group or bundle that it is in, the outermost one; null where it is in none.</summary>
    public string? Container { get; init; }

    /// <summary>The id under which the cluster places it: that of its container where it is in one.</summary>
    public string Top => Container ?? Id;

    /// <summary>Active in the promoted role.</summary>
    public bool Promoted => Active && Role == "Promoted";

    /// <summary>It is this program's own agent.</summary>
    public bool IsOurs => Agent.Replace("::", ":", StringComparison.Ordinal) == "ocf:pcmk:kpatch";

    /// <summary>It is a fence device.</summary>
    public bool IsFenceDevice => Agent.StartsWith("stonith:", StringComparison.Ordinal);
}
