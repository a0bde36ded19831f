using System.Globalization;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>The last runs of every node, in the CIB.</summary>
internal static class CibHistory
{
    /// <summary>What every node told of its last runs. What this version cannot read is left out.</summary>
    public static IReadOnlyList<NodeHistory> See() => Look().Told;

    /// <summary>The same, and the texts that this version cannot read.</summary>
    public static (IReadOnlyList<NodeHistory> Told, IReadOnlyList<string> Strange) Look()
    {
        var texts = CibAdmin.QueryHistories().ToLookup(text => NodeHistory.Parse(text) is not null);
        return ([.. texts[true].Select(text => NodeHistory.Parse(text)!)], [.. texts[false]]);
    }

    /// <summary>Tells of this node's last runs, where something else is told now: one write for each run that ended.</summary>
    public static void Tell(string node)
    {
        var runs = HistoryFolder.OfThisNode.Runs().Take(NodeHistory.MostRuns).ToList();
        if (runs.Count == 0)
            return;
        var text = NodeHistory.Text(node, runs);
        if (!CibAdmin.QueryHistories().Contains(text))
            CibAdmin.PutHistory(IdOf(node), text);
    }

    // Which node it is stands in the text. The id has to be a name in XML, which a node's need not be.
    internal static string IdOf(string node) =>
        CibAdmin.HistoryPrefix + string.Concat(node.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c.ToString() : "." + ((int)c).ToString("x", CultureInfo.InvariantCulture)));
}
