using System.Globalization;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Cli;

/// <summary>A plan for people.</summary>
internal static class PlanText
{
    // A node may have many resources. All of them are in the JSON.
    private const int LongestLine = 4000;

    /// <summary>The text.</summary>
    public static string Of(PlanReport report)
    {
        var text = new StringWriter();
        // What the CIB, a tool or a node says is neither to move the terminal's cursor nor to make a line of its own.
        void Say(string line) => text.Write(PlainText.Of(line, LongestLine) + "\n");
        void Line(string head, string value) => Say($"{head,-8} {value}");
        void Refusals(string indent, string head, IEnumerable<RefusalStatus> refusals)
        {
            foreach (var refusal in refusals)
            {
                Say($"{indent}{head,-8} {refusal.Why} ({refusal.Id})");
                Say($"{indent}{"  To do",-8} {refusal.Remedy}");
            }
        }

        Line("Plan", report.Summary);
        if (report.Order.Count > 0)
            Line("Order", string.Join(", ", report.Order) + (report.OrderIsSet ? "" : "; likely, for the parameter order is not set: the fewest resources first, the DC last"));
        Line("When", report.When.Said);
        Line("Takes", $"about {Minutes(report.EstimatedSeconds)} a node, by {(report.EstimatedByHistory ? "this node's last good run" : "the parameters: no good run here to go by")}"
            + (report.Order.Count > 1 ? $"; {Minutes(report.EstimatedSecondsOfAll)} for all {report.Order.Count}" : ""));
        if (report.Quorum is not null)
            Line("Quorum", report.Quorum);
        if (report.Failures.Count > 0)
            Line("Failed", string.Join(", ", report.Failures));
        Refusals("", "Refused", report.Refused);
        Refusals("", "Warning", report.Warnings);
        foreach (var note in report.Notes)
            Line("Note", note);
        foreach (var node in report.Nodes)
        {
            text.Write("\n");
            Say(Head(node));
            if (node.NotPatched is not null)
                continue;
            Refusals("  ", "Refused", node.Refused);
            Refusals("  ", "Warning", node.Warnings);
            Say($"  {"Drain",-8} {(node.DrainedBy == DrainMode.None ? "none: every resource stays where it is, and is lost for a while if the node dies" : Words(node.Drain))}");
            if (node.Reboot is { } reboot)
                Say($"  {"Reboot",-8} {Words(reboot)}; where the node is not well after the load (rollback=reboot)");
            Say($"  {"Death",-8} {Words(node.Death)}");
            if (node.FailedStops is { } stops)
                Say($"  {"Stop",-8} {(stops.Count == 0 ? "no stop that failed would have a node fenced" : string.Join("; ", stops.GroupBy(s => s.Node).Select(g => $"{g.Key} is fenced where the stop fails of {Ids(g.Select(s => s.Resource))}")))}");
        }

        return text.ToString();
    }

    private static string Head(NodePlan node)
    {
        var patch = node.Patch switch
        {
            null => "it is not known which patch is in force",
            "none" => "no patch in force",
            var names => $"{names} in force",
        };
        if (node.NotPatched is not null)
            return $"{node.Name}: not patched: {node.NotPatched}{(node.Kernel is null ? "" : $" (kernel {node.Kernel}, {patch})")}";
        var due = node.Due switch
        {
            true => $"{node.DuePatch ?? "a patch"} is due",
            false => "no patch is due",
            null => "whether a patch is due is not known",
        };
        return $"{node.Name}{(node.ReadNow ? " (this node)" : "")}: kernel {node.Kernel ?? "unknown"}, {patch}; {due}{(node.ReadNow || node.State is null ? "" : $", it says: {node.State}")}";
    }

    private static string Words(Forecast? forecast)
    {
        if (forecast is null)
            return "not known";
        var words = forecast.Moves.GroupBy(m => m.To).Select(g => $"{Ids(g.Select(m => m.Resource))} to {g.Key}")
            .Concat(forecast.Migrations.GroupBy(m => m.To).Select(g => $"{Ids(g.Select(m => m.Resource))} to {g.Key} without a stop"))
            .Concat(forecast.Promotions.Select(p => $"{p.Resource} promoted on {p.Node}"))
            .Concat(forecast.Elsewhere.Select(m => m.From == m.To ? $"{m.Resource} restarted on {m.To}" : $"{m.Resource} from {m.From} to {m.To}"))
            .Concat(forecast.Stops.Select(s => s.Node == forecast.Node ? $"{s.Resource} nowhere" : $"{s.Resource}, on {s.Node} now, nowhere"))
            .Concat(forecast.StopsOfClones.Count > 0 ? [$"its instances of {Ids(forecast.StopsOfClones)} stop"] : [])
            .Concat(forecast.Fences.Select(f => $"{f} is fenced")).ToList();
        return words.Count == 0 ? "nothing moves" : string.Join("; ", words);
    }

    private static string Ids(IEnumerable<string> ids) => string.Join(", ", ids);

    private static string Minutes(long seconds) => string.Create(CultureInfo.InvariantCulture, $"{(seconds + 59) / 60} min");
}
