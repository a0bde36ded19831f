using PcmkKpatch.Core.Notices;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;

namespace PcmkKpatch.Cli;

/// <summary>What a person did by a command, told to others: systemd's journal, and the administrator's own program.</summary>
internal static class Deed
{
    /// <summary>Tells of it. Where that cannot be, the command has done what it did all the same.</summary>
    /// <param name="host">This machine.</param>
    /// <param name="which">What was done.</param>
    /// <param name="what">The same in a sentence.</param>
    /// <param name="run">The run that it is about, or null.</param>
    public static void Tell(IHost host, Event which, string what, Run? run = null)
    {
        var notice = new Notice(which, run?.Node ?? host.NameOfNode(), what) { Run = run, By = Caller.Name };
        _ = JournalEntries.Write($"{notice.Node}: {notice.By}: {what}", notice.Entry.Weight, notice);
        if (Notifier.Tell(host, notice) is { } failure)
            Console.Error.WriteLine($"pcmk-kpatch: notify: {failure}");
    }
}
