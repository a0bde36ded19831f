using System.Globalization;
using PcmkKpatch.Core;

namespace PcmkKpatch.Report;

/// <summary>Half sentences that a report says on the terminal as on the page.</summary>
internal static class ReportWords
{
    /// <summary>The patch, the kernel and where it came from.</summary>
    public static string Patch(ReportedPatch patch) =>
        patch.Name + (patch.Kernel is null ? "" : $" for kernel {patch.Kernel}") + (patch.Build is null ? "" : $", build {patch.Build}") + (patch.Package is null ? "" : $", of {patch.Package}")
        + $"; on {string.Join(", ", patch.Nodes)}";

    /// <summary>What it mends; null where nothing can be read of that here.</summary>
    public static string? Cves(ReportedPatch patch) => patch switch
    {
        { Cves: null } => null,
        { Cves.Count: 0 } => $"no CVE is named in its package's changelog{Since(patch)}",
        { Cves: var ids } => $"{string.Join(", ", ids)}: {CvesAre(patch)}",
    };

    /// <summary>What those are.</summary>
    public static string CvesAre(ReportedPatch patch) => patch.CvesAfter is null ? "all that its package's changelog names" : $"what its package's changelog names{Since(patch)}";

    /// <summary>How a run ended, how long it took, and for how long its node was away.</summary>
    public static string Run(ReportedRun run) =>
        $"{run.Word}; took {Time(run.Seconds)}{(run.AwaySeconds is { } away ? $", away for {Time(away)}" : "")}";

    /// <summary>How often it was put off; null where it was not, or once.</summary>
    public static string? Tries(ReportedRun run) => run.Tries > 1 ? string.Create(CultureInfo.InvariantCulture, $"{run.Tries} in a row were put off, this one the last") : null;

    /// <summary>How long something took.</summary>
    public static string Time(double seconds) => TimeText.Of(TimeSpan.FromSeconds(seconds));

    private static string Since(ReportedPatch patch) => patch.CvesAfter is null ? "" : $" since {patch.CvesAfter}, which was in force before";
}
