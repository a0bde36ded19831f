using System.Text.Json;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Host;

/// <summary>The attempt mark and the quarantine: small files that are on the disk before what they warn of can happen.</summary>
internal sealed class AttemptFiles : IAttempts
{
    /// <inheritdoc/>
    public Attempt? Read() => File.Exists(Paths.Attempt) ? ReadFile(Paths.Attempt) : null;

    /// <inheritdoc/>
    public void Mark(Attempt attempt) => Posix.Replace(Paths.Attempt, Bytes(attempt));

    /// <inheritdoc/>
    public void Probation(Attempt attempt, TimeSpan lasts, TimeSpan uptime)
    {
        // In this order: what ends the probation does nothing to the mark of a run that goes on.
        SystemdRun.EndProbationAfter(lasts);
        Mark(attempt with { ProvedAt = uptime + lasts });
    }

    /// <inheritdoc/>
    public void Clear() => Posix.Delete(Paths.Attempt);

    /// <inheritdoc/>
    public void Quarantine(Attempt attempt)
    {
        Directory.CreateDirectory(Paths.Quarantine);
        Posix.Replace(Path.Combine(Paths.Quarantine, FileName(attempt.BuildId)), Bytes(attempt));
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Quarantined() => [.. List().Select(a => a.BuildId)];

    /// <summary>What is quarantined on this node.</summary>
    public static IReadOnlyList<Attempt> List() =>
        Directory.Exists(Paths.Quarantine)
            ? [.. Directory.EnumerateFiles(Paths.Quarantine, "*.json").Order(StringComparer.Ordinal).Select(ReadFile)]
            : [];

    /// <summary>
    /// A person takes the quarantine back: whole, with what a crash may have left beside it, for the folder alone keeps kpatch.service
    /// from loading anything at boot.
    /// </summary>
    public static void Release()
    {
        if (!Directory.Exists(Paths.Quarantine))
            return;
        foreach (var file in Directory.GetFiles(Paths.Quarantine, "*.json").Concat(Directory.GetFiles(Paths.Quarantine, "*.json.new")))
            Posix.Delete(file);
        Directory.Delete(Paths.Quarantine, recursive: false);
        Posix.SyncFolder(Paths.Quarantine);
    }

    // A build id is read from a file that anybody could have made: only its hexadecimal digits become a file's name.
    private static string FileName(string buildId) => string.Concat(buildId.Where(char.IsAsciiHexDigit).Take(64)) + ".json";

    private static byte[] Bytes(Attempt attempt) => JsonSerializer.SerializeToUtf8Bytes(attempt, Records.Default.Attempt);

    private static Attempt ReadFile(string path)
    {
        try
        {
            return Records.ReadAttempt(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(path, null, $"cannot be read: {e.Message}. It says which patch must not be loaded here; look at it, then delete it");
        }
    }
}
