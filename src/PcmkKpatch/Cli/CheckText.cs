using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Cli;

/// <summary>A look at the readiness, for people. Sentences are broken at 80 columns; a command stays in one line, to be copied.</summary>
internal static class CheckText
{
    private const int Indent = 9;
    private const int LongestLine = 2000;

    /// <summary>The text.</summary>
    public static string Of(CheckReport report)
    {
        var text = new StringWriter();
        void Line(string head, string? value) => Sentence.Write(text, head, value, Indent, LongestLine);
        Line("Check", report.Summary);
        if (report.AskAlsoOn.Count > 0)
            Line("Ask also", $"on {string.Join(", ", report.AskAlsoOn)}: pcmk-kpatch check; their own kernels, files and services are seen only there");
        foreach (var finding in report.Findings)
        {
            text.Write("\n");
            Line(char.ToUpperInvariant(finding.Severity[0]) + finding.Severity[1..], $"{finding.Why} ({finding.Id})");
            Line("  To do", finding.Remedy);
            if (finding.Command is not null)
                text.Write($"{"  Type",-Indent}{PlainText.Of(finding.Command, LongestLine)}\n");
        }

        return text.ToString();
    }
}
