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
    private const string File = "/var/lib/pacemaker/cib/cib.xml";
    private const string Value = " value=\"";

    // The cluster's properties come first, before any node or resource.
    private const int Longest = 64 * 1024;

    /// <summary>The token, and the rehearsal that is wished; null for what is not there or cannot be seen.</summary>
    public static (Token? Token, RehearsalWish? Wish) See()
    {
        var bytes = new byte[Longest];
        try
        {
            using var handle = System.IO.File.OpenHandle(File);
            var text = Encoding.UTF8.GetString(bytes.AsSpan(0, RandomAccess.Read(handle, bytes, fileOffset: 0)));
            return (ValueIn(text, CibAdmin.TokenId) is { } token ? Token.Parse(token) : null, ValueIn(text, CibAdmin.RehearsalId) is { } wish ? RehearsalWish.Parse(wish) : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, null);
        }
    }

    // Neither text has anything in it that XML would escape.
    private static string? ValueIn(string text, string id)
    {
        var element = text.IndexOf($"<nvpair id=\"{id}\"", StringComparison.Ordinal);
        var end = element < 0 ? -1 : text.IndexOf('>', element);
        var value = end < 0 ? -1 : text.IndexOf(Value, element, end - element, StringComparison.Ordinal);
        var close = value < 0 ? -1 : text.IndexOf('"', value + Value.Length);
        return close < 0 || close > end ? null : text[(value + Value.Length)..close];
    }
}
