using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;

namespace PcmkKpatch.Livepatch;

/// <summary>What the package of a patch says that it mends, as rpm has it on this node.</summary>
internal static class PatchChangelog
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    /// <summary>The security flaws in its changelog; null where there is no rpm, or where neither the package is installed here nor any owns the file.</summary>
    /// <param name="patch">The patch.</param>
    /// <param name="file">The file of its module; null where that is not known.</param>
    public static FixedCves? Ask(RolledPatch patch, string? file)
    {
        if (Tool.Find("rpm") is null)
            return null;
        var text = (patch.Package is { } package && IsName(package) ? Changelog(package) : null) ?? (file is not null && file.StartsWith('/') ? Changelog("-f", file) : null);
        return text is null ? null : FixedCves.Of(text, patch.Name, patch.From);
    }

    private static string? Changelog(params string[] of)
    {
        try
        {
            var answer = Tool.Ask("rpm", ["-q", "--changelog", .. of], s_deadline);
            return answer.ExitCode == 0 ? answer.Output : null;
        }
        catch (ToolFailedException)
        {
            return null; // The report is none of it.
        }
    }

    // It may have come from the CIB, where anybody may have written anything.
    private static bool IsName(string package) => char.IsAsciiLetterOrDigit(package[0]) && package.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '+' or '-' or '~' or '^' or ':');
}
