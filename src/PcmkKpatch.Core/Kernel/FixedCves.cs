using System.Globalization;

namespace PcmkKpatch.Core.Kernel;

/// <summary>The security flaws that a patch mends, as the changelog of its package has them.</summary>
/// <param name="Ids">Their names, the newest entry's first, each once.</param>
/// <param name="After">Only of versions that are newer than this one, which was in force before; null where all that the changelog has are told.</param>
public sealed record FixedCves(IReadOnlyList<string> Ids, string? After)
{
    private const int Most = 400;
    private const string Prefix = "CVE-";

    /// <summary>Reads them from a changelog.</summary>
    /// <param name="changelog">As rpm -q --changelog prints it: entries with a line "* date author version" each, the newest first.</param>
    /// <param name="patch">The patch.</param>
    /// <param name="before">The patches that were in force before.</param>
    public static FixedCves Of(string changelog, string patch, IReadOnlyList<string> before)
    {
        var level = before.Select(name => Level(name, patch)).FirstOrDefault(found => found is not null);
        var ids = new List<string>();
        var newer = new List<string>();
        var reached = false;
        foreach (var line in changelog.Split('\n'))
        {
            reached |= level is not null && line.StartsWith("* ", StringComparison.Ordinal) && IsOf(line, level);
            foreach (var id in In(line).Where(id => !ids.Contains(id)))
            {
                ids.Add(id);
                if (!reached)
                    newer.Add(id);
            }

            if (ids.Count > Most)
                break;
        }

        return reached ? new(newer, level) : new(ids, null);
    }

    // kpatch_5_14_0_362_8_1_1_2 is version 1, release 2 of what kpatch_5_14_0_362_8_1_1_3 is release 3 of. Of other names nothing is known.
    private static string? Level(string name, string patch)
    {
        var words = name.Split('_');
        return words.Length > 2 && words[^2..].All(IsNumber) && name.LastIndexOf('_') is var cut && patch.LastIndexOf('_') == cut && string.CompareOrdinal(name, 0, patch, 0, cut) == 0
            ? $"{words[^2]}-{words[^1]}" : null;
    }

    private static bool IsNumber(string word) => word.Length is > 0 and < 9 && word.All(char.IsAsciiDigit);

    // The version stands at the line's end, in brackets where Red Hat writes it, with the distribution's mark behind it.
    private static bool IsOf(string head, string level) =>
        head.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1].Trim('[', ']') is var version && (version == level || version.StartsWith(level + ".", StringComparison.Ordinal));

    private static IEnumerable<string> In(string line)
    {
        for (var at = line.IndexOf(Prefix, StringComparison.Ordinal); at >= 0; at = line.IndexOf(Prefix, at + 1, StringComparison.Ordinal))
        {
            var words = line[(at + Prefix.Length)..].Split('-', 2);
            var number = words.Length < 2 ? 0 : words[1].TakeWhile(char.IsAsciiDigit).Count();
            if (words[0].Length == 4 && words[0].All(char.IsAsciiDigit) && number is >= 4 and <= 19)
                yield return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{words[0]}-{words[1][..number]}");
        }
    }
}
