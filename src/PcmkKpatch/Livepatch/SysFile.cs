using System.Globalization;
using System.Text;
using PcmkKpatch.Core;

namespace PcmkKpatch.Livepatch;

/// <summary>Small files in which the kernel tells one thing. Looked at in every monitor: so each is opened, read once and closed.</summary>
internal static class SysFile
{
    private const int Page = 4096;

    /// <summary>The file's one line.</summary>
    /// <exception cref="ToolFailedException">It cannot be read.</exception>
    public static string Line(string file) => LineIfThere(file) ?? throw new ToolFailedException(file, null, "is not there");

    /// <summary>The file's one line, or null where there is no such file: a kernel without it, or one that has just taken it away.</summary>
    /// <exception cref="ToolFailedException">It is there, and cannot be read.</exception>
    public static string? LineIfThere(string file) => BytesIfThere(file) is { } bytes ? Encoding.UTF8.GetString(bytes).Trim() : null;

    /// <summary>What is in the file, or null where there is no such file.</summary>
    /// <exception cref="ToolFailedException">It is there, and cannot be read.</exception>
    public static byte[]? BytesIfThere(string file)
    {
        try
        {
            return Read(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
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

    // The kernel's own files of this kind are no longer than a page.
    private static byte[] Read(string file)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> page = stackalloc byte[Page];
        return page[..RandomAccess.Read(handle, page, fileOffset: 0)].ToArray();
    }
}
