using PcmkKpatch.Core;
using PcmkKpatch.Core.Readiness;

namespace PcmkKpatch.Host;

/// <summary>What systemd says of units.</summary>
internal static class Units
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    /// <summary>How a unit stands. One that is not there is an answer too.</summary>
    public static UnitView See(string unit)
    {
        string[] arguments = ["show", unit, "--property=LoadState,UnitFileState,DropInPaths,NeedDaemonReload"];
        var values = Tool.Run("systemctl", arguments, s_deadline).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).Where(words => words.Length == 2)
            .ToDictionary(words => words[0], words => words[1].Trim(), StringComparer.Ordinal);
        var state = values.GetValueOrDefault("LoadState") is { Length: > 0 } said ? said : throw new ToolFailedException("systemctl show", 0, $"it does not say how {unit} stands");
        return new UnitView(
            Installed: state is not ("not-found" or "masked"),
            Masked: state == "masked",
            Enabled: values.GetValueOrDefault("UnitFileState") is "enabled" or "enabled-runtime" or "static",
            DropIns: values.GetValueOrDefault("DropInPaths", "").Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Stale: values.GetValueOrDefault("NeedDaemonReload") == "yes");
    }

    /// <summary>The names of all units that are enabled.</summary>
    public static IReadOnlySet<string> Enabled() =>
        Tool.Run("systemctl", ["list-unit-files", "--state=enabled", "--plain", "--no-legend", "--no-pager"], s_deadline)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]).ToHashSet(StringComparer.Ordinal);
}
