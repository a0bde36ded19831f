using System.Runtime.InteropServices;
using System.Text;
using PcmkKpatch.Core.Watch;
using PcmkKpatch.Host;

namespace PcmkKpatch.Cli;

/// <summary>
/// pcmk-kpatch status --watch: the rollout live, until a person ends it. Changes nothing. On a terminal it is drawn over and over; elsewhere each thing that
/// is another one than before is a line.
/// </summary>
internal sealed class WatchVerb(Watcher watcher)
{
    /// <summary>Watches. Returns what "status" would: 0, or <see cref="StatusVerb.NeedsPerson"/>.</summary>
    public int Execute()
    {
        using var wake = new AutoResetEvent(false);
        var stop = false;
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            Volatile.Write(ref stop, true);
            wake.Set();
        }

        using var screen = Screen.Open();
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var onHangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        using var onResize = screen is null ? null : PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => wake.Set());
        using var onContinue = screen is null ? null : PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => wake.Set());
        WatchView? shown = null;
        while (true)
        {
            // Ctrl-C ends the tools too, which are in the terminal's foreground as we are: what they say then is not shown.
            var now = watcher.Look();
            if (Volatile.Read(ref stop))
                break;
            Show(screen, shown, now);
            shown = now;
            if (wake.WaitOne(watcher.Wait()) && !Volatile.Read(ref stop) && screen is not null)
                Show(screen, shown, now);
            if (Volatile.Read(ref stop))
                break;
        }

        return watcher.NeedsPerson ? StatusVerb.NeedsPerson : 0;
    }

    private static void Show(Screen? screen, WatchView? before, WatchView now)
    {
        if (screen is null)
        {
            var lines = WatchLines.Between(before, now);
            if (lines.Count > 0)
                Posix.WriteToOutput(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
            return;
        }

        var (width, height) = Screen.Size();
        screen.Draw(WatchScreen.Of(now, width, height, Screen.MayColour));
    }
}
