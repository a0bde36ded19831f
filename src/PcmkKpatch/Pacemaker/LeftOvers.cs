using System.Globalization;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Pacemaker;

/// <summary>The constraints that crm_resource, and so pcs, writes to move or ban a resource, and that stay until somebody clears them.</summary>
internal static class LeftOvers
{
    private static readonly string[] s_prefixes = ["cli-ban-", "cli-prefer-", "cli-standby-"];

    /// <summary>Those that the CIB has.</summary>
    public static IReadOnlyList<LeftOver> Ask() => Read(CibAdmin.Query().WithoutHistories());

    /// <summary>Reads them from a whole CIB.</summary>
    public static IReadOnlyList<LeftOver> Read(TextReader cib)
    {
        var found = new List<LeftOver>();
        var (whole, inOne) = (false, false);
        XmlText.ForEachElement("cibadmin", cib, (element, ancestors) =>
        {
            switch (element.Name)
            {
                case "constraints" when ancestors is [_, "configuration"]:
                    whole = true;
                    break;
                case "rsc_location":
                    var id = element.GetAttribute("id") ?? "";
                    inOne = s_prefixes.Any(prefix => id.StartsWith(prefix, StringComparison.Ordinal));
                    if (inOne)
                        found.Add(new LeftOver(id, element.GetAttribute("rsc") ?? "", element.GetAttribute("node") ?? "", null));
                    break;
                // One with a lifetime has a rule instead of a node.
                case "expression" when inOne && ancestors.Contains("rsc_location") && element.GetAttribute("attribute") == "#uname":
                    found[^1] = found[^1] with { Node = element.GetAttribute("value") ?? "" };
                    break;
                case "date_expression" when inOne && ancestors.Contains("rsc_location") && element.GetAttribute("operation") == "lt":
                    found[^1] = found[^1] with { Until = ReadTime(element.GetAttribute("end")) };
                    break;
                default:
                    break;
            }
        });
        return whole ? found : throw new ToolFailedException("cibadmin", null, "its output is no whole CIB");
    }

    private static DateTimeOffset? ReadTime(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
