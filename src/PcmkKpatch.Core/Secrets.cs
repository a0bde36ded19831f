using System.Text.Encodings.Web;
using System.Text.RegularExpressions;

namespace PcmkKpatch.Core;

/// <summary>
/// What is not to leave the node in a support case: the values of parameters that bear a secret's name, wherever they turn up, and what stands in a text as if it were one. Rather
/// too much than too little: who reads the text needs no value of them.
/// </summary>
public sealed partial class Secrets
{
    /// <summary>What stands in the place of a secret.</summary>
    public const string Mask = "******";

    // Milliseconds. The expressions below look back for no longer than a name is, and take far less.
    private const int LongestSearch = 30_000;

    // A shorter value stands in every text by chance, and a word such as these is none.
    private const int Shortest = 4;
    private static readonly HashSet<string> s_words = new(["true", "false", "none", "auto", "root", "admin", "default", "disabled", "enabled", "password", "passwd"], StringComparer.OrdinalIgnoreCase);

    // The longest first, for one may be a part of another.
    private readonly SortedSet<string> _values = new(Comparer<string>.Create((a, b) => b.Length != a.Length ? b.Length.CompareTo(a.Length) : string.CompareOrdinal(a, b)));

    /// <summary>A parameter, attribute or variable of that name holds a secret. The product's own names are none.</summary>
    public static bool IsSecret(string name) => SecretName().IsMatch(name) && !OurName().IsMatch(name);

    /// <summary>A name that never means anything but a secret, wherever it stands.</summary>
    public static bool IsPassword(string name) => PasswordName().IsMatch(name);

    /// <summary>Takes note of a value that was found under a secret's name: it is masked wherever it stands.</summary>
    public void Learn(string value)
    {
        foreach (var one in (string[])[value, value.Trim()])
        {
            if (one.Length < Shortest || s_words.Contains(one))
                continue;
            _values.Add(one);
            _values.Add(one.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal));
            _values.Add(JavaScriptEncoder.Default.Encode(one));
            _values.Add(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(one));
            _values.Add(Uri.EscapeDataString(one));
        }
    }

    /// <summary>The text without them.</summary>
    /// <exception cref="RegexMatchTimeoutException">It cannot be looked through in a sane time.</exception>
    public string Without(string text)
    {
        // By their names first: a value may be the very word by which another one is known.
        text = Assigned().Replace(text, match => OurName().IsMatch(match.Groups["name"].Value) ? match.Value : $"{match.Groups["before"]}{match.Groups["quote"]}{Mask}{match.Groups["quote"]}");
        text = Option().Replace(text, match => match.Groups["before"].Value + Mask);
        text = InAddress().Replace(text, Mask);
        foreach (var value in _values)
            text = text.Replace(value, Mask, StringComparison.Ordinal);
        return text;
    }

    [GeneratedRegex("pass|pwd|secret|token|credential|login|community|auth|key|pin$", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex("passw|passphrase|pwd|secret|credential", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordName();

    [GeneratedRegex("^(pcmk-)?kpatch(-|$)", RegexOptions.IgnoreCase)]
    private static partial Regex OurName();

    // passwd=…, "password": "…", secret-key : …. Names that are words of everybody's, such as token and key, only with another word before or behind them.
    [GeneratedRegex(
        """(?<before>(?<name>[\w.-]{0,40}(?:passw(?:or)?d|passphrase|pwd|secret|credential|community|(?:api|auth|access|private)[_-]?key|[a-z]{1,20}[_-]token|[a-z]{1,20}[_-]pass\b|\bpass\b)[\w.-]{0,40})["']?\s*[=:]\s*)(?:(?<quote>")(?:[^"\\\n]|\\.)*"|(?<quote>')[^'\n]*'|["']?[^\s"'{\[,;<>]+)""",
        RegexOptions.IgnoreCase, LongestSearch)]
    private static partial Regex Assigned();

    // --password VALUE
    [GeneratedRegex("""(?<before>(?<!\S)--?[\w-]{0,40}(?:passw(?:or)?d|passphrase|secret|credential)[\w-]{0,40}\s+)[^\s-]\S*""", RegexOptions.IgnoreCase, LongestSearch)]
    private static partial Regex Option();

    // https://user:password@host
    [GeneratedRegex(@"(?<=://)[^/\s:@]{1,200}:[^/\s@]{1,200}(?=@)", RegexOptions.None, LongestSearch)]
    private static partial Regex InAddress();
}
