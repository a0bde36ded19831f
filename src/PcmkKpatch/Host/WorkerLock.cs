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
            return new FileStream(Paths.Lock, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
                UnixCreateMode = OurFile.ForRootAlone,
            });
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            return null;
        }
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
