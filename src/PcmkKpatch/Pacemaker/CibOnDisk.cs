using System.Text;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// The configuration as the cluster keeps it on this node's disk, written anew with each change. Reading it starts no process and waits for
/// nobody, so the agent may look at it in every monitor. It is a hint: what follows from it is asked of the cluster first.
/// </summary>
internal static class CibOnDisk
{
    /// <summary>The file.</summary>
    public const string Path = "/var/lib/pacemaker/cib/cib.xml";
    // The cluster's properties come first, before any node or resource.
    private const int Longest = 64 * 1024;
    private const int Chunk = 8 * 1024;

    /// <summary>The token, and the rehearsal that is wished; null for what is not there or cannot be seen.</summary>
    public static (Token? Token, RehearsalWish? Wish) See()
    {
        try
        {
            var properties = Properties();
            return (ValueIn(properties, CibAdmin.TokenId) is { } token ? Token.Parse(token) : null, ValueIn(properties, CibAdmin.RehearsalId) is { } wish ? RehearsalWish.Parse(wish) : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, null);
        }
    }

    // Read as far as it is needed, and not made a text of: a CIB may be of many megabytes.
    private static ReadOnlySpan<byte> Properties()
    {
        using var handle = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = GC.AllocateUninitializedArray<byte>(Longest);
        for (var length = 0; ;)
        {
            var read = RandomAccess.Read(handle, bytes.AsSpan(length, Math.Min(Chunk, Longest - length)), length);
            length += read;
            var there = bytes.AsSpan(0, length);
            if (read == 0 || there.IndexOf("</crm_config>"u8) >= 0)
                return there;
        }
    }

    // Neither text has anything in it that XML would escape.
    private static string? ValueIn(ReadOnlySpan<byte> text, string id)
    {
        var element = text.IndexOf(Encoding.UTF8.GetBytes($"<nvpair id=\"{id}\""));
        if (element < 0)
            return null;
        text = text[element..];
        var end = text.IndexOf((byte)'>');
        if (end < 0)
            return null;
        text = text[..end];
        var value = text.IndexOf(" value=\""u8);
        if (value < 0)
            return null;
        text = text[(value + " value=\""u8.Length)..];
        var close = text.IndexOf((byte)'"');
        return close < 0 ? null : Encoding.UTF8.GetString(text[..close]);
    }
}
