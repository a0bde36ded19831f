using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Core;

/// <summary>A parameter that is a list: parts with a separator between them.</summary>
internal static class ListText
{
    // It goes into the journal, whose room is limited.
    private const int Longest = 4000;

    /// <summary>Has each part taken. An empty list has none.</summary>
    /// <param name="text">The list.</param>
    /// <param name="separator">What stands between two parts.</param>
    /// <param name="example">One that is right.</param>
    /// <param name="take">Takes one part, and says what is wrong with it, or null.</param>
    /// <returns>What is wrong with the first part that is not right, and what to write; null where nothing is.</returns>
    public static string? Problem(string text, char separator, string example, Func<string, string?> take)
    {
        if (text.Length > Longest)
            return $"it is longer than {Longest} characters";
        if (text.Any(char.IsControl))
            return $"a line break, or another character that cannot be seen, is in it; write for example {example}";
        if (string.IsNullOrWhiteSpace(text))
            return null;
        foreach (var part in text.Split(separator, StringSplitOptions.TrimEntries))
        {
            if ((part.Length > 0 ? take(part) : $"nothing stands on one side of a {separator}") is { } problem)
                return $"{problem}; write for example {example}";
        }

        return null;
    }

    /// <summary>A piece of the list as it is shown to people.</summary>
    public static string Quote(string piece) => $"\"{PlainText.Of(piece, 40)}\"";
}
