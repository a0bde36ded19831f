using System.Globalization;

namespace PcmkKpatch.Core.Kernel;

/// <summary>Text that a file, a tool or the CIB claims: anybody may have written it, and it is shown on terminals, in logs and in the cluster.</summary>
public static class PlainText
{
    /// <summary>The text with a question mark for each character that is not one to be seen, and not longer than that.</summary>
    public static string Of(string text, int longest)
    {
        var clipped = text.Length > longest ? text[..longest] : text;
        return string.Create(clipped.Length, clipped, (plain, from) =>
        {
            for (var i = 0; i < plain.Length; i++)
                plain[i] = IsSeen(from[i]) ? from[i] : '?';
        });
    }

    private static bool IsSeen(char one) => char.GetUnicodeCategory(one) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
