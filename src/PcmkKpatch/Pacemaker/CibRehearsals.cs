using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Pacemaker;

/// <summary>The rehearsal that is wished, in the CIB.</summary>
internal sealed class CibRehearsals : IRehearsals
{
    /// <inheritdoc/>
    public RehearsalWish? Read() => See();

    /// <summary>The wish, or null where there is none.</summary>
    public static RehearsalWish? See() => CibAdmin.QueryRehearsal() is { } text ? RehearsalWish.Parse(text) : null;

    /// <summary>Lays the wish where none is there. The token must have been created before.</summary>
    /// <returns>True where it is laid; false where there is another one.</returns>
    public static bool Lay(RehearsalWish wish)
    {
        try
        {
            return CibAdmin.CreateRehearsal(wish.Text);
        }
        catch (ToolFailedException)
        {
            // The answer was lost, the effect may not be. The same again is definite, or what is found there afterwards is.
            return CibAdmin.CreateRehearsal(wish.Text) || See() == wish;
        }
    }

    /// <summary>Takes that very wish away, and no other one.</summary>
    /// <exception cref="ToolFailedException">It was found there afterwards, or a tool failed: it may be there still or not.</exception>
    public static void TakeAway(RehearsalWish wish)
    {
        // The text goes into XPath as it is, and one that this program wrote needs no quoting there.
        if (wish.IsUnreadable)
            throw new ToolFailedException("cibadmin", null, $"the wish for a rehearsal was not written by this version: {wish.Text}");
        CibAdmin.DeleteRehearsal(wish.Text);
        if (See() == wish)
            throw new ToolFailedException("cibadmin", null, "the wish for a rehearsal was found in the CIB afterwards: try again");
    }
}
