using System.Text.RegularExpressions;
using NUnit.Framework;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Ocf;

namespace PcmkKpatch.Tests.Documents;

/// <summary>What is written by hand about parameters, commands, gates, attributes and files, against what the code has: a name that is none any more is found, and one that is missing.</summary>
public sealed partial class NameTests
{
    private static readonly string[] s_reserved = ["op", "meta", "clone"];

    // The documents, and the manual page with its marks taken away.
    private static readonly IReadOnlyList<(string Name, string Text)> s_texts =
        [.. Sources.Documents(), ("pcmk-kpatch.8", Roff().Replace(Sources.Text("rpm", "pcmk-kpatch.8.in"), "").Replace("\\-", "-", StringComparison.Ordinal))];

    [Test]
    public void the_readme_tells_defaults_as_they_are()
    {
        var rows = ParameterRow().Matches(Sources.Text("README.md")).Select(m => (Name: m.Groups[1].Value, Default: m.Groups[2].Value)).ToList();

        Assert.That(rows, Is.Not.Empty);
        Assert.That(rows, Is.SubsetOf(Parameters.All.Select(p => (p.Name, p.Default))));
    }

    [Test]
    public void parameters_that_are_set_are_there_and_taken()
    {
        var wrong = new List<string>();
        foreach (var (page, setting) in s_texts.SelectMany(text => Setting().Matches(text.Text).SelectMany(m => Word().Matches(m.Groups[1].Value).Select(w => (text.Name, w.Value)))))
        {
            var (name, value) = (setting.Split('=')[0], setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim('\'').TrimEnd(';', ','));
            if (s_reserved.Contains(name) || value is "VALUE" or "…" or "PATH")
                continue;
            if (Parameters.All.All(p => p.Name != name))
                wrong.Add($"{page}: {setting}: no such parameter");
            else if (Parameters.Parse(asked => asked == name ? value : null, out var errors) is null)
                wrong.Add($"{page}: {setting}: {string.Join("; ", errors)}");
        }

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void commands_are_there_with_their_options()
    {
        var usage = string.Join('\n', Reference.Usage());
        var wrong = new List<string>();
        foreach (var (page, command) in s_texts.SelectMany(text => Told().Matches(text.Text).Select(m => (text.Name, m.Value))))
        {
            var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var verb = words[1];
            var lines = usage.Split('\n').Where(line => line.TrimStart().StartsWith($"pcmk-kpatch {verb}", StringComparison.Ordinal)).ToList();
            if (lines.Count == 0)
                wrong.Add($"{page}: {command}: no such command");
            else if (words.FirstOrDefault(word => word.StartsWith("--", StringComparison.Ordinal) && !lines.Exists(line => line.Contains(word, StringComparison.Ordinal))) is { } option)
                wrong.Add($"{page}: {command}: {verb} has no {option}");
        }

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void every_gate_and_finding_that_is_told_is_there()
    {
        var known = SaidInCode.All().Select(c => c.Id).ToHashSet();
        var families = known.Select(id => id.Split('.')[0]).ToHashSet();
        var unknown = s_texts.Where(text => text.Name is not "docs/reference.md").SelectMany(text => GateId().Matches(text.Text).Select(m => (text.Name, Id: m.Groups[1].Value)))
            .Where(told => families.Contains(told.Id.Split('.')[0]) && !known.Contains(told.Id) && !IsFile(told.Id));

        Assert.That(unknown.Select(told => $"{told.Name}: {told.Id}"), Is.Empty, "no gate and no finding has this name");
    }

    // Documents and units look like ids.
    private static bool IsFile(string name) => name.Split('.')[1] is "md" or "service";

    [Test]
    public void every_gate_that_can_be_set_is_in_the_design() =>
        Assert.That(GateLevels.Settable.Keys.Where(id => !Sources.Text("docs", "design.md").Contains($".{id.Split('.')[1]}`", StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void every_attribute_and_every_file_has_its_row()
    {
        var page = Sources.Text("docs", "attributes.md");

        Assert.That(Reference.PublishedAttributes().Select(a => a.Name).Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)), Is.Empty);
        Assert.That(Reference.OwnFiles().Select(f => Path.GetFileName(f.Name)).Where(name => !Regex.IsMatch(page, $"`([^`]*/)?{Regex.Escape(name)}[/`*]")), Is.Empty);
    }

    [Test]
    public void links_between_documents_lead_somewhere()
    {
        var wrong = new List<string>();
        foreach (var (page, text) in Sources.Documents())
        {
            var folder = Path.GetDirectoryName(Sources.Path(page))!;
            foreach (Match link in Link().Matches(text))
            {
                var parts = link.Groups[1].Value.Split('#');
                var target = parts[0].Length == 0 ? text : File.Exists(Path.Combine(folder, parts[0])) ? File.ReadAllText(Path.Combine(folder, parts[0])) : null;
                if (target is null && !Directory.Exists(Path.Combine(folder, parts[0])))
                    wrong.Add($"{page}: {link.Groups[1].Value}: no such file");
                else if (parts.Length > 1 && !Anchors(target!).Contains(parts[1]))
                    wrong.Add($"{page}: {link.Groups[1].Value}: no such heading");
            }
        }

        Assert.That(wrong, Is.Empty);
    }

    // As the usual renderers make them of a heading.
    private static HashSet<string> Anchors(string text) =>
        [.. Heading().Matches(text).Select(m => NoAnchor().Replace(m.Groups[1].Value.ToLowerInvariant(), "").Trim().Replace(' ', '-'))];

    [GeneratedRegex(@"^\| `(\w+)` \| ([^|]*?) \| ", RegexOptions.Multiline)]
    private static partial Regex ParameterRow();

    [GeneratedRegex(@"pcs resource update kpatch ((?:\w+=(?:'[^']*'|[^\s`)]*) ?)+)")]
    private static partial Regex Setting();

    [GeneratedRegex(@"\w+=(?:'[^']*'|\S*)")]
    private static partial Regex Word();

    [GeneratedRegex(@"(?<=[`#] ?|: )pcmk-kpatch [a-z]+(?: (?:--[a-z-]+|\[?NODE\]?))*")]
    private static partial Regex Told();

    [GeneratedRegex(@"[`(]([a-z]+\.[a-z]+(?:-[a-z]+)*)[`)]")]
    private static partial Regex GateId();

    [GeneratedRegex(@"\]\(((?!https?:)[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();

    [GeneratedRegex(@"\\f[BIRP]|^\.[A-Z]+ ", RegexOptions.Multiline)]
    private static partial Regex Roff();
}
