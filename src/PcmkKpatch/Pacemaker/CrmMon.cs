using System.Text.RegularExpressions;
using System.Xml;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// crm_mon's XML: what is where. Forms seen: API 2.3 (Pacemaker 2.0.5) to 2.42 (3.0.2); the schemas are in Pacemaker's xml/api.
/// </summary>
internal sealed partial record CrmMon
{
    private const string Name = "crm_mon";

    /// <summary>The DC, or null.</summary>
    public required string? Dc { get; init; }

    /// <summary>Quorum as the CIB has it.</summary>
    public required bool WithQuorum { get; init; }

    /// <summary>maintenance-mode.</summary>
    public required bool Maintenance { get; init; }

    /// <summary>stop-all-resources.</summary>
    public required bool StopAllResources { get; init; }

    /// <summary>stonith-enabled; later versions name it fencing-enabled. False where it does not say.</summary>
    public required bool FencingEnabled { get; init; }

    /// <summary>The nodes.</summary>
    public required IReadOnlyList<NodeView> Nodes { get; init; }

    /// <summary>The resource instances.</summary>
    public required IReadOnlyList<ResourceView> Resources { get; init; }

    /// <summary>Asks crm_mon.</summary>
    public static CrmMon Ask()
    {
        string[] arguments = ["-1", "--output-as=xml", "--inactive"];
        var answer = Tool.Ask(Name, arguments);
        // What went wrong stands in the XML too, and nothing on standard error.
        return answer.ExitCode == 0 ? Parse(answer.Output)
            : throw Tool.Failed(Name, arguments, answer with { Errors = string.Join('\n', ErrorElement().Matches(answer.Output).Select(m => m.Groups[1].Value).Prepend(answer.Errors)) });
    }

    /// <summary>Reads what crm_mon printed.</summary>
    public static CrmMon Parse(string xml)
    {
        string? dc = null;
        bool? quorum = null, maintenance = null, stopAll = null;
        var (complete, fencing) = (false, false);
        var nodes = new List<NodeView>();
        var attributes = new Dictionary<string, Dictionary<string, string>>();
        var resources = new List<Instance>();
        var attributesOf = "";
        XmlText.ForEachElement(Name, xml, (element, ancestors) =>
        {
            var parent = ancestors.Count > 0 ? ancestors[^1] : "";
            switch (element.Name)
            {
                case "current_dc":
                    if (element.RequiredBool(Name, "present"))
                        dc = element.Required(Name, "name");
                    quorum = element.GetAttribute("with_quorum") is null ? false : element.RequiredBool(Name, "with_quorum");
                    break;
                case "cluster_options":
                    maintenance = element.RequiredBool(Name, "maintenance-mode");
                    stopAll = element.RequiredBool(Name, "stop-all-resources");
                    fencing = (element.GetAttribute("fencing-enabled") ?? element.GetAttribute("stonith-enabled")) == "true";
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
                case "resource" when ancestors.Contains("resources"):
                    resources.Add(ReadInstance(element));
                    break;
                case "node" when parent == "resource" && ancestors.Contains("resources"):
                    resources[^1].Nodes.Add(element.Required(Name, "name"));
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
            FencingEnabled = fencing,
            Nodes = [.. nodes.Select(n => attributes.TryGetValue(n.Name, out var own) ? n with { Attributes = own } : n)],
            Resources = [.. resources.Select(r => r.View())],
        };
    }

    private static NodeView ReadNode(XmlReader element) => new()
    {
        Name = element.Required(Name, "name"),
        IsMember = element.Required(Name, "type") == "member",
        Online = element.RequiredBool(Name, "online"),
        Standby = element.RequiredBool(Name, "standby") || element.RequiredBool(Name, "standby_onfail"),
        Maintenance = element.RequiredBool(Name, "maintenance"),
        Pending = element.RequiredBool(Name, "pending"),
        Unclean = element.RequiredBool(Name, "unclean"),
    };

    private static Instance ReadInstance(XmlReader element) => new(
        Id: element.Required(Name, "id").Split(':')[0],
        Role: element.Required(Name, "role"),
        Active: element.RequiredBool(Name, "active"),
        Managed: element.RequiredBool(Name, "managed"),
        Failed: element.RequiredBool(Name, "failed"),
        Blocked: element.RequiredBool(Name, "blocked"),
        // API 2.41 renamed it, and keeps the older word for a while.
        Orphaned: element.RequiredBool(Name, element.GetAttribute("orphaned") is null ? "removed" : "orphaned"),
        IsOurs: element.GetAttribute("resource_agent")?.Replace("::", ":", StringComparison.Ordinal) == "ocf:pcmk:kpatch",
        Disabled: string.Equals(element.GetAttribute("target_role"), "Stopped", StringComparison.OrdinalIgnoreCase),
        Nodes: []);

    [GeneratedRegex("<error>([^<]*)</error>")]
    private static partial Regex ErrorElement();

    private sealed record Instance(string Id, string Role, bool Active, bool Managed, bool Failed, bool Blocked, bool Orphaned, bool IsOurs, bool Disabled, List<string> Nodes)
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
            IsOurs = IsOurs,
            Disabled = Disabled,
            Nodes = Nodes,
        };
    }
}
