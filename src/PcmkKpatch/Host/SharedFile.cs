using System.Text;
using Mono.Unix.Native;
using PcmkKpatch.Core;

namespace PcmkKpatch.Host;

/// <summary>A file of ours in somebody else's folder, for everybody to read.</summary>
internal static class SharedFile
{
    /// <summary>
    /// Replaces it whole: who reads it sees the old text or the new one, never a part. The folder may belong to a user that is not root, so nothing is written
    /// through a name that was there before. It need not outlive a crash, and is not synced.
    /// </summary>
    /// <exception cref="ToolFailedException">It cannot be written: the old one is left.</exception>
    public static void Replace(string path, string text)
    {
        var full = Path.GetFullPath(path);
        if (!Directory.Exists(Path.GetDirectoryName(full)))
            throw new ToolFailedException(full, null, "its folder is not there: name another file, or make the folder");
        if (Directory.Exists(full))
            throw new ToolFailedException(full, null, "is a folder: name a file in it");
        var temporary = $"{full}.{Environment.ProcessId}";
        _ = Syscall.unlink(temporary);
        var fd = Posix.Open(temporary, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, Posix.ForAllToRead);
        try
        {
            try
            {
                Posix.WriteAt(fd, temporary, 0, Encoding.UTF8.GetBytes(text));
                // Whatever mask this process was started with.
                _ = Syscall.fchmod(fd, Posix.ForAllToRead);
            }
            finally
            {
                _ = Syscall.close(fd);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e) when (e is ToolFailedException or IOException or UnauthorizedAccessException)
        {
            _ = Syscall.unlink(temporary);
            throw;
        }
    }
}
