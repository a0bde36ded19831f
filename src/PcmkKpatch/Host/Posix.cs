using Mono.Unix.Native;
using PcmkKpatch.Core;

namespace PcmkKpatch.Host;

/// <summary>The few system calls that make a file durable. Failures are <see cref="ToolFailedException"/>s that name the file.</summary>
internal static class Posix
{
    /// <summary>True where this process is root.</summary>
    public static bool IsRoot => Syscall.geteuid() == 0;

    /// <summary>What root alone may read.</summary>
    public const FilePermissions ForRootAlone = FilePermissions.S_IRUSR | FilePermissions.S_IWUSR;

    /// <summary>What everybody may read, as an installed module.</summary>
    public const FilePermissions ForAllToRead = ForRootAlone | FilePermissions.S_IRGRP | FilePermissions.S_IROTH;

    /// <summary>Replaces a small file whole: the old text or the new one is there after a crash, never a part. Both are synced.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".new";
        Write(temporary, content, ForRootAlone);
        Rename(temporary, path);
    }

    /// <summary>Writes a file, and syncs it. Half a file is not left behind where that fails.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content, FilePermissions permissions) => Write(path, content, permissions, OpenFlags.O_TRUNC);

    /// <summary>The same, where nobody has put a file of that name yet.</summary>
    public static void WriteNew(string path, ReadOnlySpan<byte> content, FilePermissions permissions) => Write(path, content, permissions, OpenFlags.O_EXCL);

    private static void Write(string path, ReadOnlySpan<byte> content, FilePermissions permissions, OpenFlags how)
    {
        var fd = Open(path, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | how, permissions);
        try
        {
            try
            {
                WriteAt(fd, path, 0, content);
                Sync(fd, path);
            }
            finally
            {
                _ = Syscall.close(fd);
            }
        }
        catch (ToolFailedException)
        {
            // Half a file is of no use to anybody, and on a full disk it takes room that others need.
            _ = Syscall.unlink(path);
            throw;
        }
    }

    /// <summary>Gives a file another name in the same folder, durably.</summary>
    public static void Rename(string from, string to)
    {
        if (Syscall.rename(from, to) != 0)
            throw Failed(to);
        SyncFolder(to);
    }

    /// <summary>Deletes a file, durably. One that is not there is no error.</summary>
    public static void Delete(string path)
    {
        if (Syscall.unlink(path) == 0)
            SyncFolder(path);
        else if (Stdlib.GetLastError() is var errno and not Errno.ENOENT)
            throw Failed(path, errno);
    }

    /// <summary>Opens a file of our own: for root alone, and never through a link that somebody else laid.</summary>
    public static int Open(string path, OpenFlags flags, FilePermissions permissions = ForRootAlone)
    {
        var fd = Syscall.open(path, flags | OpenFlags.O_CLOEXEC | OpenFlags.O_NOFOLLOW, permissions);
        return fd >= 0 ? fd : throw Failed(path);
    }

    /// <summary>Writes all bytes at that offset.</summary>
    public static unsafe void WriteAt(int fd, string path, long offset, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var written = Syscall.pwrite(fd, start + done, (ulong)(bytes.Length - done), offset + done);
                if (written > 0)
                    done += (int)written;
                else if (written == 0)
                    throw Failed(path, Errno.EIO);
                else if (Stdlib.GetLastError() is var errno and not Errno.EINTR)
                    throw Failed(path, errno);
            }
        }
    }

    /// <summary>The descriptor of standard output.</summary>
    public const int StandardOutput = 1;

    /// <summary>Writes all bytes to standard output. Other than .NET's own stream it says where nobody reads any more, which a program that goes on and on has to know.</summary>
    /// <exception cref="IOException">Nobody reads it.</exception>
    public static unsafe void WriteToOutput(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var written = Syscall.write(StandardOutput, start + done, (ulong)(bytes.Length - done));
                if (written > 0)
                    done += (int)written;
                else if (written == 0 || Stdlib.GetLastError() != Errno.EINTR)
                    throw new IOException("standard output cannot be written");
            }
        }
    }

    /// <summary>The bytes are on the disk when this returns.</summary>
    public static void Sync(int fd, string path)
    {
        if (Syscall.fsync(fd) != 0)
            throw Failed(path);
    }

    /// <summary>The file's entry in its folder is on the disk when this returns.</summary>
    public static void SyncFolder(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        var fd = Syscall.open(folder, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        if (fd < 0)
            throw Failed(folder);
        try
        {
            Sync(fd, folder);
        }
        finally
        {
            _ = Syscall.close(fd);
        }
    }

    // The error can be asked for once only: in native code the asking itself may load the library that translates it, and that forgets it.
    private static ToolFailedException Failed(string path) => Failed(path, Stdlib.GetLastError());

    private static ToolFailedException Failed(string path, Errno errno) => new(path, null, Stdlib.strerror(errno));
}
