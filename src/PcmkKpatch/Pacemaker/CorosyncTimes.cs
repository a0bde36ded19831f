using System.Globalization;
using PcmkKpatch.Core;

namespace PcmkKpatch.Pacemaker;

/// <summary>The times after which corosync and sbd give a node up.</summary>
internal static class CorosyncTimes
{
    private const string Tool = "corosync-cmapctl";
    private const string TokenKey = "runtime.config.totem.token";
    private const string ConsensusKey = "runtime.config.totem.consensus";
    private const string WatchdogKey = "SBD_WATCHDOG_TIMEOUT";
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    // RHEL and SLES have the first, Debian the second.
    private static readonly string[] s_sbd = ["/etc/sysconfig/sbd", "/etc/default/sbd"];

    // What sbd takes where its configuration does not say.
    private static readonly TimeSpan s_usualWatchdog = TimeSpan.FromSeconds(5);

    /// <summary>corosync's token timeout as it counts now, with what it adds for each node.</summary>
    public static TimeSpan Token() => Totem(TokenKey);

    /// <summary>How long it takes until a node that is silent is out of the membership: the token is missed, and then the others have to agree (corosync.conf(5): token, consensus).</summary>
    public static TimeSpan Noticed() => Token() + Totem(ConsensusKey);

    // The keys below runtime.config hold what corosync uses, defaults and all (cmap_keys(7)).
    private static TimeSpan Totem(string key)
    {
        string[] arguments = ["-g", key];
        var answer = Host.Tool.Ask(Tool, arguments, s_deadline);
        // "runtime.config.totem.token (u32) = 3000"
        return answer.ExitCode == 0 && answer.Output.Split(" = ") is [_, var value] && int.TryParse(value.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : throw Host.Tool.Failed(Tool, arguments, answer);
    }

    /// <summary>sbd's watchdog timeout, from sbd's own configuration.</summary>
    public static TimeSpan Watchdog()
    {
        var file = s_sbd.FirstOrDefault(File.Exists) ?? throw new ToolFailedException(s_sbd[0], null, "is not there");
        // The shell takes the last one.
        var value = File.ReadAllLines(file).Select(line => line.Trim().Split('=', 2)).Where(words => words is [WatchdogKey, _]).Select(words => words[1].Trim('"', '\'')).LastOrDefault();
        return value is null ? s_usualWatchdog
            : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException($"{file}: {WatchdogKey}={value} is no number of seconds");
    }
}
