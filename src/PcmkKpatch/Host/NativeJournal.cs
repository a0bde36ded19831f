using System.Buffers.Binary;
using System.Text;
using Mono.Unix.Native;

namespace PcmkKpatch.Host;

/// <summary>
/// systemd's journal, spoken to in its own protocol: one datagram an entry, a field a line, or with its length in front where its value has line breaks. So a value can be
/// anything, and is never taken for a field. Nothing here waits: where the journal does not take it at once, that is the answer.
/// </summary>
internal static class NativeJournal
{
    private const string Socket = "/run/systemd/journal/socket";

    // Well below what a socket takes by itself (net.core.wmem_default, 208 KiB), so that no entry needs a file to be passed.
    private const int LongestEntry = 96 * 1024;

    /// <summary>Writes an entry.</summary>
    /// <param name="fields">Its fields. Names are ours, and right.</param>
    /// <returns>False where there is no journal, or it took nothing.</returns>
    public static bool Send(IEnumerable<(string Name, string Value)> fields)
    {
        var entry = Encode(fields);
        var socket = Syscall.socket(UnixAddressFamily.AF_UNIX, UnixSocketType.SOCK_DGRAM, UnixSocketFlags.SOCK_CLOEXEC, 0);
        if (socket < 0)
            return false;
        try
        {
            return Syscall.sendto(socket, entry, (ulong)entry.Length, MessageFlags.MSG_DONTWAIT | MessageFlags.MSG_NOSIGNAL, new SockaddrUn(Socket)) == entry.Length;
        }
        finally
        {
            _ = Syscall.close(socket);
        }
    }

    /// <summary>The entry as it goes over the socket. What would make it too long is left out, the last fields first.</summary>
    public static byte[] Encode(IEnumerable<(string Name, string Value)> fields)
    {
        using var entry = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        foreach (var (name, value) in fields)
        {
            // Half a surrogate pair becomes a question mark of UTF-8's own.
            var bytes = Encoding.UTF8.GetBytes(value);
            if (entry.Length + name.Length + bytes.Length > LongestEntry)
                break;
            entry.Write(Encoding.ASCII.GetBytes(name));
            if (value.Contains('\n', StringComparison.Ordinal))
            {
                entry.WriteByte((byte)'\n');
                BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)bytes.Length);
                entry.Write(length);
            }
            else
            {
                entry.WriteByte((byte)'=');
            }

            entry.Write(bytes);
            entry.WriteByte((byte)'\n');
        }

        return entry.ToArray();
    }
}
