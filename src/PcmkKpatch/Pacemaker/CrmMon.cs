using System.Globalization;
using System.Xml;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// crm_mon's XML: what is where. Forms seen: API 2.3 (Pacemaker 2.0.5) to 2.42 (3.0.2); the schemas are in Pacemaker's xml/api.
/// </summary>
internal sealed record CrmMon
{
    private const string Name = "crm_mon";

    // 2.0 and 2.1 tell whole seconds, 3.0 fractions; each with the offset of the node's own time zone, or with Z where it has none.
    private static readonly string[] s_times = ["yyyy-MM-dd HH:mm:ss.FFFFFF'Z'", "yyyy-MM-dd HH:mm:ss.FFFFFF zzz"];

    /// <summary>The DC, or null.</summary>
    public required string? Dc { get; init; }

    /// <summary>Quorum as the CIB has it.</summary>
    public required bool WithQuorum { get; init; }

    /// <summary>maintenance-mode.</summary>
    public required bool Maintenance { get; init; }

    /// <summary>stop-all-resources.</summary>
    public required bool StopAllResources { get; init; }

    /// <summary>stonith-enabled; later versions name it fencing-enabled. Null where it does not say.</summary>
    public bool? Fencing { get; init; }

    /// <summary>Nodes are fenced. False where it does not say.</summary>
    public bool FencingEnabled => Fencing == true;

    /// <summary>The nodes run different versions; null where it does not say: from 2.1 on.</summary>
    public bool? MixedVersion { get; init; }

    /// <summary>
    /// What the fencers remember, the newest first; null where they did not answer, or said what is not understood. As XML it is whole without
    /// being asked for; and where nothing was ever fenced the element is not there.
    /// </summary>
    public IReadOnlyList<FenceEvent>? FenceHistory { get; init; }

    /// <summary>The nodes.</summary>
    public required IReadOnlyList<NodeView> Nodes { get; init; }

    /// <summary>The resource instances.</summary>
    public required IReadOnlyList<ResourceView> Resources { get; init; }

    /// <summary>Asks crm_mon.</summary>
    public static CrmMon Ask()
    {
        string[] arguments = ["-1", "--output-as=xml", "--inactive"];
        var answer = Tool.AskLong(Name, arguments);
        return answer.ExitCode == 0 ? Parse(answer.Open()) : throw Tool.Failed(Name, arguments, XmlText.WithErrors(answer.AsText()));
    }

    /// <summary>Reads what crm_mon printed.</summary>
    public static CrmMon Parse(TextReader xml)
    {
        string? dc = null;
        bool? quorum = null, maintenance = null, stopAll = null, fencing = null, mixed = null;
        var complete = false;
        List<FenceEvent?> history = [];
        var nodes = new List<NodeView>();
        var attributes = new Dictionary<string, Dictionary<string, string>>();
        var resources = new List<Instance>();
        var (attributesOf, container, bundle) = ("", "", "");
        XmlText.ForEachElement(Name, xml, (element, ancestors) =>
        {
            var parent = ancestors.Count > 0 ? ancestors[^1] : "";
            switch (element.Name)
            {
                case "current_dc":
                    if (element.RequiredBool(Name, "present"))
                        dc = element.Required(Name, "name");
                    mixed = Told(element.GetAttribute("mixed_version"));
                    quorum = element.GetAttribute("with_quorum") is null ? false : element.RequiredBool(Name, "with_quorum");
                    break;
                case "cluster_options":
                    maintenance = element.RequiredBool(Name, "maintenance-mode");
                    stopAll = element.RequiredBool(Name, "stop-all-resources");
                    fencing = Told(element.GetAttribute("fencing-enabled") ?? element.GetAttribute("stonith-enabled"));
                    break;
                case "node" when parent == "nodes":
                    nodes.Add(ReadNode(element));
                    break;
                case "node" when parent == "node_attributes":
                    attributesOf = element.Required(Name, "name");
                    attributes.TryAdd(attributesOf, new Dictionary<string, string>(StringComparer.Ordinal));
                    break;
                case "attribute" when parent == "node" && ancestors is [.., "node_attributes", _]:
                    attributes[attributesOf][element.Required(Name, "name")] = element.Required(Name, "value");
                    break;
                case "clone" or "group" or "bundle" when ancestors.Contains("resources"):
                    if (parent == "resources")
                        container = element.Required(Name, "id");
                    if (element.Name == "bundle")
                        bundle = element.Required(Name, "id");
                    break;
                case "resource" when ancestors.Contains("resources"):
                    resources.Add(ReadInstance(element, parent == "resources" ? null : container, ancestors.Contains("bundle") ? bundle : null));
                    break;
                case "node" when parent == "resource" && ancestors.Contains("resources"):
                    resources[^1].Nodes.Add(element.Required(Name, "name"));
                    break;
                case "fence_history" when (element.GetAttribute("status") ?? "0") != "0":
                    history.Add(null);
                    break;
                case "fence_event" when parent == "fence_history":
                    history.Add(ReadEvent(element));
                    break;
                case "status" when ancestors.Count == 1:
                    complete = element.Required(Name, "code") == "0";
                    break;
                default:
                    break;
            }
        });
        if (quorum is null || maintenance is null || stopAll is null || !complete)
            throw new ToolFailedException(Name, null, "its output is not whole");
        return new CrmMon
        {
            Dc = dc,
            WithQuorum = quorum.Value,
            Maintenance = maintenance.Value,
            StopAllResources = stopAll.Value,
            Fencing = fencing,
            MixedVersion = mixed,
            FenceHistory = history.Contains(null) ? null : history.OfType<FenceEvent>().ToList(),
            Nodes = [.. nodes.Select(n => attributes.TryGetValue(n.Name, out var own) ? n with { Attributes = own } : n)],
            Resources = [.. resources.Select(r => r.View())],
        };
    }

