using System.Text.Json;
using Mono.Unix.Native;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Host;

/// <summary>
/// The records of this node's last runs, a file each, for people: nothing is decided by them. Their names begin with the time, so they lie in the order of the
/// runs. Of runs that were put off one after the other only the last one is kept, which says how many there were.
/// </summary>
internal sealed class HistoryFolder(string folder)
{
    private const int Most = 100;
    private const int LongestId = 64;

    /// <summary>The one of this node.</summary>
    public static HistoryFolder OfThisNode { get; } = new(Paths.History);

    /// <summary>Keeps a run that has ended. What cannot be kept is let go: it must not keep the run from ending.</summary>
    public void Keep(Run ended)
    {
        var path = Path.Combine(folder, NameOf(ended));
        try
        {
            RootOnly.Folder(folder);
            // What was active before is long, and no record of what was done.
            Posix.Replace(path, JsonSerializer.SerializeToUtf8Bytes(ended with { Before = new Dictionary<string, Core.Cluster.ResourceLevel>() }, Records.Default.Run));
            var files = Files();
            if (files.IndexOf(path) is var at and > 0 && IsPutOff(ended) && Read(files[at - 1]) is { } before && IsPutOff(before) && before.Patch?.BuildId == ended.Patch?.BuildId)
                Posix.Delete(files[at - 1]);
            foreach (var old in files.SkipLast(Most))
                Posix.Delete(old);
        }
        catch (Exception e) when (e is ToolFailedException or IOException or UnauthorizedAccessException)
        {
            _ = Syscall.unlink(path + ".new");
        }
    }

    /// <summary>The last runs, the newest first. A record that cannot be read, or is of a form that this version does not know, is left out.</summary>
    public IEnumerable<Run> Runs() => Files().AsEnumerable().Reverse().Select(Read).OfType<Run>();

    /// <summary>The records that are there and cannot be read by this version.</summary>
    public IReadOnlyList<string> Unreadable() => [.. Files().Where(path => Read(path) is null)];

    private List<string> Files() => Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal)] : [];

    private static Run? Read(string path)
    {
        try
        {
            return Records.ReadRun(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsPutOff(Run run) => RunSummary.Of(run).IsPutOff;

    // A run's id may have come from the token, where anybody may have written anything.
    private static string NameOf(Run run) =>
        $"{run.Started.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{string.Concat(run.Id.Take(LongestId).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'))}.json";
}
