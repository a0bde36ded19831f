using System.Text;

namespace PcmkKpatch.Host;

/// <summary>
/// Small texts that the agent reads in every monitor: each is opened, read once and closed, without the stream and its reader that
/// <see cref="File.ReadAllText(string)"/> makes, nor its lock: whoever writes such a file replaces it whole.
/// </summary>
internal static class SmallFile
{
    private const int Page = 4096;

    /// <summary>All of the file's text, in UTF-8.</summary>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    public static string Text(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> page = stackalloc byte[Page];
        var read = RandomAccess.Read(handle, page, fileOffset: 0);
        return read < Page ? Encoding.UTF8.GetString(page[..read]) : File.ReadAllText(path);
    }
}
