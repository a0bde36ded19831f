using System.Globalization;

namespace PcmkKpatch.Core;

/// <summary>A small file of lines of words, with # before a comment, whose first line says of what form it is.</summary>
internal static class TableText
{
    private const int Longest = 64 * 1024;

    /// <summary>Has each line taken.</summary>
    /// <param name="text">The file.</param>
    /// <param name="head">Its first line.</param>
    /// <param name="take">Takes the words of a line, and says what is wrong with them, or null.</param>
    /// <returns>What is wrong, and in which line; null where nothing is.</returns>
    public static string? Problem(string text, string head, Func<string[], string?> take)
    {
        if (text.Length > Longest)
            return $"it is longer than {Longest} characters";
        var (number, begun) = (0, false);
        foreach (var line in text.Split('\n'))
        {
            number++;
            var words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                continue;
            var problem = begun ? take(words) : string.Join(' ', words) == head ? null : $"its form is not known to this version; its first line must be: {head}";
            if (problem is not null)
                return string.Create(CultureInfo.InvariantCulture, $"line {number}: {problem}");
            begun = true;
        }

        return begun ? null : $"it is empty; its first line must be: {head}";
    }
}
