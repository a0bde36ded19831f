using System.Text;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Host;

/// <summary>Since when this node runs what it runs: on disk, for it outlives the agent and a boot. Plain lines, for the agent reads it in every monitor.</summary>
internal static class AgesFile
{
    /// <summary>Has something seen, and keeps what follows; written only where it is new.</summary>
    /// <returns>Null where it cannot be kept, as on a full disk: then it is not known. It is no reason not to publish the rest.</returns>
    public static Ages? See(Func<Ages, Ages> seen)
    {
        try
        {
            var before = Read();
            var after = seen(before);
            if (after != before)
                Posix.Replace(Paths.Ages, Encoding.UTF8.GetBytes(after.Lines));
            return after;
        }
        catch (Exception e) when (e is ToolFailedException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static Ages Read()
    {
        try
        {
            return Ages.FromLines(SmallFile.Text(Paths.Ages));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new Ages();
        }
    }
}
