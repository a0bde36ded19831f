using System.Globalization;
using System.Net;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Report;

/// <summary>Text in a page. Whatever it says, it is text there: what would be markup is written as what it is, and what cannot be seen, or turns the direction of writing, as a question mark.</summary>
internal static class Html
{
    private const int Longest = 4000;

    // No language has more of them on one letter. A tower of them would reach over the lines above.
    private const int MostMarks = 4;

    /// <summary>The text.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(Plain(text));

    /// <summary>The text, with its lines.</summary>
    public static string Lines(string text) => string.Join('\n', text.Split('\n').Select(Text));

    /// <summary>A name, whose letters keep to themselves in which direction they are written.</summary>
    public static string Name(string name) => $"<bdi>{Text(name)}</bdi>";

    /// <summary>Names with commas between them.</summary>
    public static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(Name));

    /// <summary>The text cut to so many letters of one width, of which some take two; what is cut away is told by an ellipsis.</summary>
    public static string Short(string text, int letters)
    {
        var plain = Plain(text);
        var (width, at) = (0, 0);
        var elements = StringInfo.GetTextElementEnumerator(plain);
        while (elements.MoveNext())
        {
            var element = elements.GetTextElement();
            width += element[0] < 0x1100 ? 1 : 2;
            if (width > letters - 1 && at + element.Length < plain.Length)
                return WebUtility.HtmlEncode(plain[..at]) + "…";
            at += element.Length;
        }

        return WebUtility.HtmlEncode(plain);
    }

    /// <summary>A number in an attribute.</summary>
    public static string Number(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Plain(string text)
    {
        var marks = 0;
        return string.Concat(PlainText.Of(text, Longest).Where(c =>
        {
            marks = char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? marks + 1 : 0;
            return marks <= MostMarks;
        }));
    }
}
