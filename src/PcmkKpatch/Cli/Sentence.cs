using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Cli;

/// <summary>A sentence on a terminal.</summary>
internal static class Sentence
{
    private const int Width = 80;

    /// <summary>Writes it behind a head, in a column of its own. What the CIB, a tool or a node says is neither to move the cursor nor to make a line of its own.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="head">What stands before its first line.</param>
    /// <param name="sentence">The sentence; null for nothing at all.</param>
    /// <param name="indent">In which column each line begins.</param>
    /// <param name="longest">What is longer is cut.</param>
    public static void Write(TextWriter text, string head, string? sentence, int indent, int longest)
    {
        foreach (var line in sentence is null ? [] : Broken(PlainText.Of(sentence, longest), indent))
        {
            text.Write($"{head.PadRight(indent)}{line}\n");
            head = "";
        }
    }

    /// <summary>Its lines, broken between words so that none ends behind the 80th column. A word that is longer stays whole, to be copied.</summary>
    /// <param name="sentence">The sentence.</param>
    /// <param name="indent">In which column each line begins.</param>
    public static IEnumerable<string> Broken(string sentence, int indent)
    {
        var line = "";
        foreach (var word in sentence.Split(' '))
        {
            if (line.Length > 0 && indent + line.Length + 1 + word.Length > Width)
            {
                yield return line;
                line = "";
            }

            line += line.Length > 0 ? $" {word}" : word;
        }

        yield return line;
    }
}
