using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.Livepatch;
using PcmkKpatch.Report;

namespace PcmkKpatch.Cli;

/// <summary>pcmk-kpatch report [--last | RUN | --since TIME] [--json | --html FILE]: what rollouts did, from any node. Changes nothing.</summary>
internal sealed class ReportVerb(IToken tokens, IHost host)
{
    private const int LongestLine = 2000;

    /// <summary>Tells what was asked for. Returns 0, or 1 where there is nothing to be told.</summary>
    public int Execute(ReportArguments asked)
    {
        string? error = null;
        var now = DateTimeOffset.UtcNow;
        var since = asked.Since is { } typed ? TypedTime.Past(typed, now, TimeZoneInfo.Local, out error) : null;
        if (error is not null)
            return Refuse(error);
        var known = KnownRuns.See(tokens, host, now);
        var builder = new ReportBuilder(known, PatchChangelog.Ask, now);
        var report = asked.Run is { } run ? builder.Run(run) : since is { } from ? builder.Since(from) : builder.Last();
        if (report is null)
        {
            foreach (var note in known.Notes)
                Say(note);
            return Refuse(asked.Run is not null ? $"no run {asked.Run} is known on this node; pcmk-kpatch report --since 30d tells which are" : since is not null ? "no rollout is known since then" : "no rollout is known: none has ended yet");
        }

        if (asked.Html is { } file)
            PageFile.Write(file, ReportPage.Of(report));
        else
            Console.Out.Write(asked.Json ? RolloutJson.Write(report) + "\n" : ReportText.Of(report));
        return 0;
    }

    private static int Refuse(string why)
    {
        Say(why);
        return 1;
    }

    private static void Say(string line) => Console.Error.WriteLine($"pcmk-kpatch: {PlainText.Of(line, LongestLine)}");
}