    private static NodeView ReadNode(XmlReader element) => new()
    {
        Name = element.Required(Name, "name"),
        IsMember = element.Required(Name, "type") == "member",
        GuestOf = element.GetAttribute("id_as_resource"),
        Online = element.RequiredBool(Name, "online"),
        Standby = element.RequiredBool(Name, "standby") || element.RequiredBool(Name, "standby_onfail"),
        Maintenance = element.RequiredBool(Name, "maintenance"),
        Pending = element.RequiredBool(Name, "pending"),
        Unclean = element.RequiredBool(Name, "unclean"),
        Unhealthy = element.GetAttribute("health") == "red",
        FeatureSet = element.GetAttribute("feature_set"),
    };

    // Null where it is not understood: then nothing is known of what was fenced, and everything else is.
    private static FenceEvent? ReadEvent(XmlReader element)
    {
        FenceResult? result = element.GetAttribute("status") switch
        {
            "pending" => FenceResult.Pending,
            "success" => FenceResult.Succeeded,
            "failed" => FenceResult.Failed,
            _ => null,
        };
        var completed = DateTimeOffset.TryParseExact(element.GetAttribute("completed"), s_times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : (DateTimeOffset?)null;
        return result is null || element.GetAttribute("target") is not { Length: > 0 } target || element.GetAttribute("action") is not { Length: > 0 } action
            || (completed is null && result != FenceResult.Pending)
            ? null
            : new FenceEvent(result.Value, target, action, completed, element.GetAttribute("delegate"), element.GetAttribute("exit-reason"));
    }

    private static bool? Told(string? value) => value switch
    {
        "true" => true,
        "false" => false,
        _ => null,
    };

    private static Instance ReadInstance(XmlReader element, string? container, string? bundle) => new(
        Id: element.Required(Name, "id").Split(':')[0],
        Role: element.Required(Name, "role"),
        Active: element.RequiredBool(Name, "active"),
        Managed: element.RequiredBool(Name, "managed"),
        Failed: element.RequiredBool(Name, "failed"),
        Blocked: element.RequiredBool(Name, "blocked"),
        // API 2.41 renamed it, and keeps the older word for a while.
        Orphaned: element.RequiredBool(Name, element.GetAttribute("orphaned") is null ? "removed" : "orphaned"),
        Disabled: string.Equals(element.GetAttribute("target_role"), "Stopped", StringComparison.OrdinalIgnoreCase),
        Agent: element.GetAttribute("resource_agent") ?? "",
        Container: container,
        Bundle: bundle,
        Nodes: []);

    private sealed record Instance(
        string Id, string Role, bool Active, bool Managed, bool Failed, bool Blocked, bool Orphaned, bool Disabled, string Agent, string? Container, string? Bundle, List<string> Nodes)
    {
        public ResourceView View() => new()
        {
            Id = Id,
            // 2.1 renamed the roles; releases print the one or the other.
            Role = Role switch { "Master" => "Promoted", "Slave" => "Unpromoted", _ => Role },
            Active = Active,
            Managed = Managed,
            Failed = Failed,
            Blocked = Blocked,
            Orphaned = Orphaned,
            Disabled = Disabled,
            Agent = Agent,
            Container = Container,
            Bundle = Bundle,
            Nodes = Nodes,
        };
    }
}
