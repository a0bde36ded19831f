namespace PcmkKpatch.Core;

/// <summary>
/// The one way in which the world fails a caller: a tool of the system was missing, too slow, ended badly or said something that
/// does not parse. Ports throw it; the loop that runs the steps is the one place that catches it.
/// </summary>
/// <param name="command">The command line, or the file, that failed.</param>
/// <param name="exitCode">The exit code, or null where there is none (missing, timed out, unreadable output).</param>
/// <param name="reason">What it said, or what is wrong with what it said, in one line.</param>
public sealed class ToolFailedException(string command, int? exitCode, string reason)
    : Exception(exitCode is { } code ? $"{command}: exit code {code}: {reason}" : $"{command}: {reason}")
{
    /// <summary>The command line, or the file, that failed.</summary>
    public string Command { get; } = command;

    /// <summary>The exit code, or null where there is none.</summary>
    public int? ExitCode { get; } = exitCode;

    /// <summary>What it said, in one line.</summary>
    public string Reason { get; } = reason;
}
