using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Pacemaker;

/// <summary>The holds in the CIB.</summary>
internal sealed class CibHolds : IHolds
{
    /// <inheritdoc/>
    public IReadOnlyList<Hold> Read() => [.. See().Select(laid => laid.Hold)];

    /// <summary>All holds, those that are over among them, with where they lie.</summary>
    public static IReadOnlyList<LaidHold> See() => CibAdmin.QueryHolds();

    /// <summary>Lays a hold on its node, or on all, in the place of the one that is there.</summary>
    /// <exception cref="ToolFailedException">It was not found there afterwards, or a tool failed: it may have been laid or not.</exception>
    public static void Lay(Hold hold)
    {
        CibAdmin.UpdateHold(hold.Node, hold.Text);
        if (!See().Any(laid => laid.Node == hold.Node && laid.Hold == hold))
            throw new ToolFailedException("crm_attribute", null, "the hold was not found in the CIB afterwards: see pcmk-kpatch hold --list, and try again");
    }

    /// <summary>Takes away the holds that lie on a node, or on all where it is null.</summary>
    /// <returns>Those that were taken away; none where none was there.</returns>
    /// <exception cref="ToolFailedException">One was found there afterwards, or a tool failed: they may be there still or not.</exception>
    public static IReadOnlyList<LaidHold> Clear(string? node)
    {
        List<LaidHold> there = [.. See().Where(laid => laid.Node == node)];
        there.ForEach(CibAdmin.DeleteHold);
        return there.Count == 0 || !See().Any(laid => laid.Node == node) ? there
            : throw new ToolFailedException("cibadmin", null, "a hold was found in the CIB afterwards: see pcmk-kpatch hold --list, and try again");
    }
}
