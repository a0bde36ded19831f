using System.Globalization;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Notices;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Host;

/// <summary>
/// The administrator's own program that is told what happens. It is started beside the work, as a systemd unit that ends by itself, so that nothing it does or does not do reaches
/// the run.
/// </summary>
internal static class Notifier
{
    // A mail's subject, a chat's line.
    private const int LongestValue = 1000;

    /// <summary>Has it run, where there is one. Does not throw, and waits for no longer than systemd takes to be asked.</summary>
    /// <param name="host">Who knows the parameters.</param>
    /// <param name="notice">What it is told.</param>
    /// <returns>Null where it was started, or there is none; what kept it from that otherwise.</returns>
    public static string? Tell(IHost host, Notice notice) => Program(host, notice.Run) is { } program ? Start(program, notice) : null;

    /// <summary>Has that program run: for the rest as above.</summary>
    public static string? Start(string program, Notice notice)
    {
        if (RootOnly.Problem(program) is { } problem)
            return $"{program} not run: {problem}";
        try
        {
            SystemdRun.StartNotifier(program, Variables(notice));
            return null;
        }
        catch (ToolFailedException e)
        {
            return $"{program} not run: {e.Message}";
        }
    }

    // In a standby the agent is stopped, and wants nothing: then it is as when the run began.
    private static string? Program(IHost host, Run? run)
    {
        try
        {
            return (host.Wanted() ?? (run ?? JournalFile.OfThisNode.Read().Run)?.Policy)?.Notify;
        }
        catch (ToolFailedException)
        {
            return run?.Policy.Notify;
        }
    }

    private static Dictionary<string, string> Variables(Notice notice) => notice.Fields()
        .Append(("WHEN", DateTimeOffset.UtcNow.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)))
        .ToDictionary(field => Notice.Prefix + field.Item1, field => PlainText.Of(field.Item2, LongestValue), StringComparer.Ordinal);
}
