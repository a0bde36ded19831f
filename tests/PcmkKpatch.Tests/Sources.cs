using System.Text.RegularExpressions;
using NUnit.Framework;

namespace PcmkKpatch.Tests;

/// <summary>The repository in which the tests run: its documents and its code, for those that hold one against the other.</summary>
internal static class Sources
{
    private static readonly Lazy<string> s_root = new(() =>
    {
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Directory.Build.props")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("the tests do not run inside of their repository");
        return folder.FullName;
    });

    /// <summary>True where a golden copy is to be written anew rather than compared with.</summary>
    public static bool Refresh => Environment.GetEnvironmentVariable("PCMK_KPATCH_REFRESH") == "1";

    /// <summary>That file's path.</summary>
    public static string Path(params string[] names) => System.IO.Path.Combine([s_root.Value, .. names]);

    /// <summary>That file's text.</summary>
    public static string Text(params string[] names) => File.ReadAllText(Path(names));

    /// <summary>Every file of the program's code, by its path, in an order that stays.</summary>
    public static IEnumerable<string> Code() => Directory.EnumerateFiles(Path("src"), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    /// <summary>The documents for administrators: their paths in the repository, and their texts.</summary>
    public static IEnumerable<(string Name, string Text)> Documents() => Directory.EnumerateFiles(Path("docs"), "*.md").Order(StringComparer.Ordinal).Append(Path("README.md"))
        .Select(file => (System.IO.Path.GetRelativePath(Path(), file), File.ReadAllText(file)));

    /// <summary>The members of an enum, or the constants of a class, each with its doc comment, as the code declares them.</summary>
    public static IEnumerable<(string Name, string Says)> Members(string text, string member) =>
        Regex.Matches(text, @"^    /// <summary>(?<says>(?:(?!</summary>).)*)</summary>\n    " + member, RegexOptions.Singleline | RegexOptions.Multiline)
            .Select(m => (m.Groups["name"].Value, Regex.Replace(Regex.Replace(m.Groups["says"].Value, @"\s*\n\s*///\s*", " "), @"<see cref=""(?:\w+\.)*(\w+)""/>", "$1").Trim()));
}
