using Mono.Unix.Native;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Readiness;

namespace PcmkKpatch.Host;

/// <summary>Room, SELinux, other updaters and the clock of this node.</summary>
internal static class HostReader
{
    private const string AutomaticSettings = "/etc/dnf/automatic.conf";
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);
    private static readonly string[] s_yes = ["1", "yes", "true", "on"];
    private static readonly string[] s_rooms = [Paths.State, "/var/lib/kpatch"];

    // These install whatever their own settings say; those of dnf-automatic.timer are looked at.
    private static readonly string[] s_installers = ["dnf-automatic-install.timer", "dnf5-automatic.timer", "yum-cron.service", "unattended-upgrades.service"];

    /// <summary>All of it.</summary>
    public static HostView See() => new()
    {
        Rooms = [.. s_rooms.Select(folder => new Room(folder, Looked.At(() => Free(folder))))],
        SelinuxEnforces = Looked.At(SelinuxEnforces),
        Updaters = Looked.At(Updaters),
    };

    /// <summary>systemd says that the clock is kept in step.</summary>
    public static bool ClockIsInStep()
    {
        string[] arguments = ["show", "--property=NTPSynchronized", "--value"];
        return Tool.Run("timedatectl", arguments, s_deadline).Trim() switch
        {
            "yes" => true,
            "no" => false,
            var other => throw new ToolFailedException("timedatectl", 0, $"it said \"{other}\" about NTPSynchronized, neither yes nor no"),
        };
    }

    // Of the file system that holds the folder, or will: one that is not there yet lies in the nearest folder that is.
    private static long Free(string folder)
    {
        var at = folder;
        while (!Directory.Exists(at))
            at = Path.GetDirectoryName(at)!;
        return Syscall.statvfs(at, out var stat) == 0 ? (long)Math.Min(stat.f_bfree * stat.f_frsize, long.MaxValue) : throw new ToolFailedException(at, null, Stdlib.strerror(Stdlib.GetLastError()));
    }

    private static bool? SelinuxEnforces()
    {
        const string Enforce = "/sys/fs/selinux/enforce";
        return !File.Exists(Enforce) ? null : File.ReadAllText(Enforce).Trim() switch
        {
            "1" => true,
            "0" => false,
            var other => throw new FormatException($"{Enforce} is neither 0 nor 1: {other}"),
        };
    }

    private static IReadOnlyList<string> Updaters()
    {
        var enabled = Units.Enabled();
        return [.. s_installers.Where(enabled.Contains), .. enabled.Contains("dnf-automatic.timer") && AutomaticApplies() ? ["dnf-automatic.timer"] : (string[])[]];
    }

    // Without the file, as with one that says nothing, it only fetches.
    private static bool AutomaticApplies() => File.Exists(AutomaticSettings)
        && File.ReadAllLines(AutomaticSettings).Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries)).Any(words => words is ["apply_updates", var value] && s_yes.Contains(value, StringComparer.OrdinalIgnoreCase));
}
