namespace PcmkKpatch.Core.Cluster;

/// <summary>One action that the scheduler would have carried out.</summary>
/// <param name="Operation">start, stop, promote, demote, migrate_to, migrate_from, monitor …; fence where a node is fenced.</param>
/// <param name="Resource">The resource's id, with the instance's number where the clone is globally unique; empty where the action is about the node itself.</param>
/// <param name="Node">Where it is done, or the node that is fenced.</param>
/// <param name="IsClone">The resource is an instance of a clone.</param>
/// <param name="IsOurs">The resource is this program's own agent.</param>
public sealed record PlannedAction(string Operation, string Resource, string Node, bool IsClone = false, bool IsOurs = false)
{
    /// <summary>The operation that stands for fencing a node.</summary>
    public const string Fence = "fence";

    /// <inheritdoc/>
    public override string ToString() => Resource.Length > 0 ? $"{Operation} {Resource} on {Node}" : $"{Operation} {Node}";
}
