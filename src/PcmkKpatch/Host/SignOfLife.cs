using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using PcmkKpatch.Core;

namespace PcmkKpatch.Host;

/// <summary>A worker that does not go on: it is stopped, or hangs.</summary>
/// <param name="Overdue">For how long its next sign of life has been due.</param>
/// <param name="Process">Its process; null where that is not known.</param>
/// <param name="State">How the kernel has that process, a letter as in ps(1); null where it is not known.</param>
internal sealed record StuckWorker(TimeSpan Overdue, int? Process, char? State)
{
    /// <summary>What is the matter.</summary>
    public string What => $"the worker {(State is 'T' or 't' ? "is stopped" : "hangs")}";

    /// <summary>What is the matter, and for how long by now.</summary>
    public string Why => string.Create(CultureInfo.InvariantCulture, $"{What}: its sign of life is {Overdue.TotalSeconds:0} s late");
}

/// <summary>
/// That the worker goes on, told to who looks without asking it. The worker says when it will give its next sign at the latest: in the time of
/// change of its lock's file, counted from the boot, so that no clock that is set can make it seem late. To look is one stat.
/// </summary>
internal static class SignOfLife
{
    // What is done without a tool: files of the kernel, a module copied and synced to a slow disk, a look at every task of the node.
    private static readonly TimeSpan s_withoutTool = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_secondLook = TimeSpan.FromMilliseconds(500);
    private static bool s_isWorker;

    /// <summary>This process is the worker from now on.</summary>
    /// <param name="workerLock">The lock that it holds.</param>
    public static void Begin(FileStream workerLock)
    {
        s_isWorker = true;
        try
        {
            workerLock.SetLength(0);
            workerLock.Write(System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
        }
        catch (IOException)
        {
            // For people only, and /run may be full.
        }

        Promise(TimeSpan.Zero);
    }

    /// <summary>The next sign comes when that is over, or soon after. Nothing where this process is not the worker.</summary>
    public static void Promise(TimeSpan busy)
    {
        if (!s_isWorker)
            return;
        try
        {
            File.SetLastWriteTimeUtc(Paths.Lock, DateTime.UnixEpoch + ThisHost.Now().Uptime + busy + s_withoutTool);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be told is missed by who looks: that is what it is for.
        }
    }

    /// <summary>The worker that is alive does not go on; null where it does, as far as anybody can know.</summary>
    public static StuckWorker? Look()
    {
        if (Overdue() is null)
            return null;
        // A worker that has just taken the lock finds the sign of the one before it there, for an instant.
        Thread.Sleep(s_secondLook);
        if (Overdue() is not { } overdue || !WorkerLock.IsHeld())
            return null;
        var process = Process();
        return new StuckWorker(overdue, process, process is { } id ? State(id) : null);
    }

    private static TimeSpan? Overdue()
    {
        var late = ThisHost.Now().Uptime - (File.GetLastWriteTimeUtc(Paths.Lock) - DateTime.UnixEpoch);
        // Without a file .NET gives the year 1601.
        return late > TimeSpan.Zero && File.Exists(Paths.Lock) ? late : null;
    }

    // Not by a FileStream: it would ask for a lock of its own.
    private static int? Process()
    {
        try
        {
            using var file = new SafeFileHandle(Posix.Open(Paths.Lock, OpenFlags.O_RDONLY), ownsHandle: true);
            Span<byte> text = stackalloc byte[16];
            return int.TryParse(text[..RandomAccess.Read(file, text, fileOffset: 0)], NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (Exception e) when (e is ToolFailedException or IOException)
        {
            return null;
        }
    }

    // Behind the name in parentheses, which may hold anything.
    private static char? State(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].TrimStart().FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
