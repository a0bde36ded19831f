using PcmkKpatch.Host;

namespace PcmkKpatch.Ocf;

/// <summary>Shows a person what the worker says until it is done. The worker does not know, and goes on when this ends.</summary>
internal static class Follow
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_spare = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Follows until a run has ended (true) or nothing is going on (true), or until shortly before the operation's time is over (false).
    /// The next worker, which the agent's next look may start within a second, is not waited for.
    /// </summary>
    /// <param name="since">The moment before the worker was asked: a run that ended later is the one.</param>
    /// <param name="timeout">How long the operation may take; null for as long as it takes.</param>
    /// <param name="isOver">What ends it besides; asked again and again.</param>
    public static bool UntilDone(DateTimeOffset since, TimeSpan? timeout, Func<bool> isOver)
    {
        var journal = JournalFile.OfThisNode;
        var end = timeout is { } limit ? ThisHost.Now().Uptime + limit - s_spare : TimeSpan.MaxValue;
        var shown = 0L;
        var idleSince = (TimeSpan?)null;
        while (true)
        {
            shown = Show(shown);
            var now = ThisHost.Now().Uptime;
            // A worker that just ended may be one that systemd is about to start again.
            idleSince = WorkerLock.IsHeld() ? null : idleSince ?? now;
            if (isOver() || journal.LastEnded()?.Ended >= since || (now - idleSince > s_spare && !File.Exists(Paths.Journal)))
                break;
            if (now > end)
            {
                Console.Out.WriteLine("the operation's time is over; the worker goes on by itself: pcmk-kpatch status");
                return false;
            }

            Thread.Sleep(s_look);
        }

        // The worker says how the run ended just after it is over.
        Thread.Sleep(s_look);
        Show(shown);
        return true;
    }

    private static long Show(long from)
    {
        try
        {
            using var file = new FileStream(Paths.Progress, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length < from)
                from = 0;
            file.Seek(from, SeekOrigin.Begin);
            using var reader = new StreamReader(file);
            Console.Out.Write(reader.ReadToEnd());
            Console.Out.Flush();
            return file.Position;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
