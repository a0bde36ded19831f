using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// The scheduler's graph as crm_simulate writes it down. What is to be done stands in the action sets; the inputs beside them name the same actions
/// again. Forms seen: 2.0.5, 2.1.5, 3.0.
/// </summary>
internal static class Graph
{
    private const string Name = "crm_simulate";

    /// <summary>Reads a graph.</summary>
    /// <exception cref="ToolFailedException">It is not whole, or not a graph.</exception>
    public static IReadOnlyList<PlannedAction> Read(TextReader xml)
    {
        var actions = new List<PlannedAction>();
        XmlText.ForEachElement(Name, xml, (element, ancestors) =>
        {
            switch (element.Name)
            {
                case var root when ancestors.Count == 0:
                    if (root != "transition_graph")
                        throw new ToolFailedException(Name, null, $"it wrote a {root} where its graph should be");
                    break;
                case "rsc_op" when ancestors[^1] == "action_set":
                    actions.Add(new PlannedAction(element.Required(Name, "operation"), "", element.Required(Name, "on_node")));
                    break;
                // A guest node is fenced by its container's end, which is no event of its own.
                case "crm_event" or "pseudo_event" when ancestors[^1] == "action_set" && element.GetAttribute("operation") == "stonith":
                    actions.Add(new PlannedAction(PlannedAction.Fence, "", element.Required(Name, "on_node")));
                    break;
                case "crm_event" when ancestors[^1] == "action_set":
                    actions.Add(new PlannedAction(element.Required(Name, "operation"), "", element.GetAttribute("on_node") ?? ""));
                    break;
                case "primitive" when ancestors is [.., "action_set", "rsc_op"]:
                    actions[^1] = actions[^1] with
                    {
                        Resource = element.Required(Name, "id"),
                        IsOurs = element.GetAttribute("provider") == "pcmk" && element.GetAttribute("type") == "kpatch",
                    };
                    break;
                case "attributes" when ancestors is [.., "action_set", "rsc_op"]:
                    actions[^1] = actions[^1] with { IsClone = element.GetAttribute("CRM_meta_clone") is not null };
                    break;
                // To fence with "on" lets a node back to its disks.
                case "attributes" when ancestors is [.., "action_set", "crm_event"] && element.GetAttribute("CRM_meta_stonith_action") == "on":
                    actions[^1] = actions[^1] with { Operation = "unfence" };
                    break;
                default:
                    break;
            }
        });
        return actions.Find(a => a is { Resource: "", Operation: "start" or "stop" or "promote" or "demote" or "migrate_to" or "migrate_from" }) is { } nameless
            ? throw new ToolFailedException(Name, null, $"its graph has a {nameless.Operation} on {nameless.Node} of no resource")
            : actions;
    }
}
