using Mono.Unix.Native;
using PcmkKpatch.Core;

namespace PcmkKpatch.Host;

/// <summary>
/// Files that nobody but root can change: neither the file, nor a folder on the way to it, nor a link. What is run or loaded as root is to be
/// one, for a node's patch and its health check are named in the CIB and lie where an administrator has put them.
/// </summary>
internal static class RootOnly
{
    private const int MostLinks = 40;
    private const FilePermissions ForOthers = FilePermissions.S_IRWXG | FilePermissions.S_IRWXO;

    /// <summary>Who else could change it, in a sentence; null where nobody can, or where it is not there.</summary>
    /// <param name="path">An absolute path.</param>
    public static string? Problem(string path)
    {
        var at = "/";
        var links = 0;
        var left = new Stack<string>();
        Push(left, path);
        while (left.TryPop(out var name))
        {
            var next = name == ".." ? Path.GetDirectoryName(at) ?? "/" : Path.Combine(at, name);
            if (Syscall.lstat(next, out var stat) != 0)
                return null;
            if (Problem(next, stat) is { } problem)
                return problem;
            if (!Is(stat, FilePermissions.S_IFLNK))
            {
                at = next;
                continue;
            }

            if (++links > MostLinks || new FileInfo(next).LinkTarget is not { } target)
                return null;
            if (target.StartsWith('/'))
                at = "/";
            Push(left, target);
        }

        return null;
    }

    /// <summary>Makes a folder of our own for root alone, also where it is there already with other rights.</summary>
    /// <exception cref="ToolFailedException">Somebody else has laid it, or laid something else in its place.</exception>
    public static void Folder(string path)
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (Syscall.lstat(path, out var stat) != 0 || !Is(stat, FilePermissions.S_IFDIR) || stat.st_uid != 0)
            throw new ToolFailedException(path, null, "is not a folder of root's own: see who has put it there, and take it away");
        if ((stat.st_mode & ForOthers) != 0)
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    // In a folder such as /tmp (sticky) nobody takes away what is another's: what root has there is as good as anywhere. A link's own rights mean nothing.
    private static string? Problem(string path, in Stat stat)
    {
        var bySome = (stat.st_mode & FilePermissions.S_IWOTH) != 0 || ((stat.st_mode & FilePermissions.S_IWGRP) != 0 && stat.st_gid != 0);
        var sticky = Is(stat, FilePermissions.S_IFDIR) && (stat.st_mode & FilePermissions.S_ISVTX) != 0;
        return stat.st_uid != 0 ? $"{path} belongs to the user {stat.st_uid}, who may change it"
            : bySome && !sticky && !Is(stat, FilePermissions.S_IFLNK) ? $"{path} can be changed by others than root (mode {Convert.ToString((int)(stat.st_mode & FilePermissions.ALLPERMS), 8)})"
            : null;
    }

    private static bool Is(in Stat stat, FilePermissions kind) => (stat.st_mode & FilePermissions.S_IFMT) == kind;

    private static void Push(Stack<string> left, string path)
    {
        foreach (var name in path.Split('/').Where(name => name is not ("" or ".")).Reverse())
            left.Push(name);
    }
}
