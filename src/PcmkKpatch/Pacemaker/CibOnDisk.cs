using System.Text.RegularExpressions;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// The configuration as the cluster keeps it on this node's disk, written anew with each change. Reading it starts no process and waits for
/// nobody, so the agent may look at it in every monitor. It is a hint: what follows from it is asked of the cluster first.
/// </summary>
internal static partial class CibOnDisk
{
    private const string File = "/var/lib/pacemaker/cib/cib.xml";

    /// <summary>The token, or null where it cannot be seen.</summary>
    public static Token? Token()
    {
        try
        {
            return TokenElement().Match(System.IO.File.ReadAllText(File)) is { Success: true } found ? Core.Cluster.Token.Parse(found.Groups[1].Value) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex($"<nvpair id=\"{CibAdmin.TokenId}\"[^>]* value=\"([^\"]*)\"")]
    private static partial Regex TokenElement();
}
