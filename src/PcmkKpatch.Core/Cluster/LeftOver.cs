namespace PcmkKpatch.Core.Cluster;

/// <summary>A location constraint that a tool wrote when somebody moved or banned a resource, and that nobody has cleared.</summary>
/// <param name="Id">The constraint's id: it begins with cli-ban-, cli-prefer- or cli-standby-.</param>
/// <param name="Resource">The resource, group or clone it is about.</param>
/// <param name="Node">The node it names; empty where that is not understood.</param>
/// <param name="Until">When it ends by itself; null where it does not, or where that is not understood.</param>
public sealed record LeftOver(string Id, string Resource, string Node, DateTimeOffset? Until)
{
    /// <summary>It draws the resource to its node, rather than keep it away from there.</summary>
    public bool Draws => Id.StartsWith("cli-prefer-", StringComparison.Ordinal);
}
