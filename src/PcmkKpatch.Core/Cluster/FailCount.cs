namespace PcmkKpatch.Core.Cluster;

/// <summary>How often a resource failed on a node, as the cluster counts it.</summary>
/// <param name="Resource">The resource's id without a clone's instance number.</param>
/// <param name="Node">The node.</param>
/// <param name="Count">How often; 1000000 is infinity.</param>
/// <param name="Threshold">The resource's migration-threshold; 0 is none.</param>
public sealed record FailCount(string Resource, string Node, int Count, int Threshold)
{
    /// <summary>The cluster does not run the resource on that node any more.</summary>
    public bool KeepsAway => Threshold > 0 && Count >= Threshold;
}
