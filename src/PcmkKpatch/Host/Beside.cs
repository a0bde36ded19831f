namespace PcmkKpatch.Host;

/// <summary>
/// Asks tools that do not need each other's answers at the same time. Each has a thread of its own: those of the pool are few on a small machine, and what a tool
/// says is read by them.
/// </summary>
internal static class Beside
{
    /// <summary>Begins to ask. What goes wrong is thrown where the answer is waited for.</summary>
    public static Task<T> Ask<T>(Func<T> ask) => Task.Factory.StartNew(ask, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Waits for the answer.</summary>
    public static T Answer<T>(this Task<T> asked) => asked.GetAwaiter().GetResult();
}
