using PcmkKpatch.Core;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Readiness;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// What this node tells the cluster: transient node attributes, shown by crm_mon -A. Each change makes the DC look at the whole
/// cluster again, so only what is new is written.
/// </summary>
internal static class NodeAttributes
{
    /// <summary>The running kernel's release.</summary>
    public const string Kernel = DriftGates.KernelAttribute;

    /// <summary>The live patches in force, or "none".</summary>
    public const string Patch = DriftGates.PatchAttribute;

    /// <summary>The build ids that this node refuses because it went down with them; there while there are any.</summary>
    public const string Quarantine = FleetGates.QuarantineAttribute;

    /// <summary>What this node is doing, and why it waits.</summary>
    public const string State = FleetGates.StateAttribute;

    /// <summary>The versions of the cluster's software, where they are known.</summary>
    public const string Version = DriftGates.VersionAttribute;

    /// <summary>Since when all that is what it is.</summary>
    public const string Since = DriftGates.SinceAttribute;

    /// <summary>The version of this program.</summary>
    public const string Product = FleetReadiness.ProductAttribute;

    /// <summary>How the rehearsal that is wished ended on this node, or else the last one; not there where there was none.</summary>
    public const string Rehearsed = RehearsalGates.Attribute;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    /// <summary>Publishes what differs from what was published last. An attribute whose value is empty is not there.</summary>
    /// <exception cref="ToolFailedException">attrd_updater failed; what was published stays unknown and is written again next time.</exception>
    public static void Publish(IReadOnlyDictionary<string, string> values)
    {
        var published = Published();
        var changed = values.Where(v => published.GetValueOrDefault(v.Key) != Shown(v.Value)).ToList();
        if (changed.Count == 0)
            return;
        foreach (var (name, value) in changed)
        {
            Tool.Run("attrd_updater", value.Length > 0 ? ["--name", name, "--update", Shown(value)] : ["--name", name, "--delete"], s_deadline);
            published[name] = Shown(value);
        }

        OurFile.Write(Paths.Published, string.Concat(published.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={v.Value}\n")));
    }

    /// <summary>What the nodes have published under that name, by the attribute daemon: other than crm_mon it looks at nothing else for that, however large the cluster is.</summary>
    /// <exception cref="ToolFailedException">It did not answer. That nobody has published anything is none: then it has another exit code than 0, and says nothing.</exception>
    public static IReadOnlyDictionary<string, string> Told(string name) => ReadTold(Tool.Ask("attrd_updater", ["--query", "--all", "--name", name], s_deadline).Output);

    /// <summary>Reads lines such as: name="kpatch-state" host="node1" value="idle". What is not understood is left out.</summary>
    public static IReadOnlyDictionary<string, string> ReadTold(string lines)
    {
        const string Host = " host=\"", Value = "\" value=\"";
        var told = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.Split('\n'))
        {
            var (host, value) = (line.IndexOf(Host, StringComparison.Ordinal), line.IndexOf(Value, StringComparison.Ordinal));
            // The value may have anything in it, and ends where the line does.
            if (host >= 0 && value > host && line[^1] == '"' && line.Length > value + Value.Length)
                told[line[(host + Host.Length)..value]] = line[(value + Value.Length)..^1];
        }

        return told;
    }

    /// <summary>Forgets what was published, so that all is written again: the cluster may have been restarted meanwhile.</summary>
    public static void Forget() => File.Delete(Paths.Published);

    /// <summary>Takes this node's attributes away, but for what it went through: others may still be in that rehearsal, or follow it.</summary>
    public static void Withdraw()
    {
        Forget();
        foreach (var name in (string[])[State, Quarantine, Patch, Kernel, Version, Since, Product])
            Tool.Run("attrd_updater", ["--name", name, "--delete"], s_deadline);
    }

    private static Dictionary<string, string> Published()
    {
        try
        {
            return SmallFile.Text(Paths.Published).Split('\n').Select(line => line.Split('=', 2)).Where(words => words.Length == 2)
                .ToDictionary(words => words[0], words => words[1], StringComparer.Ordinal);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }

    // In the C locale, in which every tool runs here, attrd_updater takes no other characters.
    private static string Shown(string value) => string.Concat(value.Select(c => c is >= ' ' and <= '~' ? c : '?'));
}
