using System.Globalization;
using System.Text;
using Mono.Unix.Native;
using PcmkKpatch.Core;

namespace PcmkKpatch.Livepatch;

/// <summary>What the kernel has logged.</summary>
/// <param name="LastSequence">The sequence number of the last record; -1 where there is none.</param>
/// <param name="Lines">The kernel's own lines after the asked-for record, oldest first.</param>
/// <param name="Overrun">Records after the asked-for one were overwritten before they were read.</param>
internal sealed record KernelLogRead(long LastSequence, IReadOnlyList<string> Lines, bool Overrun);

/// <summary>
/// /dev/kmsg, read from its oldest record on. A record is "priority,sequence,microseconds,flags;text", with lines that begin with a
/// space after it; EPIPE means that what would have been read next is overwritten (the kernel's Documentation/ABI/testing/dev-kmsg).
/// </summary>
internal static class KernelLogFile
{
    // Longer than any record that the kernel makes; a shorter buffer would be answered with EINVAL.
    private const int LongestRecord = 16 * 1024;
    private const int MostLines = 4096;

    /// <summary>Reads what came after the record of that number; pass -1 for all that is there.</summary>
    public static KernelLogRead ReadAfter(long sequence, string path = "/dev/kmsg")
    {
        var fd = Syscall.open(path, OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC);
        if (fd < 0)
            throw Failed(path, Stdlib.GetLastError());
        try
        {
            return ReadAll(fd, path, sequence);
        }
        finally
        {
            _ = Syscall.close(fd);
        }
    }

    private static KernelLogRead ReadAll(int fd, string path, long after)
    {
        var buffer = new byte[LongestRecord];
        var reader = new Records(after);
        while (true)
        {
            long read;
            unsafe
            {
                fixed (byte* start = buffer)
                    read = Syscall.read(fd, start, (ulong)buffer.Length);
            }

            if (read > 0)
            {
                reader.Add(buffer.AsSpan(0, (int)read));
                continue;
            }

            var errno = read == 0 ? Errno.EAGAIN : Stdlib.GetLastError();
            if (errno == Errno.EAGAIN)
                return reader.End();
            if (errno is not (Errno.EPIPE or Errno.EINTR))
                throw Failed(path, errno);
        }
    }

    private static ToolFailedException Failed(string path, Errno errno) => new(path, null, Stdlib.strerror(errno));

    // One read of the device gives one record. Of a plain file, which stands in for it in tests, it gives pieces: hence the line buffer.
    private sealed class Records(long after)
    {
        private readonly List<byte> _rest = [];
        private readonly List<string> _lines = [];
        private long _last = -1;
        private bool _overrun;

        public void Add(ReadOnlySpan<byte> bytes)
        {
            while (bytes.IndexOf((byte)'\n') is >= 0 and var end)
            {
                _rest.AddRange(bytes[..end]);
                Line(Encoding.UTF8.GetString([.. _rest]));
                _rest.Clear();
                bytes = bytes[(end + 1)..];
            }

            _rest.AddRange(bytes);
        }

        public KernelLogRead End() => new(_last, _lines, _overrun);

        private void Line(string line)
        {
            var text = line.IndexOf(';', StringComparison.Ordinal);
            if (text < 0 || line[0] == ' ')
                return;
            var head = line[..text].Split(',');
            if (head.Length < 3 || !int.TryParse(head[0], NumberStyles.None, CultureInfo.InvariantCulture, out var priority)
                || !long.TryParse(head[1], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
                return;
            // Numbers follow on each other: one that is missing after the asked-for one was overwritten.
            _overrun |= sequence > Math.Max(_last, after) + 1;
            _last = sequence;
            // Below 8 is the facility "kern": what user space wrote here is not the kernel's word.
            if (sequence > after && priority < 8 && _lines.Count < MostLines)
                _lines.Add(line[(text + 1)..]);
        }
    }
}
