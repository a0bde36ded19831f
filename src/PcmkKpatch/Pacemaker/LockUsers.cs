using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// The resources that use lockspaces, as the CIB has them. Where several values are written for one parameter, by rules for single nodes or in a template, every one of them
/// counts: which one is in force shows where the file system is mounted. A reference to somebody else's values is not followed; what is mounted by it is nobody's then.
/// </summary>
internal static class LockUsers
{
    private const string Name = "cibadmin";
    private const string FileSystem = "ocf:heartbeat:Filesystem";
    private const string LockDaemon = "ocf:heartbeat:lvmlockd";
    private const string VolumeGroup = "ocf:heartbeat:LVM-activate";

    /// <summary>Reads them from a whole CIB.</summary>
    public static IReadOnlyList<LockUser> Read(TextReader cib)
    {
        var found = new List<Definition>();
        var whole = false;
        XmlText.ForEachElement(Name, cib, (element, ancestors) =>
        {
            switch (element.Name)
            {
                case "status" when ancestors is ["cib"]:
                    whole = true;
                    break;
                case "primitive" or "template" when ancestors is ["cib", "configuration", "resources", ..]:
                    found.Add(new Definition(
                        element.Required(Name, "id"), element.Name == "template", element.GetAttribute("template"),
                        $"{element.GetAttribute("class")}:{element.GetAttribute("provider")}:{element.GetAttribute("type")}"));
                    break;
                case "nvpair" when ancestors is ["cib", "configuration", "resources", .., "instance_attributes"] && IsOfDefinition(ancestors):
                    found[^1].Values.Add((element.GetAttribute("name") ?? "", element.GetAttribute("value") ?? ""));
                    break;
                default:
                    break;
            }
        });
        if (!whole)
            throw new ToolFailedException(Name, null, "its output is no whole CIB");
        return [.. found.Where(definition => !definition.IsTemplate).Select(definition => User(definition, found)).OfType<LockUser>()];
    }

    // Not those of a clone or a group, nor of an operation.
    private static bool IsOfDefinition(IReadOnlyList<string> ancestors) => ancestors[^2] is "primitive" or "template";

    private static LockUser? User(Definition definition, List<Definition> all)
    {
        var template = definition.Template is null ? null : all.Find(other => other.IsTemplate && other.Id == definition.Template);
        var values = definition.Values.Concat(template?.Values ?? []).ToLookup(value => value.Name, value => value.Value);
        return (template?.Agent ?? definition.Agent) switch
        {
            FileSystem => new LockUser(definition.Id, LockUserKind.FileSystem, [.. values["directory"].Distinct()]),
            LockDaemon => new LockUser(definition.Id, LockUserKind.LockDaemon, []),
            VolumeGroup when values["vg_access_mode"].Contains("lvmlockd") => new LockUser(definition.Id, LockUserKind.VolumeGroup, [.. values["vgname"].Distinct()]),
            _ => null,
        };
    }

    private sealed record Definition(string Id, bool IsTemplate, string? Template, string Agent)
    {
        public List<(string Name, string Value)> Values { get; } = [];
    }
}
