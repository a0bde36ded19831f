using PcmkKpatch.Core;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// stonith_admin: the fence devices that this node's own fencer has. A device that may not run on this node, by a constraint, is none of them,
/// though another node would use it.
/// </summary>
internal static class StonithAdmin
{
    private const string Name = "stonith_admin";

    // For a device without a list of nodes the fencer asks its agent, that is the machine behind it. The tool's own deadline is 120 s.
    private const string Patience = "--timeout=20";

    /// <summary>The ids of the devices that this node's fencer has.</summary>
    public static IReadOnlyList<string> Registered() => Ask("--list-registered");

    /// <summary>The ids of those that can fence that node.</summary>
    public static IReadOnlyList<string> Able(string node) => Ask("--list=" + node);

    /// <summary>Reads a list of devices.</summary>
    public static IReadOnlyList<string> Parse(string xml)
    {
        var (listed, complete) = (false, false);
        var devices = new List<string>();
        XmlText.ForEachElement(Name, xml, (element, ancestors) =>
        {
            switch (element.Name)
            {
                case "list" when ancestors.Count == 1:
                    listed = true;
                    break;
                case "item" when ancestors is [_, "list"] && element.GetAttribute("name") == "device":
                    devices.Add(element.Text(Name));
                    break;
                case "status" when ancestors.Count == 1:
                    complete = element.Required(Name, "code") == "0";
                    break;
                default:
                    break;
            }
        });
        return listed && complete ? devices : throw new ToolFailedException(Name, null, "its output is not whole");
    }

    private static IReadOnlyList<string> Ask(string what)
    {
        string[] arguments = [what, Patience, "--output-as=xml"];
        var answer = Tool.Ask(Name, arguments);
        return answer.ExitCode == 0 ? Parse(answer.Output) : throw Tool.Failed(Name, arguments, XmlText.WithErrors(answer));
    }
}
