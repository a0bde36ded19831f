using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Pacemaker;

/// <summary>A hold as it lies in the CIB.</summary>
/// <param name="Node">The node among whose permanent attributes it is; null where it is one of the cluster's properties, and so about all nodes.</param>
/// <param name="Id">The id of its element.</param>
/// <param name="Hold">What it says.</param>
internal sealed record LaidHold(string? Node, string Id, Hold Hold)
{
    /// <summary>The hold with that text. Whom it holds is said by where it lies: a node may have another name now, and a text may have been copied.</summary>
    public static LaidHold Of(string? node, string id, string text)
    {
        var hold = Hold.Parse(text);
        return new(node, id, hold.IsUnreadable || hold.Node == node ? hold : Hold.Of(node, hold.Until, hold.Reason, hold.By));
    }
}
