using System.Globalization;
using System.Text;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Report;

/// <summary>
/// The picture of a rollout: a row for each node, time from left to right, a bar for each phase. What is along the time is placed in percent of the width and everything else in pixels, so
/// the picture fits every width with letters of one size; where it is narrow, fewer of them.
/// </summary>
internal sealed class Timeline
{
    /// <summary>So many rows fit on a page of paper. More nodes have more pictures, all with the same time.</summary>
    public const int MostRows = 16;

    private const int Row = 44;
    private const int BarTop = 20;
    private const int BarHeight = 18;
    private const int Line = 17;
    private const int Margin = 4;
    private const double LeastWidth = 0.25;

    // The narrowest picture with labels for narrow ones, and for wide ones: what the style sheet's widths leave. In letters: what a name and a verdict have in such a one.
    private const double NarrowPixels = 285;
    private const double WidePixels = 640;
    private const int NarrowName = 18;
    private const int WideName = 52;
    private const int LongestWord = 15;

    // A letter stands in a bar that is wider than this, in pixels.
    private const double LeastRoom = 13;
    private readonly ReportedRollout _rollout;
    private readonly TimeScale _scale;
    private readonly string _id;

    /// <summary>The picture of that rollout.</summary>
    /// <param name="rollout">The rollout.</param>
    /// <param name="id">Of what its own ids are made.</param>
    public Timeline(ReportedRollout rollout, string id)
    {
        (_rollout, _id) = (rollout, id);
        _scale = new TimeScale(rollout.Runs.Select(run => (run.Began, run.Ended)));
    }

    /// <summary>The kinds of phases that are in it.</summary>
    public IEnumerable<PhaseKind> Kinds => PhaseKind.All.Where(kind => _rollout.Runs.Any(run => Bars(run).Any(bar => bar.Kind == kind)));

    /// <summary>The picture, or the pictures.</summary>
    public string Svg()
    {
        var parts = _rollout.Nodes.Chunk(MostRows).ToList();
        return string.Concat(parts.Select((nodes, i) => Part(nodes, i, parts.Count)));
    }

