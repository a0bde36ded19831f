using System.Security;
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

    /// <summary>The id of the element in which a rehearsal is wished.</summary>
    public const string RehearsalId = "pcmk-kpatch-rehearsal";

    /// <summary>So begins the id of each element in which a node tells of its last runs.</summary>
    public const string HistoryPrefix = "pcmk-kpatch-history-";

    /// <summary>The name of a hold: a property of the cluster where it is about all nodes, else a permanent attribute of its node.</summary>
    public const string HoldName = "kpatch-hold";

    // Exit codes of Pacemaker's crm_exit_t, as tried on 2.0.5, 2.1.5 and 3.0.
    private const int NoSuchObject = 105;
    private const int AlreadyExists = 108;

    private const string SetPath = $"//crm_config/cluster_property_set[@id='{SetId}'";
    private const string TokenPath = $"{SetPath}]/nvpair[@id='{TokenId}'";
    private const string RehearsalPath = $"{SetPath}]/nvpair[@id='{RehearsalId}'";

    /// <summary>The whole CIB.</summary>
    public static WholeCib Query()
    {
        string[] arguments = ["--query"];
        var answer = Tool.AskLong(Name, arguments);
        return answer.ExitCode == 0 ? new WholeCib(answer.Output) : throw Tool.Failed(Name, arguments, answer.AsText());
    }

    /// <summary>This node's standby attributes of both lifetimes, and our health attribute.</summary>
    public static DrainMarks Marks(string node) => ReadMarks(Query().WithoutHistories(), node);

    /// <summary>Reads what marks a node as one to be drained from a CIB.</summary>
    public static DrainMarks ReadMarks(TextReader cib, string node)
    {
        string? transient = null, permanent = null, health = null, id = null;
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
                case "nvpair" when element.GetAttribute("name") == DrainMarks.HealthAttribute && inState && ancestors.Contains("transient_attributes"):
                    health = element.GetAttribute("value");
                    break;
                default:
                    break;
            }
        });
        return whole ? new DrainMarks(new Standby(transient, permanent), health) : throw new ToolFailedException(Name, null, "its output is no whole CIB");
    }

    /// <summary>The token's text, or null where there is none.</summary>
    public static string? QueryToken() => QueryValue(TokenPath);

    /// <summary>The text of the rehearsal that is wished, or null where there is none.</summary>
    public static string? QueryRehearsal() => QueryValue(RehearsalPath);

    private static string? QueryValue(string path) => QueryValues(path) is [.., var value] ? value : null;

    private static List<string> QueryValues(string path)
    {
        string[] arguments = ["--query", "--xpath", path + "]"];
        var answer = Tool.Ask(Name, arguments);
        if (answer.ExitCode == NoSuchObject)
            return [];
        if (answer.ExitCode != 0)
            throw Tool.Failed(Name, arguments, answer);
        var values = new List<string>();
        XmlText.ForEachElement(Name, answer.Output, (element, _) =>
        {
            // Where there are several they come in an element of their own.
            if (element.Name == "nvpair")
                values.Add(element.Required(Name, "value"));
        });
        return values;
    }

    /// <summary>All holds: those of all nodes in crm_config, those of single nodes among the nodes' permanent attributes.</summary>
    public static IReadOnlyList<LaidHold> QueryHolds() => QueryOurs().Holds;

    /// <summary>
    /// All that is ours, in one look: the texts of the token and of the rehearsal that is wished, null where they are not there, all holds, and what every node tells of its last runs.
    /// </summary>
    public static (string? Token, string? Rehearsal, IReadOnlyList<LaidHold> Holds, IReadOnlyList<string> Histories) QueryOurs()
    {
        const string Holds = $"nvpair[@name='{HoldName}']";
        string[] arguments = ["--query", "--xpath", $"//crm_config/cluster_property_set[@id='{SetId}' or {Holds}] | //nodes/node[instance_attributes/{Holds}]"];
        var answer = Tool.Ask(Name, arguments);
        if (answer.ExitCode == NoSuchObject)
            return (null, null, [], []);
        if (answer.ExitCode != 0)
            throw Tool.Failed(Name, arguments, answer);
        var (holds, histories) = (new List<LaidHold>(), new List<string>());
        string? node = null, set = null, token = null, rehearsal = null;
        XmlText.ForEachElement(Name, answer.Output, (element, _) =>
        {
            switch (element.Name)
            {
                case "cluster_property_set":
                    (node, set) = (null, element.GetAttribute("id"));
                    break;
                case "node":
                    (node, set) = (element.Required(Name, "uname"), null);
                    break;
                case "nvpair" when element.GetAttribute("name") == HoldName:
                    holds.Add(LaidHold.Of(node, element.Required(Name, "id"), element.Required(Name, "value")));
                    break;
                case "nvpair" when set == SetId && element.GetAttribute("id") == TokenId:
                    token = element.Required(Name, "value");
                    break;
                case "nvpair" when set == SetId && element.GetAttribute("id") == RehearsalId:
                    rehearsal = element.Required(Name, "value");
                    break;
                case "nvpair" when set == SetId && element.GetAttribute("id")?.StartsWith(HistoryPrefix, StringComparison.Ordinal) == true:
                    histories.Add(element.Required(Name, "value"));
                    break;
                default:
                    break;
            }
        });
        return (token, rehearsal, holds, histories);
    }

    /// <summary>Lays the text of a hold on a node, or on all where it is null, in the place of the one that is there.</summary>
    public static void UpdateHold(string? node, string text)
    {
        string[] where = node is null ? ["--type", "crm_config", "--set-name", SetId] : ["--node", node, "--lifetime", "forever"];
        Tool.Run("crm_attribute", [.. where, "--name", HoldName, "--update", text]);
    }

    /// <summary>
    /// Deletes one hold, wherever it lies. Not crm_attribute: where there are two of one name it deletes neither, and says that all went well; and it finds no
    /// node with an apostrophe in its name.
    /// </summary>
    public static void DeleteHold(LaidHold hold) => Tool.Run(Name, ["--delete", "--xml-text", $"<nvpair id=\"{SecurityElement.Escape(hold.Id)}\" name=\"{HoldName}\"/>"]);

    /// <summary>Creates the token where there is none. Only with a scope does --create leave one that exists alone.</summary>
    public static void CreateToken(string value)
    {
        if (TryCreateToken(value, AlreadyExists, "--create", "-o", "crm_config") || QueryToken() is not null)
            return;
        // The set is there without the token: a hold was laid or taken away before there was one, or somebody deleted the token. --create takes that for
        // the token's being there, and would for ever. With this condition --modify cannot overwrite a token that another node creates meanwhile.
        if (!TryCreateToken(value, NoSuchObject, "--modify", "--xpath", $"{SetPath} and not(*[not(self::nvpair and (@name='{HoldName}' or @id='{RehearsalId}' or starts-with(@id,'{HistoryPrefix}')))])]")
            && QueryToken() is null)
            throw new ToolFailedException(Name, null, $"crm_config has a property set {SetId} without the token, and with something else in it: delete it");
    }

    /// <summary>Puts what a node tells of its last runs in the place of what it told before. The property set has to be there: where it is not, no run was ever begun.</summary>
    /// <returns>False where it is not there.</returns>
    public static bool PutHistory(string id, string value) => TryPut(id, value, NoSuchObject, "--modify", "--xpath", $"{SetPath}]");

    /// <summary>What every node tells of its last runs.</summary>
    public static IReadOnlyList<string> QueryHistories() => QueryValues($"{SetPath}]/nvpair[starts-with(@id,'{HistoryPrefix}')");

    // False where it was refused by that exit code.
    private static bool TryCreateToken(string value, int refused, params string[] how) => TryPut(TokenId, value, refused, how);

    /// <summary>Wishes a rehearsal where none is wished. The property set has to be there: the token is created first.</summary>
    /// <returns>True where it is wished now; false where one was wished already, or the set is not there.</returns>
    public static bool CreateRehearsal(string value) => TryPut(RehearsalId, value, NoSuchObject, "--modify", "--xpath", $"{SetPath} and not(nvpair[@id='{RehearsalId}'])]");

    /// <summary>Takes that very wish away. cibadmin says that all is well also where it is another one, or none.</summary>
    public static void DeleteRehearsal(string value) => Tool.Run(Name, ["--delete", "--xpath", $"{RehearsalPath} and @value='{value}']"]);

    private static bool TryPut(string id, string value, int refused, params string[] how)
    {
        string[] arguments = [.. how, "--xml-text", $"<cluster_property_set id=\"{SetId}\"><nvpair id=\"{id}\" name=\"{id}\" value=\"{value}\"/></cluster_property_set>"];
        var answer = Tool.Ask(Name, arguments);
        if (answer.ExitCode != 0 && answer.ExitCode != refused)
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
