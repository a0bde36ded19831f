using System.Globalization;
using System.Text;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Report;

/// <summary>A report as one page: a file of its own, with no script, that asks nobody for anything.</summary>
internal static class ReportPage
{
    /// <summary>How each such file begins, whatever version wrote it.</summary>
    public const string Begin = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"generator\" content=\"pcmk-kpatch report";

    /// <summary>The page.</summary>
    public static string Of(RolloutReport report)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"{Begin} {report.Version}\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
        page.Append(CultureInfo.InvariantCulture, $"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
        page.Append(CultureInfo.InvariantCulture, $"<title>Live patch report of {TimeText.Utc(report.Written)}</title>\n<style>\n{PageStyle.Css}\n</style>\n</head>\n<body>\n{PhaseKind.Definitions}<main>\n");
        page.Append(CultureInfo.InvariantCulture, $"<h1>Kernel live patches: {Html.Text(report.Asked)}</h1>\n");
        page.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">Written {TimeText.Utc(report.Written)}{(report.LocalNode is { } node ? $" on {Html.Name(node)}" : "")} by pcmk-kpatch {Html.Text(report.Version)}. Times are in UTC, each by its own node's clock.</p>\n");
        if (report.Notes.Count > 0)
            page.Append(CultureInfo.InvariantCulture, $"<ul class=\"notes\" aria-label=\"Notes\">\n{string.Concat(report.Notes.Select(note => $"<li>{Html.Text(note)}</li>\n"))}</ul>\n");
        foreach (var (rollout, i) in report.Rollouts.Select((rollout, i) => (rollout, i)))
            Rollout(page, rollout, string.Create(CultureInfo.InvariantCulture, $"{i + 1}"));
        return page.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void Rollout(StringBuilder page, ReportedRollout rollout, string id)
    {
        page.Append(CultureInfo.InvariantCulture, $"<section class=\"rollout\" aria-labelledby=\"h-{id}\">\n<h2 id=\"h-{id}\">{Html.Text(rollout.Summary)}</h2>\n<dl>\n");
        Fact(page, "Outcome", $"<strong class=\"{Timeline.Css(rollout.Outcome)}\">{rollout.Outcome}</strong>");
        Fact(page, "Began", TimeText.Utc(rollout.Began));
        Fact(page, "Ended", TimeText.Utc(rollout.Ended));
        Fact(page, "Took", ReportWords.Time(rollout.Seconds));
        if (rollout.StartedBy.Count > 0)
            Fact(page, "Started by", Html.Names(rollout.StartedBy));
        foreach (var patch in rollout.Patches)
        {
            Fact(page, "Patch", Html.Text(ReportWords.Patch(patch)));
            Fact(page, "Before", patch.From.Count > 0 ? Html.Names(patch.From) : "no live patch was in force, as far as that was noted");
            if (ReportWords.Cves(patch) is { } cves)
                Fact(page, "Fixes", Html.Text(cves));
        }

        page.Append("</dl>\n");
        Picture(page, rollout, id);
        Nodes(page, rollout);
        page.Append("<h3>Runs</h3>\n");
        foreach (var run in rollout.Runs)
            Run(page, run);
        page.Append("</section>\n");
    }

    private static void Picture(StringBuilder page, ReportedRollout rollout, string id)
    {
        var timeline = new Timeline(rollout, id);
        page.Append(CultureInfo.InvariantCulture, $"<h3>Timeline</h3>\n<figure>\n{timeline.Svg()}<ul class=\"legend\" aria-label=\"What the bars mean\">\n");
        foreach (var kind in timeline.Kinds)
            page.Append(CultureInfo.InvariantCulture, $"<li>{kind.Swatch}<b>{kind.Letter}</b> {kind.Says}</li>\n");
        foreach (var (outcome, says) in ((string, string)[])[(PastRollout.Failed, "failed"), (PastRollout.PutOff, "put off, to be tried again")])
        {
            if (rollout.Runs.Any(run => run.Outcome == outcome))
                page.Append(CultureInfo.InvariantCulture, $"<li><svg width=\"18\" height=\"18\" viewBox=\"-9 -9 18 18\" aria-hidden=\"true\" focusable=\"false\"><g class=\"mark {Timeline.Css(outcome)}\">{Timeline.Mark(outcome)}</g></svg>{says}</li>\n");
        }

        page.Append("</ul>\n<figcaption>A row for each node, a bar for each phase. A hatched column is a time in which no node had a run; it is drawn shorter than it was.</figcaption>\n</figure>\n");
    }

