using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>cibadmin: the CIB as it is, and changes to it that are atomic.</summary>
internal static class CibAdmin
{
    private const string Name = "cibadmin";
    private const string SetId = "pcmk-kpatch";

    /// <summary>The id of the token's element.</summary>
    public const string TokenId = "pcmk-kpatch-token";

    /// <summary>The name of a hold: a property of the cluster where it is about all nodes, else a permanent attribute of its node.</summary>
    public const string HoldName = "kpatch-hold";

    // Exit codes of Pacemaker's crm_exit_t, as tried on 2.0.5, 2.1.5 and 3.0.
    private const int NoSuchObject = 105;
    private const int AlreadyExists = 108;

    private const string TokenPath = $"//crm_config/cluster_property_set[@id='{SetId}']/nvpair[@id='{TokenId}'";

    /// <summary>The whole CIB.</summary>
    public static string Query() => Tool.Run(Name, ["--query"]);

    /// <summary>This node's standby attributes of both lifetimes.</summary>
    public static Standby Standby(string node) => ReadStandby(Query(), node);

    /// <summary>Reads the standby attributes of a node from a whole CIB.</summary>
    public static Standby ReadStandby(string cib, string node)
    {
        string? transient = null, permanent = null, id = null;
        bool inState = false, inNode = false, whole = false;
        XmlText.ForEachElement(Name, cib, (element, ancestors) =>
        {
            switch (element.Name)
            {
                case "status" when ancestors.Count == 1:
                    whole = true;
                    break;
                case "node" when ancestors.Count == 3 && ancestors[2] == "nodes":
                    inNode = element.GetAttribute("uname") == node;
                    if (inNode)
                        id = element.GetAttribute("id");
                    break;
                // While the cluster starts a state may have an id only: the attribute daemon was faster than the controller, who knows the name.
                case "node_state":
                    inState = element.GetAttribute("uname") is { } name ? name == node : id is not null && element.GetAttribute("id") == id;
                    break;
                case "nvpair" when element.GetAttribute("name") == "standby":
                    if (inState && ancestors.Contains("transient_attributes"))
                        transient = element.GetAttribute("value");
                    else if (inNode && ancestors.Count > 3 && ancestors[2] == "nodes")
                        permanent = element.GetAttribute("value");
                    break;
                default:
                    break;
            }
        });
        return whole ? new Standby(transient, permanent) : throw new ToolFailedException(Name, null, "its output is no whole CIB");
    }

    /// <summary>The token's text, or null where there is none.</summary>
    public static string? QueryToken()
    {
        string[] arguments = ["--query", "--xpath", TokenPath + "]"];
        var answer = Tool.Ask(Name, arguments);
        if (answer.ExitCode == NoSuchObject)
            return null;
        if (answer.ExitCode != 0)
            throw Tool.Failed(Name, arguments, answer);
        string? value = null;
        XmlText.ForEachElement(Name, answer.Output, (element, _) => value = element.Required(Name, "value"));
        return value;
    }

    /// <summary>
    /// The texts of all holds: that of all nodes in crm_config, those of single nodes among the nodes' permanent attributes.
    /// </summary>
    public static IReadOnlyList<string> QueryHolds()
    {
        string[] arguments = ["--query", "--xpath", $"//crm_config/cluster_property_set/nvpair[@name='{HoldName}'] | //nodes/node/instance_attributes/nvpair[@name='{HoldName}']"];
        var answer = Tool.Ask(Name, arguments);
        if (answer.ExitCode == NoSuchObject)
            return [];
        if (answer.ExitCode != 0)
            throw Tool.Failed(Name, arguments, answer);
        var values = new List<string>();
        XmlText.ForEachElement(Name, answer.Output, (element, _) =>
        {
            if (element.Name == "nvpair")
                values.Add(element.Required(Name, "value"));
        });
        return values;
    }

    /// <summary>Creates the token where there is none. Only with a scope does --create leave one that exists alone.</summary>
    public static void CreateToken(string value)
    {
        if (TryCreateToken(value) || QueryToken() is not null)
            return;
        // Somebody deleted the token and left its set, empty: --create takes that for being there, and would for ever.
        string[] arguments = ["--delete", "--xpath", $"//crm_config/cluster_property_set[@id='{SetId}' and not(*)]"];
        var answer = Tool.Ask(Name, arguments);
        if (answer.ExitCode is not (0 or NoSuchObject))
            throw Tool.Failed(Name, arguments, answer);
        if (!TryCreateToken(value) && QueryToken() is null)
            throw new ToolFailedException(Name, null, $"crm_config has a property set {SetId} without the token, and with something else in it: delete it");
    }

    // False where there is a set of that name.
    private static bool TryCreateToken(string value)
    {
        string[] arguments = ["--create", "-o", "crm_config", "--xml-text", $"<cluster_property_set id=\"{SetId}\"><nvpair id=\"{TokenId}\" name=\"{TokenId}\" value=\"{value}\"/></cluster_property_set>"];
        var answer = Tool.Ask(Name, arguments);
        if (answer.ExitCode is not (0 or AlreadyExists))
            throw Tool.Failed(Name, arguments, answer);
        return answer.ExitCode == 0;
    }

    /// <summary>One compare-and-set of the token's text.</summary>
    /// <returns>True where it was changed; false where it was not, because it had another text.</returns>
    /// <exception cref="ToolFailedException">Anything else: it may have been changed or not.</exception>
    public static bool SwapToken(string from, string to)
    {
        // Both go into XPath and XML as they are, and Token writes nothing that needs quoting there. A text that does was laid into
        // the CIB by somebody else, and as XPath it could be true of any token.
        if ((from + to).IndexOfAny(['\'', '"', '<', '&']) >= 0)
            throw new ToolFailedException(Name, null, $"the token was not written by this program: {from}");
        string[] arguments = ["--modify", "--xpath", $"{TokenPath} and @value='{from}']", "--xml-text", $"<nvpair id=\"{TokenId}\" value=\"{to}\"/>"];
        var answer = Tool.Ask(Name, arguments);
        return answer.ExitCode switch
        {
            0 => true,
            NoSuchObject => false,
            _ => throw Tool.Failed(Name, arguments, answer),
        };
    }
}
