using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Rollout;

/// <summary>
/// The last runs of one node, as the cluster has them: one value in the CIB, so that every node knows how a rollout went on the others, also on those that are down. Its text
/// has only characters that need no quoting in XPath or XML, and says of which form it is.
/// </summary>
/// <param name="Node">The node.</param>
/// <param name="Runs">Its last runs, the newest first.</param>
public sealed record NodeHistory(string Node, IReadOnlyList<RunSummary> Runs)
{
    /// <summary>So long a text at most: with 32 nodes the CIB grows by 128 kB.</summary>
    public const int LongestText = 4000;

    private const string Form = "history v1 ";
    /// <summary>So many runs of a node at most.</summary>
    public const int MostRuns = 3;

    /// <summary>What is told of those runs, the newest first: the last ones, of which what is too long loses first the details of the older ones.</summary>
    public static string Text(string node, IEnumerable<Run> ended)
    {
        var runs = ended.Take(MostRuns).Select(RunSummary.Of).ToList();
        for (var whole = runs.Count; ; whole--)
        {
            var text = $"{Form}node={CibText.Escape(node)} {string.Join(' ', runs.Select((run, i) => run.Text(whole: i < whole)))}";
            if (text.Length <= LongestText)
                return text;
            if (whole == 0)
                return runs.Count == 1 ? $"{Form}node={CibText.Escape(node)}" : Text(node, ended.Take(runs.Count - 1));
        }
    }

    /// <summary>Reads such a text; null where it is none, or of a later form. What is no run in it is left out.</summary>
    public static NodeHistory? Parse(string text)
    {
        if (!text.StartsWith(Form, StringComparison.Ordinal))
            return null;
        var words = text[Form.Length..].Split(' ');
        if (CibText.Field(words[0], "node") is not { Length: > 0 } node)
            return null;
        var runs = new List<List<string>>();
        foreach (var word in words.Skip(1))
        {
            if (word.StartsWith("run=", StringComparison.Ordinal))
                runs.Add([]);
            if (runs.Count > 0)
                runs[^1].Add(word);
        }

        return new(node, [.. runs.Select(RunSummary.Parse).OfType<RunSummary>()]);
    }
}
