using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Mono.Unix.Native;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Host;

/// <summary>
/// The journal: one file of two slots of fixed size, written in turn, in place. A slot says its number and its checksum; the higher
/// sound one counts. So a write that is torn leaves the one before it, and a disk that is full fails the first write of a run, when
/// nothing has been changed yet, and none after it.
/// The checksum only has to tell a torn write; a cryptographic one would load the distribution's OpenSSL at run time.
/// </summary>
/// <param name="folder">Where it is, with the runs that have ended beside it.</param>
internal sealed class JournalFile(string folder) : IJournal
{
    private readonly string _path = Path.Combine(folder, Path.GetFileName(Paths.Journal));
    private readonly string _lastPath = Path.Combine(folder, Path.GetFileName(Paths.Last));
    private readonly string _rehearsedPath = Path.Combine(folder, Path.GetFileName(Paths.Rehearsed));
    private readonly HistoryFolder _history = new(Path.Combine(folder, Path.GetFileName(Paths.History)));
    private const int SlotSize = 128 * 1024;
    private const int HeaderSize = 128;
    private const string Magic = "pcmk-kpatch journal";

    /// <summary>The one of this node.</summary>
    public static JournalFile OfThisNode { get; } = new(Paths.State);

    /// <inheritdoc/>
    public JournalEntry Read()
    {
        if (ReadFile(_path) is not { } bytes)
            return new JournalEntry(null);
        if (Newest(bytes) is not { } newest)
            return new JournalEntry(null, $"{_path} is damaged");
        try
        {
            return new JournalEntry(Records.ReadRun(newest.Content));
        }
        catch (JsonException e)
        {
            return new JournalEntry(null, $"{_path} cannot be read: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public void Write(Run run)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(run, Records.Default.Run);
        // What is noted for people comes after the drain, when the run must go on: it never keeps it from being journalled.
        if (json.Length > SlotSize - HeaderSize)
            json = JsonSerializer.SerializeToUtf8Bytes(run.WithoutNotes(), Records.Default.Run);
        if (json.Length > SlotSize - HeaderSize)
            throw new ToolFailedException(_path, null, $"the record of this run needs {json.Length} bytes, more than fit: too many resources in the cluster");

        var old = ReadFile(_path);
        var (number, slot) = old is null ? (0, 1) : Newest(old) is { } newest ? (newest.Number, newest.Slot) : (0, 1);
        var fd = Posix.Open(_path, OpenFlags.O_RDWR | OpenFlags.O_CREAT);
        try
        {
            if (old is null || old.Length != 2 * SlotSize)
            {
                // Take all the room the journal will ever need now.
                Posix.WriteAt(fd, _path, 0, new byte[2 * SlotSize]);
                Posix.Sync(fd, _path);
                Posix.SyncFolder(_path);
            }

            Posix.WriteAt(fd, _path, (1 - slot) * SlotSize, Slot(number + 1, json));
            Posix.Sync(fd, _path);
        }
        catch (ToolFailedException) when (old is null)
        {
            _ = Syscall.unlink(_path);
            throw;
        }
        finally
        {
            _ = Syscall.close(fd);
        }
    }

    /// <inheritdoc/>
    public void Close(Run? run)
    {
        // Not tried in vain: what is not kept would be gone through again.
        if (run is not null && RehearsalNotes.Counts(run))
            Posix.Replace(_rehearsedPath, JsonSerializer.SerializeToUtf8Bytes(RehearsalNotes.Keep(Rehearsed(), run), Records.Default.IReadOnlyListRun));

        if (run is { Rehearsal: null })
        {
            try
            {
                Posix.Replace(_lastPath, JsonSerializer.SerializeToUtf8Bytes(run, Records.Default.Run));
            }
            catch (ToolFailedException) when (ReadFile(_lastPath) is not null || Directory.Exists(Path.GetDirectoryName(_lastPath)))
            {
                // The record is for people. A full disk must not keep a run from ending that has already let go of everything.
                _ = Syscall.unlink(_lastPath + ".new");
            }

            _history.Keep(run);
        }

        if (ReadFile(_path) is { } bytes && Newest(bytes) is null)
            _ = Syscall.rename(_path, _path + ".damaged");
        else
            Posix.Delete(_path);
    }

    // By the two that follow a back-off goes, and which rehearsals are over. One that cannot be read is none, for a run under way must come to its end; but none begins: Unknown.

    /// <inheritdoc/>
    public Run? Last() => Kept<Run?>(_lastPath, null, Records.ReadRun, out _);

    /// <inheritdoc/>
    public IReadOnlyList<Run> Rehearsed() => Kept(_rehearsedPath, [], Records.ReadRuns, out _);

    /// <inheritdoc/>
    public string? Unknown()
    {
        _ = Kept<Run?>(_lastPath, null, Records.ReadRun, out var last);
        _ = Kept(_rehearsedPath, [], Records.ReadRuns, out var rehearsed);
        return last ?? rehearsed;
    }

    /// <summary>The last run that ended, a rehearsal or not.</summary>
    public Run? LastEnded() => Rehearsed() is [var rehearsal, ..] && !(Last()?.Ended > rehearsal.Ended) ? rehearsal : Last();

    private static T Kept<T>(string file, T none, Func<ReadOnlySpan<byte>, T> read, out string? unknown)
    {
        unknown = null;
        try
        {
            return ReadFile(file) is { } bytes ? read(bytes) : none;
        }
        catch (JsonException e)
        {
            unknown = $"{file} cannot be read: {e.Message}";
            return none;
        }
    }

    private static byte[] Slot(int number, byte[] json)
    {
        var slot = new byte[HeaderSize + json.Length];
        var header = $"{Magic} {number} {json.Length} {Convert.ToHexStringLower(XxHash128.Hash(json))}";
        Encoding.ASCII.GetBytes(header.PadRight(HeaderSize - 1) + "\n", slot);
        json.CopyTo(slot, HeaderSize);
        return slot;
    }

    private static (int Number, int Slot, byte[] Content)? Newest(byte[] file)
    {
        var newest = default((int Number, int Slot, byte[] Content)?);
        for (var slot = 0; slot < 2 && file.Length >= (slot * SlotSize) + HeaderSize; slot++)
        {
            var words = Encoding.ASCII.GetString(file, slot * SlotSize, HeaderSize).Trim().Split(' ');
            if (words.Length != 5 || $"{words[0]} {words[1]}" != Magic || !int.TryParse(words[2], out var number) || !int.TryParse(words[3], out var length)
                || length is < 0 or > SlotSize - HeaderSize || file.Length < (slot * SlotSize) + HeaderSize + length)
                continue;
            var content = file.AsSpan((slot * SlotSize) + HeaderSize, length).ToArray();
            if (Convert.ToHexStringLower(XxHash128.Hash(content)) == words[4] && number > (newest?.Number ?? 0))
                newest = (number, slot, content);
        }

        return newest;
    }

    private static byte[]? ReadFile(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(file, null, e.Message);
        }
    }
}
