using System.Globalization;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>The failures that the cluster counts, as crm_mon tells them. In its usual XML the counts are left out, so it is asked for them alone.</summary>
internal static class FailCounts
{
    private const string Name = "crm_mon";

    /// <summary>Asks crm_mon.</summary>
    public static IReadOnlyList<FailCount> Ask() => Read(Tool.Run(Name, ["-1", "--output-as=xml", "--exclude=all", "--include=failcounts"]));

    /// <summary>Reads what crm_mon printed.</summary>
    public static IReadOnlyList<FailCount> Read(string xml)
    {
        var counts = new List<FailCount>();
        var (node, complete) = ("", false);
        XmlText.ForEachElement(Name, xml, (element, ancestors) =>
        {
            switch (element.Name)
            {
                case "node" when ancestors is [.., "node_history"]:
                    node = element.Required(Name, "name");
                    break;
                case "resource_history" when element.GetAttribute("fail-count") is { } count:
                    counts.Add(new FailCount(element.Required(Name, "id").Split(':')[0], node, Number(count), Number(element.Required(Name, "migration-threshold"))));
                    break;
                case "status" when ancestors.Count == 1:
                    complete = element.Required(Name, "code") == "0";
                    break;
                default:
                    break;
            }
        });
        return complete ? counts : throw new ToolFailedException(Name, null, "its output is not whole");
    }

    private static int Number(string text) => text == "INFINITY" ? 1_000_000
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ToolFailedException(Name, null, $"its output has \"{text}\" where failures are counted");
}
