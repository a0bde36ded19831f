using System.Globalization;
using PcmkKpatch.Core.Notices;

namespace PcmkKpatch.Host;

/// <summary>What this program writes to systemd's journal.</summary>
internal static class JournalEntries
{
    private const string Evidence = "EVIDENCE";
    private const string Trace = "TRACE";

    /// <summary>The names of all fields of our own.</summary>
    public static IEnumerable<string> FieldNames => Notice.FieldNames.Append(Evidence).Append(Trace).Select(name => Notice.Prefix + name);

    /// <summary>Writes a line; where it tells people of something, with the id of that, and its fields.</summary>
    /// <param name="line">The line.</param>
    /// <param name="weight">How much it weighs.</param>
    /// <param name="notice">What it tells people of, or null.</param>
    /// <param name="trace">Where in this program it comes from, where only its authors know what that means.</param>
    /// <returns>False where there is no journal, or it took nothing.</returns>
    public static bool Write(string line, Weight weight, Notice? notice, string? trace = null) => NativeJournal.Send(Fields(line, weight, notice, trace));

    private static IEnumerable<(string Name, string Value)> Fields(string line, Weight weight, Notice? notice, string? trace)
    {
        yield return ("MESSAGE", line);
        yield return ("PRIORITY", ((int)weight).ToString(CultureInfo.InvariantCulture));
        yield return ("SYSLOG_IDENTIFIER", "pcmk-kpatch");
        // So that journalctl -u finds it whoever wrote it, the agent and a person's command too; and what a process said last, whose unit the journal can no longer see.
        yield return ("OBJECT_SYSTEMD_UNIT", SystemdRun.Unit);
        if (trace is not null)
            yield return (Notice.Prefix + Trace, trace);
        if (notice is null)
            yield break;
        yield return ("MESSAGE_ID", notice.Entry.Id);
        foreach (var (name, value) in notice.Fields())
            yield return (Notice.Prefix + name, value);
        if (notice.Run?.Evidence is { Count: > 0 } evidence && notice.Entry.Weight <= Weight.Warning)
            yield return (Notice.Prefix + Evidence, string.Join('\n', evidence));
    }
}
