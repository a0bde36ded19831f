using System.Text.RegularExpressions;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Pacemaker;

/// <summary>What the CIB says of fencing and crm_mon does not: the watchdog, and which nodes each device is for.</summary>
internal sealed partial record FenceConfig
{
    private const string Name = "cibadmin";
    private const string FenceClass = "stonith";

    /// <summary>Nodes are taken down by their own watchdogs; null where that cannot be told.</summary>
    public required bool? Watchdog { get; init; }

    /// <summary>What each device's resource says of the nodes it is for.</summary>
    public required IReadOnlyDictionary<string, FenceHosts> Devices { get; init; }

    /// <summary>The ids of those among them that are fence devices.</summary>
    private IReadOnlyCollection<string> Fencing { get; init; } = [];

    /// <summary>Every time after which the cluster gives up to fence a node, as it is written.</summary>
    private IReadOnlyCollection<string> Timeouts { get; init; } = [];

    /// <summary>Asks for the CIB.</summary>
    public static FenceConfig Ask() => Parse(CibAdmin.Query().WithoutHistories());

    /// <summary>How long one try to fence that node may take, or why that is not known.</summary>
    /// <param name="ask">Gives the configuration.</param>
    /// <param name="node">The node.</param>
    public static Fact<TimeSpan> LongestFence(Func<FenceConfig> ask, string node)
    {
        try
        {
            return ask().LongestFence(node);
        }
        catch (ToolFailedException e)
        {
            return Fact.Unknown<TimeSpan>(e.Message);
        }
    }

    /// <summary>Reads a whole CIB.</summary>
    public static FenceConfig Parse(TextReader cib)
    {
        var properties = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var devices = new Dictionary<string, FenceHosts>(StringComparer.Ordinal);
        var templates = new HashSet<string>(StringComparer.Ordinal);
        var (current, whole) = ("", false);
        XmlText.ForEachElement(Name, cib, (element, ancestors) =>
        {
            switch (element.Name)
            {
                case "status" when ancestors.Count == 1:
                    whole = true;
                    break;
                case "nvpair" when ancestors is ["cib", "configuration", "crm_config", ..] && element.GetAttribute("name") is { } property:
                    properties.TryAdd(property, new HashSet<string>(StringComparer.Ordinal));
                    properties[property].Add(element.GetAttribute("value") ?? "");
                    break;
                case "template" when ancestors is ["cib", "configuration", "resources"] && element.GetAttribute("class") == FenceClass:
                    templates.Add(element.Required(Name, "id"));
                    break;
                case "primitive" when ancestors is ["cib", "configuration", "resources", ..]:
                    current = element.Required(Name, "id");
                    devices[current] = new FenceHosts { Template = element.GetAttribute("template"), Class = element.GetAttribute("class") };
                    break;
                // Values by a rule, or borrowed from elsewhere in the CIB.
                case "rule" when ancestors is ["cib", "configuration", "resources", .., "primitive", "instance_attributes"]:
                case "instance_attributes" when ancestors is ["cib", "configuration", "resources", .., "primitive"] && element.GetAttribute("id-ref") is not null:
                case "nvpair" when ancestors is ["cib", "configuration", "resources", .., "primitive", "instance_attributes"] && element.GetAttribute("id-ref") is not null:
                    devices[current] = devices[current] with { IsPlain = false };
                    break;
                case "nvpair" when ancestors is ["cib", "configuration", "resources", .., "primitive", "instance_attributes"]:
                    devices[current] = devices[current].With(element.GetAttribute("name"), element.GetAttribute("value"));
                    break;
                default:
                    break;
            }
        });
        if (!whole)
            throw new ToolFailedException(Name, null, "its output is no whole CIB");
        return new FenceConfig
        {
            Watchdog = IsWatchdog(properties),
            Devices = devices,
            Fencing = [.. devices.Where(device => device.Value.Class == FenceClass || (device.Value.Template is { } template && templates.Contains(template))).Select(device => device.Key)],
            Timeouts = [.. properties.GetValueOrDefault("stonith-timeout", []).Union(properties.GetValueOrDefault("fencing-timeout", []))],
        };
    }

    private Fact<TimeSpan> LongestFence(string node)
    {
        var able = Devices.Where(device => Fencing.Contains(device.Key) && device.Value.Names(node) != false).ToList();
        return able.Count == 0 ? Fact.Unknown<TimeSpan>($"no device is configured for {node}")
            : able.Find(device => !device.Value.IsPlain) is { Key: { } odd } ? Fact.Unknown<TimeSpan>($"not all that {odd} is set to stands in its own attributes")
            : LossTimes.Fence(Timeouts.Concat(able.SelectMany(device => device.Value.Timeouts)), able.SelectMany(device => device.Value.Delays));
    }

    // The DC writes have-watchdog. Without a time to wait for it, nobody counts on a watchdog; a negative time is twice sbd's own.
    private static bool? IsWatchdog(Dictionary<string, HashSet<string>> properties)
    {
        var times = properties.GetValueOrDefault("stonith-watchdog-timeout", []).Union(properties.GetValueOrDefault("fencing-watchdog-timeout", [])).ToList();
        if (times.Count == 0)
            return false;
        if (times.Count > 1 || Interval().Match(times[0]) is not { Success: true } time)
            return null;
        if (time.Groups["zero"].Success)
            return false;
        return properties.GetValueOrDefault("have-watchdog", []).ToArray() switch
        {
            ["true"] => true,
            ["false"] => false,
            _ => null,
        };
    }

    [GeneratedRegex(@"^\s*[+-]?((?<zero>0+)|\d+)\s*[a-z]*\s*$")]
    private static partial Regex Interval();
}

/// <summary>Which nodes a fence device is for, as its resource says it.</summary>
internal sealed record FenceHosts
{
    /// <summary>The template that it is made of; null where it is made of none.</summary>
    public required string? Template { get; init; }

    /// <summary>What it is, stonith for a fence device; null where its template says so.</summary>
    public required string? Class { get; init; }

    /// <summary>All that it says stands in its own attributes.</summary>
    public bool IsPlain { get => field && Template is null; init; } = true;

    /// <summary>The times after which its agent is given up, where it has some of its own, as they are written.</summary>
    public IReadOnlyList<string> Timeouts { get; init; } = [];

    /// <summary>The times that it waits before it fences, as they are written.</summary>
    public IReadOnlyList<string> Delays { get; init; } = [];

    private string? List { get; init; }

    private string? Map { get; init; }

    private string? Check { get; init; }

    /// <summary>The same, with one more of its attributes.</summary>
    public FenceHosts With(string? name, string? value) => name switch
    {
        "pcmk_host_list" => this with { List = value },
        "pcmk_host_map" => this with { Map = value },
        "pcmk_host_check" => this with { Check = value },
        "pcmk_reboot_timeout" or "pcmk_off_timeout" when value is not null => this with { Timeouts = [.. Timeouts, value] },
        "pcmk_delay_base" or "pcmk_delay_max" when value is not null => this with { Delays = [.. Delays, value] },
        _ => this,
    };

    /// <summary>It is for that node; null where only its agent could say so.</summary>
    public bool? Names(string node)
    {
        if (!IsPlain || Map?.Contains('\\', StringComparison.Ordinal) == true)
            return null;
        if (Check == "none")
            return true;
        if (Check is not (null or "static-list") || (List is null && Map is null))
            return null;
        char[] between = [' ', '\t', '\n', ',', ';'];
        return (List ?? "").Split(between).Concat((Map ?? "").Split(between).Select(pair => pair.Split([':', '='])[0])).Contains(node, StringComparer.OrdinalIgnoreCase);
    }
}
