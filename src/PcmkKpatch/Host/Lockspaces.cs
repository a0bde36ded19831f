using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Livepatch;

namespace PcmkKpatch.Host;

/// <summary>
/// The distributed locks of this node as the kernel's own files tell them: /sys/kernel/dlm has a folder for each lockspace, /proc/self/mountinfo the mounts, and /sys/fs/gfs2
/// a folder for each GFS2, named by its lock table, CLUSTER:LOCKSPACE. To look starts no process, and a machine without DLM costs one look.
/// </summary>
/// <param name="root">Where these files are.</param>
/// <param name="guard">Held by who writes to a shared file system.</param>
internal sealed partial class Lockspaces(string root = "/", string guard = Paths.Probe) : ILockspaces
{
    private const int IsHeld = 75;

    private const string Gfs2 = "gfs2";
    private const int LongestMountInfo = 16 * 1024 * 1024;

    // For each of the three tools. A cluster at rest answers in milliseconds, one that recovers another node's journal in some seconds.
    private static readonly TimeSpan s_writeDeadline = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public LocksView See()
    {
        var names = Folders("sys/kernel/dlm");
        if (names.Count == 0)
            return LocksView.None;
        return new LocksView
        {
            Lockspaces = names,
            Mounts = [.. Mounts(names)],
            Volumes = names.Any(name => name.StartsWith(LocksView.OfLvm, StringComparison.Ordinal)) ? [.. Volumes()] : [],
        };
    }

    /// <inheritdoc/>
    public string? Write(SharedMount mount, string node)
    {
        // Others may write to this folder. Only a file that was not there before is written to (excl: O_EXCL, which follows no link), and what bears its name is of an earlier crash, or a link,
        // which rm does not follow either.
        var file = Path.Combine(mount.Point, LocksBack.FilePrefix + node);
        string[][] steps = [["rm", "-f", "--", file], ["dd", "if=/dev/zero", $"of={file}", "bs=512", "count=1", "conv=excl,fsync", "status=none"], ["rm", "-f", "--", file]];
        try
        {
            // flock itself would make it with other rights than all of our files have.
            using (new SafeFileHandle(Posix.Open(guard, OpenFlags.O_RDONLY | OpenFlags.O_CREAT), ownsHandle: true))
            {
            }

            foreach (var step in steps)
                Guarded(step);
            return null;
        }
        catch (ToolFailedException e)
        {
            return e.Message;
        }
    }

    // Who writes to a file system that stands still cannot be killed before it goes on: the deadline ends our waiting and not the process. It keeps what it got from flock, so that there is never
    // a second one beside it, of this worker or of one that was started after it.
    private void Guarded(string[] command)
    {
        string[] arguments = ["--nonblock", "--conflict-exit-code", $"{IsHeld}", guard, .. command];
        var answer = Tool.Ask("flock", arguments, s_writeDeadline);
        if (answer.ExitCode == IsHeld)
            throw new ToolFailedException(string.Join(' ', command), null, "an earlier write has not come back");
        if (answer.ExitCode != 0)
            throw Tool.Failed(command[0], command[1..], answer);
    }

    // One with lock_nolock, or that has withdrawn from its lockspace, has none: nobody waits for it.
    private IEnumerable<SharedMount> Mounts(IReadOnlyCollection<string> names)
    {
        var mounts = ReadMounts().Where(mount => mount.Kind is Gfs2 or LocksView.Ocfs2).ToList();
        if (mounts.Count == 0)
            return [];
        var tables = mounts.Exists(mount => mount.Kind == Gfs2) ? Folders($"sys/fs/{Gfs2}").Select(table => (Table: table, Number: SysFile.LineIfThere(At($"sys/fs/{Gfs2}/{table}/id")))).ToList() : [];
        return mounts.Select(mount => mount.Kind == LocksView.Ocfs2 ? mount : mount with { Lockspace = LockspaceOf(mount, tables) }).Where(mount => mount.Lockspace is null || names.Contains(mount.Lockspace));
    }

    private static string LockspaceOf(SharedMount mount, List<(string Table, string? Number)> tables)
    {
        var table = tables.Find(t => t.Number == mount.Number).Table
            ?? throw new ToolFailedException($"/sys/fs/{Gfs2}", null, $"the file system {mount.Device} on {mount.Point} is not there, so its lockspace is not known");
        return table[(table.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }

    // "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue": proc(5). There may be any number of fields before the dash.
    private IEnumerable<SharedMount> ReadMounts()
    {
        const string File = "proc/self/mountinfo";
        foreach (var line in Text(File).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ');
            var dash = Array.IndexOf(words, "-", startIndex: Math.Min(6, words.Length));
            if (dash < 0 || words.Length < dash + 4)
                throw new ToolFailedException(At(File), null, $"has a line that is not understood: {line}");
            // A GFS2 that only looks on (spectator) says so with the options of its super block, behind the device.
            var isForReading = words[5].Split(',').Contains("ro") || words[dash + 3].Split(',').Contains("spectator");
            yield return new SharedMount(words[dash + 1], Plain(words[dash + 2]), words[2], Plain(words[4]), null, isForReading);
        }
    }

    private string Text(string file)
    {
        try
        {
            using var stream = File.OpenRead(At(file));
            var bytes = new byte[LongestMountInfo];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length < bytes.Length ? Encoding.UTF8.GetString(bytes, 0, length) : throw new ToolFailedException(At(file), null, "is longer than can be true");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(At(file), null, e.Message);
        }
    }

    private IEnumerable<string> Volumes() =>
        Folders("sys/block").Where(block => block.StartsWith("dm-", StringComparison.Ordinal)).Select(block => SysFile.LineIfThere(At($"sys/block/{block}/dm/name"))).OfType<string>();

    private IReadOnlyList<string> Folders(string folder)
    {
        try
        {
            // Entries and not directories: in /sys/block each is a link to one.
            return [.. Directory.GetFileSystemEntries(At(folder)).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        }
        // What is there and is no folder is not understood, and not nothing.
        catch (DirectoryNotFoundException) when (!Path.Exists(At(folder)))
        {
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(At(folder), null, e.Message);
        }
    }

    private string At(string path) => Path.Combine(root, path);

    // Blanks, tabs, line breaks and backslashes are written as \040 and so on.
    private static string Plain(string word) => Octal().Replace(word, code => ((char)Convert.ToInt32(code.Groups[1].Value, 8)).ToString());

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Octal();
}
