using System.Globalization;
using PcmkKpatch.Core;

namespace PcmkKpatch.Host;

/// <summary>
/// A program of the administrator's, named by a parameter, and so in the CIB: run as root where nobody but root can change it, without a shell, in the tools' own
/// environment, for a minute at most.
/// </summary>
internal static class OwnProgram
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    /// <summary>Runs it. Does not throw.</summary>
    /// <param name="path">Its absolute path.</param>
    /// <param name="about">What else it has in its environment.</param>
    /// <returns>Null where it is content; what it said, or what went wrong, otherwise.</returns>
    public static string? Ask(string path, IReadOnlyDictionary<string, string>? about = null)
    {
        if (RootOnly.Problem(path) is { } problem)
            return $"not run: {problem}";
        try
        {
            var answer = Tool.Ask(path, [], s_deadline, about);
            return answer.ExitCode == 0 ? null
                : string.Create(CultureInfo.InvariantCulture, $"exit code {answer.ExitCode}{(answer.Words.Length > 0 ? $": {answer.Words}" : "")}");
        }
        catch (ToolFailedException e)
        {
            return e.Message;
        }
    }
}
