using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Livepatch;

/// <summary>A package with all that tells it from any other. As text it is what rpm and dnf call a NEVRA.</summary>
internal sealed record PackageId(string Name, string Epoch, string Version, string Release, string Arch)
{
    /// <summary>What rpm and dnf are asked to print of a package; the bars and the first word tell the line from what plugins print.</summary>
    public const string Format = Mark + "|%{name}|%{epoch}|%{version}|%{release}|%{arch}\n";

    private const string Mark = "package";

    /// <summary>kpatch-patch-…-0-0 holds no patch: it is there so that those to come are offered as upgrades.</summary>
    public bool IsEmpty => Version == "0" && (Release == "0" || Release.StartsWith("0.", StringComparison.Ordinal));

    /// <summary>The packages in what rpm or dnf printed in that format, each once.</summary>
    public static IReadOnlyList<PackageId> In(string output) =>
        [.. output.Split('\n').Select(line => line.Trim().Split('|')).Where(words => words.Length == 6 && words[0] == Mark)
            .Select(words => new PackageId(words[1], words[2] is "(none)" or "" ? "0" : words[2], words[3], words[4], words[5])).Select(Careful).Distinct()];

    // A repository's list is not signed as its packages are, and what it names becomes an argument of dnf and a file of ours.
    private static PackageId Careful(PackageId package) =>
        char.IsAsciiLetterOrDigit(package.Name.FirstOrDefault()) && package.ToString().All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '+' or '-' or '~' or '^' or ':')
            ? package
            : throw new ToolFailedException("dnf", 0, $"it names a package that no package can be: {PlainText.Of(package.ToString(), 100)}");

    /// <summary>Reads the text of one.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static PackageId Parse(string text)
    {
        var arch = text.LastIndexOf('.');
        var release = arch > 0 ? text.LastIndexOf('-', arch) : -1;
        var version = release > 0 ? text.LastIndexOf('-', release - 1) : -1;
        if (version <= 0)
            throw new FormatException($"{text} is no package's name with version, release and architecture");
        var words = text[(version + 1)..release].Split(':');
        return new PackageId(text[..version], words.Length > 1 ? words[0] : "0", words[^1], text[(release + 1)..arch], text[(arch + 1)..]);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}-{(Epoch == "0" ? "" : Epoch + ":")}{Version}-{Release}.{Arch}";
}
