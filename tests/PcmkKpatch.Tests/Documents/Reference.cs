using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Documents;

/// <summary>docs/reference.md, made from what the code declares.</summary>
internal static partial class Reference
{
    /// <summary>The page.</summary>
    public static string Page()
    {
        var page = new StringBuilder();
        page.Append(
            """
            # Reference

            Written from the code by `make reference`; a test fails where the two differ. What the words mean is in [design.md](design.md), what to do when in
            [runbooks.md](runbooks.md) and [troubleshooting.md](troubleshooting.md), the same for a terminal in `pcmk-kpatch(8)` and `ocf_pcmk_kpatch(7)`.

            [parameters](#parameters) · [operations](#operations) · [commands](#commands) · [gates](#gates) · [findings of check](#findings-of-check) · [phases](#phases) · [verdicts](#verdicts) ·
            [node attributes](#node-attributes) · [files](#files)

            """);
        Parameters_(page);
        Operations(page);
        Commands(page);
        Gates(page);
        Findings(page);
        Phases_(page);
        Verdicts_(page);
        Attributes(page);
        Files(page);
        return page.ToString();
    }

    /// <summary>The usage text of the program, as its code has it.</summary>
    public static IReadOnlyList<string> Usage()
    {
        var text = Sources.Code().Select(File.ReadAllText).Select(code => UsageText().Match(code)).First(match => match.Success).Groups[1].Value;
        var lines = text.Split('\n');
        var margin = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return [.. lines.Select(line => line.Length > margin ? line[margin..].TrimEnd() : "")];
    }

    private static void Parameters_(StringBuilder page)
    {
        page.Append(
            """

            ## Parameters
            Of the agent `ocf:pcmk:kpatch`: `pcs resource update kpatch NAME=VALUE`; an empty value is the default again. Times are written as `90s`, `10min`, `2h`.

            | parameter | type | default | |
            |---|---|---|---|

            """);
        foreach (var parameter in Parameters.All)
            Row(page, Code(parameter.Name), parameter.Type, parameter.Default.Length > 0 ? Code(parameter.Default) : "", Cell(parameter.Full));
    }

