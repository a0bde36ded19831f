using System.Globalization;
using System.Text.RegularExpressions;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// Votes and quorum, from corosync's own tools. No release's cmap has the quorum, the votes that are there, or those that were changed at run time
/// (corosync 3.0.0 to 3.1.10: nodelist and quorum are the configuration, runtime.votequorum has flags only), so they are read from the text of
/// corosync-quorumtool, which is the same in all of these.
/// </summary>
internal static partial class Votes
{
    private const string QuorumTool = "corosync-quorumtool";
    private const string Members = "Membership information";
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    /// <summary>The votes in this moment.</summary>
    /// <exception cref="ToolFailedException">corosync does not run, or what it said does not add up, as while a node comes or goes.</exception>
    public static VotesView See()
    {
        // Addresses, not names: no name server is asked, and what a node calls itself is not in the text.
        string[] arguments = ["-s", "-i"];
        var answer = Tool.Ask(QuorumTool, arguments, s_deadline);
        // The exit code is of no use: 3.0.0 gives 1 with quorum and 0 without; later ones give 0 and 2, and 1 where they failed.
        return answer.Output.Contains(Members, StringComparison.Ordinal) ? Parse(answer.Output) : throw Tool.Failed(QuorumTool, arguments, answer);
    }

    /// <summary>Reads what corosync-quorumtool -s printed.</summary>
    internal static VotesView Parse(string text)
    {
        if (text.Split(Members) is not [var head, var table])
            throw Strange("its output has not one list of members");
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var words in head.Split('\n').Select(line => line.Split(':', 2)))
        {
            if (words.Length == 2 && !fields.TryAdd(words[0].Trim(), words[1].Trim()))
                throw Strange($"its output has {words[0]} twice");
        }

        int Number(string field) => fields.TryGetValue(field, out var value) && int.TryParse(value.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Strange($"it gave no number for {field}");
        var flags = fields.TryGetValue("Flags", out var said) ? said.Split(' ') : throw Strange("it gave no flags");
        // The quorum device is the member with the number 0; it is there where it is registered on any node, with no votes where not on this one.
        var votes = new Dictionary<uint, int>();
        foreach (var row in table.Split('\n').Select(line => Row().Match(line)).Where(m => m.Success))
        {
            if (!uint.TryParse(row.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var id) || !int.TryParse(row.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out var cast) || !votes.TryAdd(id, cast))
                throw Strange($"a row of its members is not understood: {row.Value.Trim()}");
        }

        var (total, own) = (Number("Total votes"), uint.TryParse(fields.GetValueOrDefault("Node ID"), NumberStyles.None, CultureInfo.InvariantCulture, out var self) ? self : 0);
        if (own == 0 || !votes.TryGetValue(own, out var ours))
            throw Strange("its members do not include this node");
        if (votes.Values.Sum(v => (long)v) != total || votes.Count(v => v.Key != 0) != Number("Nodes"))
            throw Strange("its numbers do not add up, as while a node comes or goes");
        return new VotesView
        {
            Total = total,
            Quorum = Number("Quorum"),
            Own = ours,
            Device = votes.TryGetValue(0, out var device) ? device : null,
            TwoNode = flags.Contains("2Node"),
            WaitForAll = flags.Contains("WaitForAll"),
            AutoTieBreaker = flags.Contains("AutoTieBreaker"),
        };
    }

    private static ToolFailedException Strange(string why) => new(QuorumTool, null, why);

    [GeneratedRegex(@"^ *(\d+) +(\d+) .*$")]
    private static partial Regex Row();
}
