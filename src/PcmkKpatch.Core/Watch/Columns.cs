using System.Globalization;
using System.Text;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Core.Watch;

/// <summary>Text in the columns of a terminal: a character may take two of them, or none.</summary>
internal static class Columns
{
    private const char Cut = '…';

    // East Asian Width W and F of the Unicode standard, in the plane that is let through.
    private static readonly (char First, char Last)[] s_wide =
    [
        ('\u1100', '\u115f'), ('\u231a', '\u231b'), ('\u2329', '\u232a'), ('\u23e9', '\u23ec'), ('\u23f0', '\u23f0'), ('\u23f3', '\u23f3'), ('\u25fd', '\u25fe'), ('\u2614', '\u2615'),
        ('\u2648', '\u2653'), ('\u267f', '\u267f'), ('\u2693', '\u2693'), ('\u26a1', '\u26a1'), ('\u26aa', '\u26ab'), ('\u26bd', '\u26be'), ('\u26c4', '\u26c5'), ('\u26ce', '\u26ce'),
        ('\u26d4', '\u26d4'), ('\u26ea', '\u26ea'), ('\u26f2', '\u26f3'), ('\u26f5', '\u26f5'), ('\u26fa', '\u26fa'), ('\u26fd', '\u26fd'), ('\u2705', '\u2705'), ('\u270a', '\u270b'),
        ('\u2728', '\u2728'), ('\u274c', '\u274c'), ('\u274e', '\u274e'), ('\u2753', '\u2755'), ('\u2757', '\u2757'), ('\u2795', '\u2797'), ('\u27b0', '\u27b0'), ('\u27bf', '\u27bf'),
        ('\u2b1b', '\u2b1c'), ('\u2b50', '\u2b50'), ('\u2b55', '\u2b55'), ('\u2e80', '\u303e'), ('\u3041', '\ua4cf'), ('\ua960', '\ua97f'), ('\uac00', '\ud7a3'), ('\uf900', '\ufaff'),
        ('\ufe10', '\ufe19'), ('\ufe30', '\ufe6f'), ('\uff00', '\uff60'), ('\uffe0', '\uffe6'),
    ];

    /// <summary>What may be shown, and no wider than that: what is wider ends with a mark.</summary>
    public static string Clip(string text, int width)
    {
        var plain = PlainText.Of(text, 4 * Math.Max(width, 1));
        if (Width(plain) <= width && plain.Length == text.Length)
            return plain;
        var (clipped, at) = (new StringBuilder(), 0);
        foreach (var one in plain)
        {
            var next = at + Width(one);
            if (next > width - 1)
                break;
            clipped.Append(one);
            at = next;
        }

        return width < 1 ? "" : clipped.Append(Cut).ToString();
    }

    /// <summary>The same, filled with blanks to that width.</summary>
    public static string Fill(string text, int width)
    {
        var clipped = Clip(text, width);
        return clipped + new string(' ', width - Width(clipped));
    }

    /// <summary>How many columns the text takes.</summary>
    public static int Width(string text) => text.Sum(one => Width(one));

    private static int Width(char one) => char.GetUnicodeCategory(one) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? 0
        : Array.Exists(s_wide, range => one >= range.First && one <= range.Last) ? 2 : 1;
}
