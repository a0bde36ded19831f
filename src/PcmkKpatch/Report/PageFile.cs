using System.Globalization;
using System.Text;
using Mono.Unix.Native;
using PcmkKpatch.Core;
using PcmkKpatch.Host;

namespace PcmkKpatch.Report;

/// <summary>
/// Where a page is written to. Root writes it where a person says, so it is written beside and put into its place whole; what is there already is replaced only where it is such a
/// page of root's own, and nowhere is it written where somebody else could have it land in another place.
/// </summary>
internal static class PageFile
{
    private const string StandardOutput = "-";

    /// <summary>Writes it, for root alone to read.</summary>
    /// <exception cref="ToolFailedException">It cannot be written, or must not be there.</exception>
    public static void Write(string file, string page)
    {
        if (file == StandardOutput)
        {
            Console.Out.Write(page);
            return;
        }

        var path = Path.GetFullPath(file);
        if (Refusal(file, path) is { } why)
            throw new ToolFailedException(path, null, why);
        var temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}.new");
        Posix.WriteNew(temporary, Encoding.UTF8.GetBytes(page), Posix.ForRootAlone);
        Posix.Rename(temporary, path);
    }

    private static string? Refusal(string file, string path)
    {
        if (file.EndsWith('/') || Directory.Exists(path))
            return "is a folder: name the file that is to be written";
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
            return "there is no such folder";
        if (RootOnly.Problem(folder) is { } problem)
            return $"{problem}: choose a folder that root alone can change, such as /root, or have the shell write the file: pcmk-kpatch report --html - >FILE";
        if (Syscall.lstat(path, out var stat) != 0)
            return null;
        return (stat.st_mode & FilePermissions.S_IFMT) == FilePermissions.S_IFREG && stat.st_uid == 0 && stat.st_nlink == 1 && IsPage(path) ? null
            : "is there already and is no such report of root's: choose another name, or take it away first";
    }

    private static bool IsPage(string path)
    {
        var begin = Encoding.UTF8.GetBytes(ReportPage.Begin);
        using var file = File.OpenRead(path);
        var read = new byte[begin.Length];
        return file.ReadAtLeast(read, read.Length, throwOnEndOfStream: false) == read.Length && read.AsSpan().SequenceEqual(begin);
    }
}
