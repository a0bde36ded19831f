using System.Globalization;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Core.Watch;

/// <summary>The rollout where there is no screen: a line for each thing that is another one than before.</summary>
public static class WatchLines
{
    private const int LongestLine = 2000;

    /// <summary>What is new.</summary>
    /// <param name="before">What was told before; null at the beginning.</param>
    /// <param name="now">What is to be seen now.</param>
    public static IReadOnlyList<string> Between(WatchView? before, WatchView now)
    {
        var lines = new List<string>();
        if (now.Problem is { } problem)
        {
            if (before?.Problem != problem)
                lines.Add($"not seen: {problem}");
        }
        else
        {
            if (before?.Problem is not null)
                lines.Add("seen again");
            lines.AddRange(now.Head.Where(line => !line.Passing && before?.Head.Contains(line) != true).Select(line => $"{line.Word}: {line.Text}"));
            lines.AddRange((before?.Head ?? []).Where(line => !line.Passing && !now.Head.Any(other => other.Word == line.Word)).Select(line => $"{line.Word}: no more"));
            foreach (var node in now.Nodes)
            {
                if (before?.Nodes.FirstOrDefault(n => n.Name == node.Name) is not { } then || (then.Cluster, then.Patch, then.State) != (node.Cluster, node.Patch, node.State))
                    lines.Add($"{node.Name}: {node.Cluster}, {node.Patch} in force, {node.State}");
            }

            lines.AddRange((before?.Nodes ?? []).Where(then => now.Nodes.All(n => n.Name != then.Name)).Select(then => $"{then.Name}: no node of this cluster any more"));
        }

        return [.. lines.Select(line => PlainText.Of(string.Create(CultureInfo.InvariantCulture, $"{now.At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} {line}"), LongestLine))];
    }
}
