using PcmkKpatch.Core;

namespace PcmkKpatch.Host;

/// <summary>Makes a fact of a look that may fail.</summary>
internal static class Looked
{
    /// <summary>What the look gives, or why it gave nothing.</summary>
    public static Fact<T> At<T>(Func<T> look)
    {
        try
        {
            return Fact.Known(look());
        }
        catch (Exception e) when (e is ToolFailedException or IOException or UnauthorizedAccessException or FormatException)
        {
            return Fact.Unknown<T>(e.Message);
        }
    }
}