    private static void Operations(StringBuilder page)
    {
        page.Append("\n## Operations\n| operation | timeout | interval |\n|---|---|---|\n");
        using var reader = XmlReader.Create(new StringReader(Metadata.Of("1")), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
        foreach (var action in XDocument.Load(reader).Descendants("action"))
            Row(page, Code(action.Attribute("name")!.Value), action.Attribute("timeout")!.Value, action.Attribute("interval")?.Value ?? "");
        page.Append("\nWhat they answer:\n\n| exit code | |\n|---|---|\n");
        foreach (var (name, says) in Sources.Members(Sources.Text("src", "PcmkKpatch.Core", "Ocf", "ExitCode.cs"), @"(?<name>\w+) = \d+,"))
            Row(page, $"{(int)Enum.Parse<ExitCode>(name)}", Cell(says));
    }

    private static void Commands(StringBuilder page)
    {
        page.Append("\n## Commands\nWhat `pcmk-kpatch --help` says:\n\n");
        foreach (var line in Usage())
            page.Append(line.Length > 0 ? "    " + line : "").Append('\n');
    }

    private static void Gates(StringBuilder page)
    {
        page.Append(
            """

            ## Gates
            What keeps a run from beginning, or from going on; also what keeps a command from doing what it is asked for. The names stay. *By itself* is what a gate leads to where nothing is set;
            those with a word in *as set* can be set by the parameter `gates`, all others always refuse. … stands for what is filled in.

            | gate | by itself | as set | says | to do |
            |---|---|---|---|---|

            """);
        foreach (var refusal in Sifted(Kind.Refusal))
        {
            var isSettable = GateLevels.Settable.TryGetValue(refusal.Id, out var level);
            Row(page, Code(refusal.Id), isSettable ? level.ToString().ToLowerInvariant() : "refuse", isSettable ? "`refuse`, `warn`, `off`" : "", Cell(refusal.Why), Cell(refusal.Remedy));
        }
    }

    private static void Findings(StringBuilder page)
    {
        page.Append("\n## Findings of check\nWhat `pcmk-kpatch check` tells beside the gates above.\n\n| finding | is | says | to do |\n|---|---|---|---|\n");
        foreach (var finding in Sifted(Kind.Finding))
            Row(page, Code(finding.Id), finding.Severity, Cell(finding.Why), Cell(finding.Remedy));
    }

    private static void Phases_(StringBuilder page)
    {
        page.Append("\n## Phases\nOf one node's run, in this order; which of them a run goes through: [design.md](design.md).\n\n| phase | |\n|---|---|\n");
        foreach (var (name, says) in Sources.Members(Sources.Text("src", "PcmkKpatch.Core", "Rollout", "Phase.cs"), @"(?<name>\w+),"))
            Row(page, Code(Enum.Parse<Phase>(name).ToString().ToLowerInvariant()), Cell(says));
    }

    private static void Verdicts_(StringBuilder page)
    {
        page.Append(
            """

            ## Verdicts
            How a run ends. *Halts*: no node begins another one until `pcmk-kpatch resume`; *tolerable*: unless `max_failures` tolerates it; *tries again*: later by itself, after `retry_delay`.

            | verdict | | halts | tolerable | tries again |
            |---|---|---|---|---|

            """);
        foreach (var (name, says) in Sources.Members(Sources.Text("src", "PcmkKpatch.Core", "Rollout", "Verdict.cs"), @"(?<name>\w+),"))
        {
            var verdict = Enum.Parse<Verdict>(name);
            if (verdict != Verdict.Undecided)
                Row(page, Code(name.ToLowerInvariant()), Cell(says), YesNo(verdict.Halts()), YesNo(verdict.LeftTheKernelAlone()), YesNo(verdict.BacksOff()));
        }
    }

    private static void Attributes(StringBuilder page)
    {
        page.Append("\n## Node attributes\nTransient ones, shown by `crm_mon -A`; who sets, reads and clears each, and what else is in the cluster: [attributes.md](attributes.md).\n\n| attribute | |\n|---|---|\n");
        foreach (var (name, says) in PublishedAttributes())
            Row(page, Code(name), Cell(says));
    }

    private static void Files(StringBuilder page)
    {
        page.Append("\n## Files\nWho writes, reads and clears each: [attributes.md](attributes.md).\n\n| file | |\n|---|---|\n");
        foreach (var (name, says) in OwnFiles())
            Row(page, Code(name), Cell(says));
    }

    /// <summary>The attributes that a node publishes, with what is said of each.</summary>
    public static IEnumerable<(string Name, string Says)> PublishedAttributes() =>
        Sources.Members(Sources.Text("src", "PcmkKpatch", "Pacemaker", "NodeAttributes.cs"), @"public const string \w+ = (?<name>[\w.]+);").Select(member => (ValueOf(member.Name), member.Says));

    /// <summary>The files of the program's own, with what is said of each.</summary>
    public static IEnumerable<(string Name, string Says)> OwnFiles()
    {
        var code = Sources.Text("src", "PcmkKpatch", "Host", "Paths.cs");
        var roots = RootFolder().Matches(code).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value, StringComparer.Ordinal);
        return Sources.Members(code, @"public const string \w+ = (?<name>(?:\w+ \+ )?""[^""]+"");").Select(member =>
        {
            var parts = member.Name.Split(" + ");
            return ((parts.Length == 2 ? roots[parts[0]] : "") + parts[^1].Trim('"') + (parts[^1].EndsWith("-\"", StringComparison.Ordinal) ? "*" : ""), member.Says);
        });
    }

    // A constant of another class, by the code that declares it.
    private static string ValueOf(string constant)
    {
        var words = constant.Split('.');
        var file = Sources.Code().Single(path => Path.GetFileNameWithoutExtension(path) == words[0]);
        return Regex.Match(File.ReadAllText(file), $"const string {words[1]} = \"([^\"]*)\";").Groups[1].Value;
    }

    // One and the same complaint may be made in several places; where one of them makes its words up elsewhere, the others tell them.
    private static IEnumerable<Complaint> Sifted(Kind kind)
    {
        var all = SaidInCode.All().Where(c => c.Kind == kind).ToList();
        return all.Where(c => !all.Exists(other => other != c && other.Id == c.Id && other.Severity == c.Severity && Covers(other, c)));
    }

    private static bool Covers(Complaint other, Complaint one) => (one.Why is "" || other.Why == one.Why) && (one.Remedy is "" || other.Remedy == one.Remedy);

    private static void Row(StringBuilder page, params string[] cells) => page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Code(string text) => $"`{text}`";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    private static string YesNo(bool isSo) => isSo ? "yes" : "";

    [GeneratedRegex("const string Usage =\\s*\"\"\"\\n(.*?)\\n\\s*\"\"\";", RegexOptions.Singleline)]
    private static partial Regex UsageText();

    [GeneratedRegex("const string (\\w+) = \"(/[^\"]*)\";")]
    private static partial Regex RootFolder();
}