    private string Part(ReportedNode[] nodes, int part, int parts)
    {
        var svg = new StringBuilder();
        var top = Margin + (_scale.Gaps.Count > 0 ? Line : 0);
        var bottom = top + (nodes.Length * Row);
        var height = bottom + (2 * Line) + Margin;
        var name = string.Create(CultureInfo.InvariantCulture, $"{_id}-{part}");
        var which = parts == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" (part {part + 1} of {parts})");
        svg.Append(CultureInfo.InvariantCulture, $"<svg class=\"timeline\" role=\"img\" aria-labelledby=\"t-{name} d-{name}\" width=\"100%\" height=\"{height}\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<title id=\"t-{name}\">Timeline of the rollout{which}</title>\n<desc id=\"d-{name}\">{Html.Text(_rollout.Summary)}. The tables below say the same in words.</desc>\n");
        Gaps(svg, top, bottom);
        Axis(svg, top, bottom);
        foreach (var (node, i) in nodes.Select((node, i) => (node, i)))
            NodeRow(svg, node, top + (i * Row));
        return svg.Append("</svg>\n").ToString();
    }

    private void Gaps(StringBuilder svg, int top, int bottom)
    {
        foreach (var gap in _scale.Gaps)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"gap\" x=\"{Html.Number(gap.Left)}%\" y=\"{top}\" width=\"{Html.Number(gap.Right - gap.Left)}%\" height=\"{bottom - top}\" fill=\"url(#p-gap)\">");
            svg.Append(CultureInfo.InvariantCulture, $"<title>{TimeText.Of(gap.To - gap.From)} in which no node had a run</title></rect>\n");
        }

        Labels(svg, top - 4, "label", _scale.Gaps.Select(gap => new Wanted(TimeText.Of(gap.To - gap.From), (gap.Left + gap.Right) / 2)));
    }

    private void Axis(StringBuilder svg, int top, int bottom)
    {
        var step = Step(_scale.Unit * 12);
        var form = step < TimeSpan.FromMinutes(1) ? "HH:mm:ss" : "HH:mm";
        var ticks = _scale.Spells.SelectMany(spell => Multiples(spell, step)).ToList();
        var dates = _scale.Spells.Select(spell => spell.From).Concat(ticks.Where(tick => tick.TimeOfDay == TimeSpan.Zero)).Order().ToList();
        IEnumerable<Wanted> Written(IEnumerable<DateTime> times, string how) => times.Select(time => new Wanted(time.ToString(how, CultureInfo.InvariantCulture), _scale.At(time)));
        Labels(svg, bottom + Line - 3, "label", Written([.. _scale.Spells.Select(spell => spell.From), .. ticks], form), (top, bottom));
        Labels(svg, bottom + (2 * Line) - 3, "label", Written(dates.Where((date, i) => i == 0 || date.Date != dates[i - 1].Date), "yyyy-MM-dd"));
    }

    private void NodeRow(StringBuilder svg, ReportedNode node, int y)
    {
        var runs = _rollout.Runs.Where(run => run.Node == node.Name).ToList();
        var mark = runs.Count == 0 ? "" : runs[^1].Outcome switch { PastRollout.Patched => "✓ ", PastRollout.Failed => "✕ ", _ => "" };
        var word = mark + (node.Word ?? "no run");
        foreach (var (longest, where) in ((int, string)[])[(NarrowName, "n"), (WideName, "w")])
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"name {where}\" x=\"0\" y=\"{y + 14}\"><title>{Html.Text(node.Name)}</title>{Html.Short(node.Name, longest)}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"word {(runs.Count == 0 ? "none" : Css(runs[^1].Outcome))}\" x=\"100%\" y=\"{y + 14}\" text-anchor=\"end\"><title>{Html.Text(node.Now ?? word)}</title>{Html.Short(word, LongestWord)}</text>\n");
        var middle = y + BarTop + (BarHeight / 2);
        svg.Append(CultureInfo.InvariantCulture, $"<line class=\"row\" x1=\"{Html.Number(TimeScale.Left)}%\" x2=\"{Html.Number(TimeScale.Right)}%\" y1=\"{middle}\" y2=\"{middle}\"/>\n");
        var letters = new List<Wanted>();
        foreach (var run in runs)
        {
            foreach (var (kind, says, left, width) in Bars(run))
            {
                svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"bar\" x=\"{Html.Number(left)}%\" y=\"{y + BarTop}\" width=\"{Html.Number(width)}%\" height=\"{BarHeight}\" fill=\"url(#p-{kind.Id})\"><title>{Html.Text(says)}</title></rect>\n");
                letters.Add(new(kind.Letter, left + (width / 2), width));
            }
        }

        Labels(svg, y + BarTop + 13, "letter", letters);
        foreach (var run in runs.Where(run => run.Outcome is PastRollout.Failed or PastRollout.PutOff))
            svg.Append(CultureInfo.InvariantCulture, $"<svg x=\"{Html.Number(_scale.At(run.Ended))}%\" y=\"{middle}\" width=\"1\" height=\"1\" overflow=\"visible\"><g class=\"mark {Css(run.Outcome)}\" transform=\"translate(9 0)\"><title>{Html.Text($"{run.Word}: {run.Why}")}</title>{Mark(run.Outcome)}</g></svg>\n");
    }

    /// <summary>How the end of a run that did not go well is marked.</summary>
    public static string Mark(string outcome) => "<circle r=\"7\"/>" + (outcome == PastRollout.Failed ? "<path d=\"M-3-3l6 6M3-3l-6 6\"/>" : "<path d=\"M-2-3v6M2-3v6\"/>");

    /// <summary>The class of an outcome in the style sheet.</summary>
    public static string Css(string outcome) => outcome switch { PastRollout.Patched => "good", PastRollout.Failed => "bad", PastRollout.PutOff => "off", _ => "open" };

    private IEnumerable<(PhaseKind Kind, string Says, double Left, double Width)> Bars(ReportedRun run)
    {
        var phases = run.Phases.Count > 0 ? run.Phases : [new ReportedPhase("the run", run.Began, run.Seconds)];
        foreach (var phase in phases)
        {
            var left = _scale.At(phase.Began);
            yield return (PhaseKind.Of(phase.Name), $"{phase.Name} {ReportWords.Time(phase.Seconds)}, from {TimeText.Utc(phase.Began)}", left, Math.Max(LeastWidth, _scale.At(phase.Began.AddSeconds(phase.Seconds)) - left));
        }
    }

    // Where labels find no room, there are none: narrow and wide pictures each have their own.
    private static void Labels(StringBuilder svg, int y, string style, IEnumerable<Wanted> labels, (int Top, int Bottom)? lines = null)
    {
        foreach (var (pixels, where) in ((double, string)[])[(NarrowPixels, "n"), (WidePixels, "w")])
        {
            var row = new LabelRow(pixels);
            foreach (var label in labels.Where(label => label.Room / 100 * pixels > LeastRoom))
                row.TryPlace(label.Text, label.At);
            foreach (var label in row.Placed)
            {
                if (lines is { } span)
                    svg.Append(CultureInfo.InvariantCulture, $"<line class=\"tick {where}\" x1=\"{Html.Number(label.At)}%\" x2=\"{Html.Number(label.At)}%\" y1=\"{span.Top}\" y2=\"{span.Bottom}\"/>\n");
                svg.Append(CultureInfo.InvariantCulture, $"<text class=\"{style} {where}\" x=\"{Html.Number(label.At)}%\" y=\"{y}\" text-anchor=\"{label.Anchor}\">{Html.Text(label.Text)}</text>\n");
            }
        }
    }

    private static IEnumerable<DateTime> Multiples((DateTime From, DateTime To) spell, TimeSpan step)
    {
        for (var ticks = ((spell.From.Ticks / step.Ticks) + 1) * step.Ticks; ticks <= spell.To.Ticks; ticks += step.Ticks)
            yield return new DateTime(ticks, DateTimeKind.Utc);
    }

    private static TimeSpan Step(double least)
    {
        double[] steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
        var step = steps.FirstOrDefault(one => one >= least);
        for (step = step > 0 ? step : steps[^1]; step < least;)
            step *= 2;
        return TimeSpan.FromSeconds(step);
    }

    // A label that is to be placed, and how much of the width it may take.
    private sealed record Wanted(string Text, double At, double Room = 100);
}
