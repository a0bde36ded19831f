namespace PcmkKpatch.Host;

/// <summary>There is one worker on a node: whoever holds this lock (flock), which ends with its process.</summary>
internal static class WorkerLock
{
    /// <summary>Takes the lock.</summary>
    /// <returns>The lock, to be kept open; null where another worker has it.</returns>
    public static FileStream? TryTake()
    {
        try
        {
            // FileShare.None is flock(LOCK_EX | LOCK_NB) here, and a lock that is held is an IOException of its own.
            return new FileStream(Paths.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            return null;
        }
    }

    /// <summary>Notes on the lock's file that its worker has begun to look.</summary>
    public static void NoteLook() => File.SetLastWriteTimeUtc(Paths.Lock, DateTime.UtcNow);

    /// <summary>No worker has looked for so long. A clock that was set back makes it so too, which costs one look.</summary>
    public static bool IsLookOlderThan(TimeSpan age)
    {
        var looked = DateTime.UtcNow - File.GetLastWriteTimeUtc(Paths.Lock);
        return File.Exists(Paths.Lock) && (looked < TimeSpan.Zero || looked > age);
    }

    /// <summary>A worker is alive.</summary>
    public static bool IsHeld()
    {
        if (!File.Exists(Paths.Lock))
            return false;
        using var probe = TryTake();
        return probe is null;
    }
}
