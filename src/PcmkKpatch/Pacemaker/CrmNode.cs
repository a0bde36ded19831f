using PcmkKpatch.Core;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>crm_node: this node's own membership layer.</summary>
internal static class CrmNode
{
    private const string Name = "crm_node";

    /// <summary>The name by which the cluster knows this node.</summary>
    public static string LocalName() => Tool.Run(Name, ["--name"]).Trim() is { Length: > 0 } name
        ? name
        : throw new ToolFailedException(Name, 0, "it gave no name for this node");

    /// <summary>This node's membership has quorum. Unlike crm_mon's answer this one is never stale after a partition.</summary>
    public static bool HasQuorum() => Tool.Run(Name, ["--quorum"]).Trim() switch
    {
        "1" => true,
        "0" => false,
        var other => throw new ToolFailedException(Name, 0, $"it said \"{other}\" about quorum, neither 0 nor 1"),
    };
}
