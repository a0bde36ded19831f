using Microsoft.Extensions.Logging;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Notices;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;

namespace PcmkKpatch.Cli;

/// <summary>What the worker tells people: a line for each thing that it does, and of what they must know a notice, also to the administrator's own program.</summary>
/// <param name="host">This machine.</param>
/// <param name="attempts">Where quarantines are noted.</param>
/// <param name="log">Takes the lines.</param>
internal sealed class Telling(IHost host, NotedAttempts attempts, ILogger log)
{
    private static readonly Event[] s_forAPerson = [Event.NodeParked, Event.PersonNeeded, Event.ToolFails];
    private string _lastSaid = "";
    private int _evidenceTold;

    /// <summary>Tells of a step, in lines and in what the monitor answers. What of that people must know is given back: <see cref="Notify"/> comes when all else is done.</summary>
    public IReadOnlyList<Notice> Tell(Next next)
    {
        // A wait of no time is a step in passing; a phase that begins is told by the step that first waits in it.
        var phase = next.Run?.Phase.ToString().ToLowerInvariant() ?? "";
        var said = $"{phase} {next.Say}";
        List<Notice> notices = [];
        if (said != _lastSaid && (next.Say.Length > 0 || next.After is null || next.After == TimeSpan.Zero))
        {
            notices = [.. StepNotices.Of(next).Where(notice => !Told.Already(notice))];
            using (notices is [var first, ..] ? log.BeginScope(first) : null)
                Line(next, phase, notices.FirstOrDefault());
            notices.Skip(1).ToList().ForEach(Line);
        }

        _lastSaid = said;
        foreach (var evidence in next.Run?.Evidence.Skip(_evidenceTold) ?? [])
            log.Found(host.NameOfNode(), evidence);
        _evidenceTold = next.Run?.Evidence.Count ?? 0;
        var quarantined = attempts.TakeNoted().Select(attempt =>
            new Notice(Event.PatchQuarantined, host.NameOfNode(), $"{attempt.Patch} was on trial when the node went down, and is not loaded here again (build {attempt.BuildId})") { Run = next.Run }).ToList();
        quarantined.ForEach(Line);
        notices.AddRange(quarantined);
        SetAttention(next, notices);
        return notices;
    }

    /// <summary>Tells of a tool that failed, and will be asked again; where it does so again and again, a person.</summary>
    public void ToolFails(ToolFailedException failure, TimeSpan wait, bool again)
    {
        log.ToolFailed(host.NameOfNode(), wait.TotalSeconds, failure.Message);
        if (!again)
            return;
        // For about a minute now: it may never work again, and the node may be drained.
        ForAPerson(Event.ToolFails, $"a tool fails again and again: {failure.Message}");
    }

    /// <summary>Tells of an error of this program, for which its process ends now.</summary>
    public void Fails(Exception error)
    {
        var why = $"the worker is started again and again, for it met {Unexpected.Line(error)}";
        try
        {
            // First of all: what comes then may meet the very same.
            OurFile.Write(Paths.Attention, why);
            ForAPerson(Event.PersonNeeded, why);
        }
        catch (Exception e) when (Unexpected.Note(e))
        {
            log.Failed(why);
        }
    }

    private void ForAPerson(Event which, string why)
    {
        var notice = new Notice(which, host.NameOfNode(), why);
        OurFile.Write(Paths.Attention, why);
        if (Told.Already(notice))
            return;
        Line(notice);
        Notify([notice]);
    }

    /// <summary>Tells the administrator's own program.</summary>
    public void Notify(IReadOnlyList<Notice> notices)
    {
        foreach (var notice in notices)
        {
            if (Notifier.Tell(host, notice) is { } failure)
                log.NotNotified(notice.Node, failure);
        }
    }

    private void Line(Next next, string phase, Notice? notice)
    {
        if (next.NeedsPerson)
            log.NeedsPerson(host.NameOfNode(), next.Say);
        else if (next.After is null && next.Run is null)
            log.NothingToDo(host.NameOfNode(), next.Say);
        else if (next.After is null)
            log.Ended(host.NameOfNode(), next.Say);
        else
            log.Progress(host.NameOfNode(), phase, next.Say.Length > 0 ? $": {next.Say}" : notice is null ? "" : $": {notice.Why}");
    }

    private void Line(Notice notice)
    {
        using (log.BeginScope(notice))
            log.Tell(notice.Node, notice.Why);
    }

    private static void SetAttention(Next next, List<Notice> notices)
    {
        if (next.NeedsPerson)
        {
            OurFile.Write(Paths.Attention, next.Say);
        }
        else if (next.After is null || next.Run?.Phase != Phase.Acquire || next.Say.Length > 0)
        {
            File.Delete(Paths.Attention);
            Told.Over(s_forAPerson);
        }

        // A run that came further than the one that was put off.
        if (notices.Exists(notice => notice.Entry.Event == Event.RunBegan || (next.After is null && notice.Entry.Event != Event.RunPutOff)))
            Told.Over(Event.RunPutOff);
    }
}
