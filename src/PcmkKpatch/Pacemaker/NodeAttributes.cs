using PcmkKpatch.Core;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// What this node tells the cluster: transient node attributes, shown by crm_mon -A. Each change makes the DC look at the whole
/// cluster again, so only what is new is written.
/// </summary>
internal static class NodeAttributes
{
    /// <summary>The running kernel's release.</summary>
    public const string Kernel = "kpatch-kernel";

    /// <summary>The live patches in force, or "none".</summary>
    public const string Patch = "kpatch-patch";

    /// <summary>What this node is doing, and why it waits.</summary>
    public const string State = "kpatch-state";

    private const int LongestValue = 200;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    /// <summary>Publishes what differs from what was published last.</summary>
    /// <exception cref="ToolFailedException">attrd_updater failed; what was published stays unknown and is written again next time.</exception>
    public static void Publish(IReadOnlyDictionary<string, string> values)
    {
        var published = Published();
        var text = string.Concat(values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={Shown(v.Value)}\n"));
        if (text == published)
            return;
        var before = published.Split('\n').ToHashSet();
        foreach (var (name, value) in values)
        {
            if (!before.Contains($"{name}={Shown(value)}"))
                Tool.Run("attrd_updater", ["--name", name, "--update", Shown(value)], s_deadline);
        }

        File.WriteAllText(Paths.Published, text);
    }

    /// <summary>Forgets what was published, so that all is written again: the cluster may have been restarted meanwhile.</summary>
    public static void Forget() => File.Delete(Paths.Published);

    /// <summary>Takes this node's attributes away.</summary>
    public static void Withdraw()
    {
        Forget();
        foreach (var name in (string[])[State, Patch, Kernel])
            Tool.Run("attrd_updater", ["--name", name, "--delete"], s_deadline);
    }

    private static string Published()
    {
        try
        {
            return File.ReadAllText(Paths.Published);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "";
        }
    }

    // In the C locale, in which every tool runs here, attrd_updater takes no other characters.
    private static string Shown(string value)
    {
        var line = string.Concat(value.Select(c => c is >= ' ' and <= '~' ? c : '?'));
        return line.Length <= LongestValue ? line : line[..LongestValue] + "...";
    }
}
