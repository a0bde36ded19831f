using System.Globalization;

namespace PcmkKpatch.Core.Watch;

/// <summary>The rollout on a terminal's screen: as many lines as it has, none wider than it is.</summary>
public static class WatchScreen
{
    private const int Gap = 2;

    // The heads of the table's columns, an empty line and the last one.
    private const int Foot = 3;
    private const int ClusterWidth = 9;
    private const int Narrow = 60;
    private static readonly string[] s_heads = ["NODE", "CLUSTER", "PATCH IN FORCE", "STATE"];

    /// <summary>The screen's lines, from the top.</summary>
    /// <param name="view">What is to be seen.</param>
    /// <param name="width">The columns of the terminal.</param>
    /// <param name="height">Its lines.</param>
    /// <param name="colour">Lines are coloured by what they are about.</param>
    public static IReadOnlyList<string> Of(WatchView view, int width, int height, bool colour)
    {
        List<(string Text, Tone Tone)> lines = [.. view.Head.Select(line => ($"{line.Word,-8} {line.Text}", line.Tone)), ("", Tone.Plain)];
        lines.AddRange(Table(view.Nodes, width, Math.Max(1, height - lines.Count - Foot)));
        lines.Add(("", Tone.Plain));
        lines.Add(($"seen {view.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC. " + (view.Problem is { } problem ? $"Not seen since: {problem}" : "Ctrl-C ends this, and not the rollout."),
            view.Problem is null ? Tone.Plain : Tone.Bad));
        // A screen that is too low keeps what comes first.
        return [.. lines.Take(Math.Max(1, height)).Select(line => Coloured(Columns.Clip(line.Text, width).TrimEnd(), line.Tone, colour))];
    }

    // Where they are more than fit: first those that a person must look at or that are at work, in the cluster's order; the others are counted.
    private static IEnumerable<(string Text, Tone Tone)> Table(IReadOnlyList<WatchedNode> nodes, int width, int room)
    {
        var shown = nodes.Count <= room ? nodes : [.. nodes.Select((node, i) => (node, i)).OrderBy(n => Weight(n.node.Tone)).ThenBy(n => n.i).Take(Math.Max(0, room - 1)).OrderBy(n => n.i).Select(n => n.node)];
        var cells = shown.Select(n => (string[])[(n.IsHere ? "* " : "  ") + n.Name, n.Cluster, n.Patch, n.Progress is null ? n.State : $"{n.State}: {n.Progress}"]).ToList();
        var widths = Widths(cells, width);
        yield return (Row(["  " + s_heads[0], .. s_heads[1..]], widths), Tone.Plain);
        foreach (var (cell, node) in cells.Zip(shown))
            yield return (Row(cell, widths), node.Tone);
        if (nodes.Count > shown.Count)
        {
            var left = nodes.Except(shown).GroupBy(n => n.State.Split(':', ' ')[0], StringComparer.Ordinal).OrderByDescending(g => g.Count()).Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Count()} {g.Key}"));
            yield return ($"  … and {nodes.Count - shown.Count} more: {string.Join(", ", left)}", Tone.Plain);
        }
    }

    // The patch gives way first, then the name: what a node is doing is what one looks for.
    private static int[] Widths(IReadOnlyList<string[]> cells, int width)
    {
        int Widest(int column, int most) => Math.Min(most, cells.Select(c => Columns.Width(c[column])).Append(column == 0 ? s_heads[0].Length + Gap : s_heads[column].Length).Max());
        return [Widest(0, Math.Max(12, width / 4)), width < Narrow ? 0 : ClusterWidth, width < Narrow ? 0 : Widest(2, width / 3)];
    }

    private static string Row(string[] cells, int[] widths) =>
        string.Concat(widths.Select((w, i) => w == 0 ? "" : Columns.Fill(cells[i], w) + new string(' ', Gap))) + cells[^1];

    private static int Weight(Tone tone) => tone switch { Tone.Bad => 0, Tone.Busy => 1, Tone.Plain => 2, _ => 3 };

    private static string Coloured(string text, Tone tone, bool colour) => (colour, tone) switch
    {
        (true, Tone.Good) => $"\e[32m{text}\e[0m",
        (true, Tone.Busy) => $"\e[33m{text}\e[0m",
        (true, Tone.Bad) => $"\e[31m{text}\e[0m",
        _ => text,
    };
}
