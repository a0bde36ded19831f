namespace PcmkKpatch.Report;

/// <summary>How phases are drawn: by colour, by pattern and by letter, so that each alone tells them apart.</summary>
/// <param name="Id">A short name, of its colour and its pattern.</param>
/// <param name="Letter">What stands in the bar.</param>
/// <param name="Says">What the legend says.</param>
/// <param name="Pattern">The lines of its pattern, in a square of eight.</param>
/// <param name="Phases">The phases that are drawn so.</param>
internal sealed record PhaseKind(string Id, string Letter, string Says, string Pattern, IReadOnlyList<string> Phases)
{
    /// <summary>How a phase is drawn that this version does not know, or a run whose phases were not noted.</summary>
    public static PhaseKind Unknown { get; } = new("other", "?", "not noted, or not known to this version", "", []);

    /// <summary>All of them, in the order in which a run comes to them.</summary>
    public static IReadOnlyList<PhaseKind> All { get; } =
    [
        new("gate", "G", "gate", "M4 3v2", ["gate"]),
        new("standby", "S", "standby, unstandby", "M0 4h8", ["standby", "unstandby"]),
        new("drain", "D", "drain", "M-2 2l4-4M0 8l8-8M6 10l4-4", ["drain"]),
        new("load", "L", "install, load", "", ["install", "load"]),
        new("reverse", "R", "reverse, rollback", "M0 0l8 8M8 0l-8 8", ["reverse", "rollback"]),
        new("watch", "W", "verify, soak, pause", "M4 0v8", ["verify", "soak", "pause"]),
        new("confirm", "C", "confirm: everything comes back", "M-2 6l4 4M0 0l8 8M6-2l4 4", ["confirm"]),
        new("end", "E", "persist, release", "M1 1h2v2h-2zM5 5h2v2h-2z", ["persist", "release"]),
        new("parked", "P", "parked: waits for a person", "M0 4h8M4 0v8", ["parked"]),
        Unknown,
    ];

    /// <summary>How that phase is drawn.</summary>
    public static PhaseKind Of(string phase) => All.FirstOrDefault(kind => kind.Phases.Contains(phase)) ?? Unknown;

    /// <summary>The patterns of all, once for a whole page.</summary>
    public static string Definitions =>
        "<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\"><defs>"
        + string.Concat(All.Select(kind => Definition(kind.Id, kind.Pattern)))
        + Definition("gap", "M-2 2l4-4M0 8l8-8M6 10l4-4") + "</defs></svg>\n";

    /// <summary>A sample of it, for the legend.</summary>
    public string Swatch => $"<svg class=\"swatch\" width=\"28\" height=\"16\" aria-hidden=\"true\" focusable=\"false\"><rect class=\"bar\" width=\"28\" height=\"16\" fill=\"url(#p-{Id})\"/></svg>";

    private static string Definition(string id, string pattern) =>
        $"<pattern id=\"p-{id}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><rect class=\"k-{id}\" width=\"8\" height=\"8\"/>{(pattern.Length > 0 ? $"<path class=\"lines\" d=\"{pattern}\"/>" : "")}</pattern>";
}
