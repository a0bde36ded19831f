using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Cli;

/// <summary>A look at the readiness, for people. Sentences are broken at 80 columns; a command stays in one line, to be copied.</summary>
internal static class CheckText
{
    private const int Width = 80;
    private const int Indent = 9;
    private const int LongestLine = 2000;

    /// <summary>The text.</summary>
    public static string Of(CheckReport report)
    {
        var text = new StringWriter();
        // What the CIB, a tool or a node says is neither to move the terminal's cursor nor to make a line of its own.
        void Line(string head, string? value)
        {
            foreach (var line in value is null ? [] : Broken(PlainText.Of(value, LongestLine)))
            {
                text.Write($"{head,-Indent}{line}\n");
                head = "";
            }
        }

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

    private static IEnumerable<string> Broken(string sentence)
    {
        var line = "";
        foreach (var word in sentence.Split(' '))
        {
            if (line.Length > 0 && Indent + line.Length + 1 + word.Length > Width)
            {
                yield return line;
                line = "";
            }

            line += line.Length > 0 ? $" {word}" : word;
        }

        yield return line;
    }
}
