using System.Xml;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Readiness;

namespace PcmkKpatch.Pacemaker;

/// <summary>What the CIB's configuration says of this agent. Whatever is written by rules, templates or references is told as not followed.</summary>
internal static class AgentConfig
{
    private const string Name = "cibadmin";
    private static readonly string[] s_wrappers = ["clone", "master", "group"];

    /// <summary>Reads it from a CIB; what happened in it is of no account.</summary>
    public static ClusterConfig Parse(TextReader cib)
    {
        var configuration = Configuration(cib);
        var notFollowed = new List<string>();
        var defaults = Values(configuration["rsc_defaults"], "meta_attributes", "the defaults of resources", notFollowed);
        return new ClusterConfig
        {
            Agents = [.. Below(configuration["resources"], "primitive").Where(IsOurs).Select(primitive => Agent(primitive, defaults, notFollowed))],
            Properties = Values(configuration["crm_config"], "cluster_property_set", "the cluster's properties", notFollowed),
            OperationDefaults = Values(configuration["op_defaults"], "meta_attributes", "the defaults of operations", notFollowed),
            Storage = [.. Below(configuration["resources"], "primitive").Select(Storage).OfType<StorageDefinition>()],
            KeptAway = [.. Below(configuration["constraints"], "rsc_location").Where(IsNever).Select(c => new KeptAway(c.GetAttribute("id"), c.GetAttribute("rsc"), c.GetAttribute("node")))],
            NotFollowed = notFollowed,
        };
    }

    private static XmlElement Configuration(TextReader cib)
    {
        try
        {
            using var reader = XmlReader.Create(cib, XmlText.Settings);
            var document = new XmlDocument { XmlResolver = null };
            document.Load(reader);
            return document["cib"]?["configuration"] is { } whole && document["cib"]!["status"] is not null && whole["resources"] is not null ? whole
                : throw new ToolFailedException(Name, null, "its output is no whole CIB");
        }
        catch (XmlException e)
        {
            throw new ToolFailedException(Name, null, $"its output does not parse: {e.Message}");
        }
    }

    private static AgentDefinition Agent(XmlElement primitive, Dictionary<string, string> defaults, List<string> notFollowed)
    {
        var id = primitive.GetAttribute("id");
        var around = (primitive.ParentNode as XmlElement) is { } parent && s_wrappers.Contains(parent.Name) ? parent : null;
        if (primitive.HasAttribute("template"))
            notFollowed.Add($"the template of {id}");
        var meta = defaults.ToDictionary(d => d.Key, d => new Meta(d.Value, ""), StringComparer.Ordinal);
        foreach (var element in ((XmlElement?[])[around, primitive]).OfType<XmlElement>())
        {
            foreach (var (name, value) in Values(element, "meta_attributes", element.GetAttribute("id"), notFollowed))
                meta[name] = new Meta(value, element.GetAttribute("id"));
        }

        return new AgentDefinition
        {
            Id = id,
            Wrapping = around?.Name switch { "clone" => Wrapping.Clone, "master" => Wrapping.Master, "group" => Wrapping.Group, _ => Wrapping.None },
            Wrapper = around?.GetAttribute("id") ?? "",
            Meta = meta,
            Parameters = Values(primitive, "instance_attributes", id, notFollowed),
            Operations = [.. Children(primitive["operations"]).Where(e => e.Name == "op").Select(Operation)],
        };
    }

    // Its own values alone: what a template, a rule or a default of all resources says of a clone is not looked for.
    private static StorageDefinition? Storage(XmlElement primitive)
    {
        var agent = $"{primitive.GetAttribute("class")}:{primitive.GetAttribute("provider")}:{primitive.GetAttribute("type")}";
        var isGfs2 = agent == StorageReadiness.FileSystem && Values(primitive, "instance_attributes", "", []).GetValueOrDefault("fstype") == "gfs2";
        if (agent is not (StorageReadiness.Daemon or StorageReadiness.LockDaemon) && !isGfs2)
            return null;
        var around = primitive.ParentNode as XmlElement;
        var clone = around?.Name == "group" ? around.ParentNode as XmlElement : around;
        return new StorageDefinition
        {
            Id = primitive.GetAttribute("id"),
            Agent = agent,
            IsGfs2 = isGfs2,
            CloneId = clone?.Name is "clone" or "master" ? clone.GetAttribute("id") : "",
            Interleaved = Values(clone, "meta_attributes", "", []).GetValueOrDefault("interleave")?.ToLowerInvariant() is "true" or "on" or "yes" or "y" or "1",
            Operations = [.. Children(primitive["operations"]).Where(e => e.Name == "op").Select(Operation)],
        };
    }

    private static OperationDefinition Operation(XmlElement op) => new()
    {
        Name = op.GetAttribute("name"),
        Interval = op.GetAttribute("interval"),
        Timeout = op.GetAttribute("timeout"),
        OnFail = op.GetAttribute("on-fail"),
        Enabled = op.GetAttribute("enabled").ToLowerInvariant() is not ("false" or "off" or "no" or "n" or "0"),
    };

    private static bool IsOurs(XmlElement primitive) => primitive.GetAttribute("class") == "ocf" && primitive.GetAttribute("provider") == "pcmk" && primitive.GetAttribute("type") == "kpatch";

    private static bool IsNever(XmlElement constraint) => constraint.GetAttribute("score") == "-INFINITY" && constraint.HasAttribute("node");

    // Of several sets the one with the highest score goes first, and for each name the first value counts; where nothing is scored, as they are written.
    private static Dictionary<string, string> Values(XmlElement? of, string set, string what, List<string> notFollowed)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var element in Children(of).Where(e => e.Name == set))
        {
            if (element.HasAttribute("id-ref") || element.HasAttribute("score") || Children(element).Any(e => e.Name == "rule" || e.HasAttribute("id-ref")))
                notFollowed.Add($"a set of {what} with a rule, a score or a reference");
            foreach (var pair in Children(element).Where(e => e.Name == "nvpair" && e.HasAttribute("value")))
                values.TryAdd(pair.GetAttribute("name"), pair.GetAttribute("value"));
        }

        return values;
    }

    private static IEnumerable<XmlElement> Children(XmlElement? of) => of?.ChildNodes.OfType<XmlElement>() ?? [];

    private static IEnumerable<XmlElement> Below(XmlElement? of, string name) => of?.GetElementsByTagName(name).OfType<XmlElement>() ?? [];
}
