using System.Globalization;
using System.Xml.Linq;
using PcmkKpatch.Tests.Simulation;

namespace PcmkKpatch.ToolTests.Support;

/// <summary>A simulated cluster, written down as the CIB that a real one of the same state would have.</summary>
internal static class SimulatedCib
{
    private const string DigestOfNoParameters = "f2317cad3d54cec5d7d7aa7d0bf35cf8";

    public static string Of(World world)
    {
        var partition = world.Cluster.Partitions.First(p => p.QuorumByCib);
        var configuration = partition.Cib.Configuration;
        return new XElement(
            "cib", Attributes(("crm_feature_set", "3.6.0"), ("validate-with", "pacemaker-3.4"), ("admin_epoch", 0), ("epoch", 1), ("num_updates", 0), ("have-quorum", 1), ("dc-uuid", Id(world, partition.Dc!))),
            new XElement(
                "configuration",
                new XElement("crm_config", new XElement("cluster_property_set", Attributes(("id", "options")), Pair("stonith-enabled", "false"), Pair("maintenance-mode", configuration.Maintenance ? "true" : "false"))),
                new XElement("nodes", world.Nodes.Select(node => Node(world, node, configuration))),
                new XElement("resources", SimResources.All.Select(resource => Resource(resource, configuration.Disabled.Contains(resource.Id)))),
                new XElement("constraints"),
                // What runs somewhere stays there, as in the simulation.
                new XElement("rsc_defaults", new XElement("meta_attributes", Attributes(("id", "defaults")), Pair("resource-stickiness", "INFINITY")))),
            new XElement("status", world.Nodes.Select(node => State(world, partition, node)))).ToString();
    }

    private static int Id(World world, SimNode node) => world.Nodes.IndexOf(node) + 1;

    private static XElement Node(World world, SimNode node, Configuration configuration) => new(
        "node", Attributes(("id", Id(world, node)), ("uname", node.Name)),
        new XElement(
            "instance_attributes", Attributes(("id", $"{node}-attributes")),
            configuration.Standby.TryGetValue(node.Name, out var standby) ? Pair("standby", standby, node.Name) : null,
            configuration.MaintenanceNodes.Contains(node.Name) ? Pair("maintenance", "true", node.Name) : null));

    private static XElement Resource(SimResource resource, bool disabled)
    {
        var primitive = new XElement("primitive", Attributes(("id", resource.Id), ("class", "ocf"), ("provider", "pacemaker"), ("type", Type(resource))));
        var meta = new XElement(
            "meta_attributes", Attributes(("id", $"{resource.Id}-meta")),
            disabled ? Pair("target-role", "Stopped", resource.Id) : null,
            resource.Kind == ResourceKind.Promotable ? Pair("promotable", "true", resource.Id) : null);
        if (resource.Kind != ResourceKind.Primitive)
            return new XElement("clone", Attributes(("id", $"{resource.Id}-clone")), meta, primitive);
        primitive.Add(meta);
        return primitive;
    }

    private static XElement State(World world, Partition partition, SimNode node)
    {
        var up = node.Partition == partition;
        var (member, crmd, join) = up ? ("true", "online", "member") : ("false", "offline", "down");
        return new XElement(
            "node_state", Attributes(("id", Id(world, node)), ("uname", node.Name), ("in_ccm", member), ("crmd", crmd), ("join", join), ("expected", join)),
            new XElement(
                "transient_attributes", Attributes(("id", Id(world, node))),
                new XElement(
                    "instance_attributes", Attributes(("id", $"{node}-transient")),
                    partition.Cib.Transient.TryGetValue(node.Name, out var standby) ? Pair("standby", standby, $"{node}-transient") : null,
                    // What an agent that can be promoted says of itself.
                    up ? Pair("master-db", "10", node.Name) : null)),
            new XElement("lrm", Attributes(("id", Id(world, node))), new XElement("lrm_resources", SimResources.All.Where(r => node.Running.ContainsKey(r.Id)).Select(r => Ran(r, node.Running[r.Id])))));
    }

    private static XElement Ran(SimResource resource, string role)
    {
        var operation = role == "Promoted" ? "promote" : "start";
        const string Action = "1:1:0:11111111-1111-1111-1111-111111111111";
        return new XElement(
            "lrm_resource", Attributes(("id", resource.Id), ("class", "ocf"), ("provider", "pacemaker"), ("type", Type(resource))),
            new XElement("lrm_rsc_op", Attributes(
                ("id", $"{resource.Id}_last_0"), ("operation_key", $"{resource.Id}_{operation}_0"), ("operation", operation), ("call-id", 10), ("rc-code", 0), ("op-status", 0), ("interval", 0),
                ("crm_feature_set", "3.6.0"), ("op-digest", DigestOfNoParameters), ("transition-key", Action), ("transition-magic", $"0:0;{Action}"), ("exec-time", 1), ("queue-time", 0))));
    }

    private static string Type(SimResource resource) => resource.Kind == ResourceKind.Promotable ? "Stateful" : "Dummy";

    private static XElement Pair(string name, string value, string of = "options") => new("nvpair", Attributes(("id", $"{of}-{name}"), ("name", name), ("value", value)));

    private static XAttribute[] Attributes(params (string Name, object Value)[] pairs) => [.. pairs.Select(p => new XAttribute(p.Name, Convert.ToString(p.Value, CultureInfo.InvariantCulture)!))];
}