    private static void Nodes(StringBuilder page, ReportedRollout rollout)
    {
        page.Append("<h3>Nodes</h3>\n<table>\n<caption>How each node's last run in it ended, and how long all its runs took</caption>\n"
            + "<thead><tr><th scope=\"col\">Node</th><th scope=\"col\">Outcome</th><th scope=\"col\">Took</th><th scope=\"col\">Away</th></tr></thead>\n<tbody>\n");
        foreach (var node in rollout.Nodes)
        {
            var outcome = rollout.Runs.LastOrDefault(run => run.Node == node.Name)?.Outcome;
            page.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{Html.Name(node.Name)}</th><td{(outcome is null ? "" : $" class=\"{Timeline.Css(outcome)}\"")}>{Html.Text(node.Word ?? $"no run; now: {node.Now}")}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td>{(node.Word is null ? "–" : ReportWords.Time(node.Seconds))}</td><td>{(node.AwaySeconds is { } away ? ReportWords.Time(away) : "–")}</td></tr>\n");
        }

        page.Append("</tbody>\n</table>\n");
    }

    private static void Run(StringBuilder page, ReportedRun run)
    {
        page.Append(CultureInfo.InvariantCulture, $"<h4>{Html.Name(run.Node)}: <span class=\"{Timeline.Css(run.Outcome)}\">{Html.Text(run.Word)}</span></h4>\n<dl>\n");
        if (run.Why.Length > 0)
            Fact(page, "Why", Html.Text(run.Why));
        if (ReportWords.Tries(run) is { } tries)
            Fact(page, "Tries", tries);
        Fact(page, "Run", Html.Text(run.Id));
        if (run.StartedBy is { } by)
            Fact(page, "Started by", Html.Text(by));
        if (run.WaitedSeconds is { } waited)
            Fact(page, "Waited", $"{ReportWords.Time(waited)} for its turn");
        Fact(page, "Began", TimeText.Utc(run.Began));
        Fact(page, "Ended", TimeText.Utc(run.Ended));
        Fact(page, "Took", ReportWords.Time(run.Seconds) + (run.AwaySeconds is { } away ? $", of which the node was away for {ReportWords.Time(away)}" : ""));
        page.Append("</dl>\n");
        var of = $"of {Html.Name(run.Node)}, run {Html.Text(run.Id)}";
        Table(page, $"Phases {of}", ["Phase", "Began", "Took"], run.Phases.Select(phase => (string[])[Html.Text(phase.Name), TimeText.Utc(phase.Began), ReportWords.Time(phase.Seconds)]));
        Table(page, $"Resources that the drain {of} moved or stopped", ["Resource", "Was then", "At the end"],
            run.Moved.Select(move => (string[])[Html.Name(move.Resource), $"on {Html.Name(move.Node)}", Back(run, move.Resource)]).Concat(run.Stopped.Select(name => (string[])[Html.Name(name), "stopped", Back(run, name)])));
        if (run.Evidence.Count > 0)
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">What was found:</p>\n<pre>{string.Join('\n', run.Evidence.Select(Html.Lines))}</pre>\n");
    }

    private static string Back(ReportedRun run, string resource) => run.Back.Contains(resource) ? "back" : "not back here";

    private static void Table(StringBuilder page, string caption, string[] heads, IEnumerable<string[]> rows)
    {
        var told = rows.ToList();
        if (told.Count == 0)
            return;
        page.Append(CultureInfo.InvariantCulture, $"<table>\n<caption>{caption}</caption>\n<thead><tr>{string.Concat(heads.Select(head => $"<th scope=\"col\">{head}</th>"))}</tr></thead>\n<tbody>\n");
        foreach (var cells in told)
            page.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{cells[0]}</th>{string.Concat(cells.Skip(1).Select(cell => $"<td>{cell}</td>"))}</tr>\n");
        page.Append("</tbody>\n</table>\n");
    }

    private static void Fact(StringBuilder page, string what, string html) => page.Append(CultureInfo.InvariantCulture, $"<dt>{what}</dt><dd>{html}</dd>\n");
}
