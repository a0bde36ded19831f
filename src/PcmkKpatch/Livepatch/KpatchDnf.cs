namespace PcmkKpatch.Livepatch;

/// <summary>kpatch-dnf, dnf's plugin that installs kpatch-patch packages by itself: their scriptlets load the patch there and then.</summary>
internal static class KpatchDnf
{
    private const string Settings = "/etc/dnf/plugins/kpatch.conf";
    private static readonly string[] s_yes = ["1", "yes", "true", "on"];

    /// <summary>The plugin is set to auto: what to tell people about it; null otherwise, and where its settings cannot be read.</summary>
    public static string? Warning(string settings = Settings)
    {
        try
        {
            return !IsAuto(settings) ? null
                : $"kpatch-dnf is set to auto ({settings}): dnf then installs and loads live patches by itself, on a node that is not drained. Type on this node: dnf kpatch manual";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The plugin is set to auto. One that is not installed is not.</summary>
    /// <exception cref="IOException">Its settings cannot be read.</exception>
    public static bool IsAuto() => IsAuto(Settings);

    // The form is that of Python's configparser: "autoupdate = True" in the section [main], keys and values in any case.
    private static bool IsAuto(string path)
    {
        var (section, auto) = ("", false);
        foreach (var line in Lines(path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] is not ('#' or ';')))
        {
            if (line[0] == '[')
                section = line.Trim('[', ']');
            else if (section == "main" && line.Split(['=', ':'], 2, StringSplitOptions.TrimEntries) is [var key, var value] && key.Equals("autoupdate", StringComparison.OrdinalIgnoreCase))
                auto = s_yes.Contains(value, StringComparer.OrdinalIgnoreCase);
        }

        return auto;
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }
}
