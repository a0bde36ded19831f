using PcmkKpatch.Cli;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Report;

/// <summary>A report for people at a terminal: sentences are broken at 80 columns.</summary>
internal static class ReportText
{
    // A node may have many resources. All of them are in the JSON.
    private const int LongestLine = 4000;
    private const int Indent = 10;

    /// <summary>The text.</summary>
    public static string Of(RolloutReport report)
    {
        var text = new StringWriter();
        void Line(string head, string? value) => Sentence.Write(text, head, value, Indent, LongestLine);
        Line("Report", $"{report.Asked}{(report.LocalNode is { } here ? $", as {here} knows it" : "")}; times are in UTC, by each node's own clock");
        foreach (var note in report.Notes)
            Line("Note", note);
        foreach (var rollout in report.Rollouts)
        {
            text.Write("\n");
            Rollout(Line, rollout);
            foreach (var run in rollout.Runs)
            {
                text.Write("\n");
                Run(text, Line, run);
            }
        }

        return text.ToString();
    }

    private static void Rollout(Action<string, string?> line, ReportedRollout rollout)
    {
        line("Rollout", rollout.Summary);
        line("Began", TimeText.Utc(rollout.Began));
        line("Took", ReportWords.Time(rollout.Seconds));
        line("By", List(rollout.StartedBy));
        foreach (var patch in rollout.Patches)
        {
            line("Patch", ReportWords.Patch(patch));
            line("  Before", patch.From.Count > 0 ? List(patch.From) : "no live patch was in force, as far as that was noted");
            line("  Fixes", ReportWords.Cves(patch));
        }

        foreach (var node in rollout.Nodes.Where(node => node.Word is null))
            line("No run", $"on {node.Name}: {node.Now}");
    }

    private static void Run(StringWriter text, Action<string, string?> line, ReportedRun run)
    {
        Sentence.Write(text, "", $"{run.Node}: {ReportWords.Run(run)} (run {run.Id})", 0, LongestLine);
        line("  Why", run.Why.Length > 0 ? run.Why : null);
        line("  Tries", ReportWords.Tries(run));
        line("  By", run.StartedBy);
        line("  Waited", run.WaitedSeconds is { } waited ? $"{ReportWords.Time(waited)} for its turn" : null);
        line("  Began", $"{TimeText.Utc(run.Began)}, ended {TimeText.Utc(run.Ended)}");
        line("  Phases", List(run.Phases.Select(phase => $"{phase.Name} {ReportWords.Time(phase.Seconds)}")));
        line("  Moved", List(run.Moved.Select(move => $"{move.Resource} to {move.Node}")));
        line("  Stopped", List(run.Stopped));
        line("  Back", run.Moved.Count + run.Stopped.Count > 0 ? List(run.Back) ?? "nothing: what had moved stayed there" : null);
        foreach (var found in run.Evidence.SelectMany(found => found.Split('\n')).Where(found => found.Length > 0))
            text.Write($"{"  Found",-Indent}{PlainText.Of(found, LongestLine)}\n");
    }

    private static string? List(IEnumerable<string> items) => string.Join(", ", items) is { Length: > 0 } list ? list : null;
}
