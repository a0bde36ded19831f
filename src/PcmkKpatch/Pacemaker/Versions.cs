using System.Text.RegularExpressions;
using PcmkKpatch.Core;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// The versions of the cluster's software as it is installed here. Two processes, so it is looked at when the agent is started, which is soon after the cluster was: then what is
/// installed is what runs. Neither of the two tells the version that runs by itself.
/// </summary>
internal static partial class Versions
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(5);

    /// <summary>Both in a few words, such as "pacemaker 2.1.5 corosync 3.1.7"; null where one of them does not say.</summary>
    public static string? Installed() => Of("crm_mon", "--version") is { } pacemaker && Of("corosync", "-v") is { } corosync ? $"pacemaker {pacemaker} corosync {corosync}" : null;

    // "Pacemaker 2.1.5"; "Corosync Cluster Engine, version '3.1.7'".
    private static string? Of(string tool, string option)
    {
        try
        {
            return Tool.Run(tool, [option], s_deadline).Split('\n')[0] is var line && Version().Match(line) is { Success: true } found ? found.Value : null;
        }
        catch (ToolFailedException)
        {
            return null;
        }
    }

    [GeneratedRegex("[0-9]+(\\.[0-9A-Za-z-]+)+")]
    private static partial Regex Version();
}
