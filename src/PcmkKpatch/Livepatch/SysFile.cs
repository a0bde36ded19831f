using System.Globalization;
using PcmkKpatch.Core;

namespace PcmkKpatch.Livepatch;

/// <summary>Small files in which the kernel tells one thing.</summary>
internal static class SysFile
{
    /// <summary>The file's one line.</summary>
    /// <exception cref="ToolFailedException">It cannot be read.</exception>
    public static string Line(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(file, null, e.Message);
        }
    }

    /// <summary>The file's number.</summary>
    /// <exception cref="ToolFailedException">It cannot be read, or is no number.</exception>
    public static ulong Number(string file) =>
        ulong.TryParse(Line(file), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new ToolFailedException(file, null, "is no number");
}
