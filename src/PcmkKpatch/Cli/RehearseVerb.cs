using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>
/// pcmk-kpatch rehearse [--node NODE] [--json] | --follow [--json] | --cancel: a whole rollout without a load. The wish travels in the CIB, and each node goes
/// through it by itself, in its turn; this verb lays the wish, shows what comes of it, and takes it away.
/// </summary>
/// <param name="cluster">The cluster.</param>
/// <param name="tokens">The token.</param>
/// <param name="plan">What "plan" reports of that node, or of all.</param>
internal sealed class RehearseVerb(ICluster cluster, IToken tokens, Func<string?, PlanReport> plan)
{
    private const int LongestLine = 4000;

    /// <summary>Does what was asked. Returns 0 where every node went through it as a run would, or it was called off as asked.</summary>
    public int Execute(RehearseArguments asked) => asked switch
    {
        { Cancel: true } => Cancel(),
        { Follow: true } => CibRehearsals.See() switch
        {
            null => Refuse("no rehearsal goes on"),
            { IsUnreadable: true } unknown => Refuse(Unreadable(unknown)),
            var wish when wish.IsStale(DateTimeOffset.UtcNow) && tokens.Read() is not { IsRehearsal: true } => Refuse(Stale(wish)),
            var wish => Follow(wish, asked.Json),
        },
        _ => Begin(asked.Node, asked.Json),
    };

    private int Cancel()
    {
        if (CibRehearsals.See() is not { } wish)
        {
            Console.Out.WriteLine("no rehearsal goes on");
            return 0;
        }

        if (wish.IsUnreadable)
            return Refuse(Unreadable(wish));
        CibRehearsals.TakeAway(wish);
        Print(Console.Out, $"called off: the rehearsal {wish.Id} of {string.Join(", ", wish.Nodes)}, which {wish.By} wanted since {wish.Since}");
        if (tokens.Read() is { IsRehearsal: true } token)
            Print(Console.Out, $"{token.Node} is in it still, and goes home by itself: pcmk-kpatch status");
        return 0;
    }

    private int Begin(string? node, bool json)
    {
        if (CibRehearsals.See() is { } other)
            return Refuse(other.IsUnreadable ? Unreadable(other) : other.IsStale(DateTimeOffset.UtcNow) ? Stale(other) : $"a rehearsal goes on already, since {other.Since} by {other.By}. See it: pcmk-kpatch rehearse --follow; or call it off: pcmk-kpatch rehearse --cancel");
        var planned = plan(node);
        var nodes = planned.Nodes.Where(n => n.NotPatched is null).Select(n => n.Name).ToList();
        if (RehearsalRefusals.Of(planned, node, cluster.See(), ThisProgram.Version).ToList() is { Count: > 0 } refused)
            return Tell(new RehearsalReport { Outcome = RehearsalReport.IsRefused, Summary = "not begun: a real run would be refused, or could not be rehearsed", Refused = refused }, json);
        var wish = RehearsalWish.Of(Guid.NewGuid().ToString("N")[..12], nodes, Caller.Name, DateTimeOffset.UtcNow);
        if (wish.IsUnreadable)
            return Refuse("the names of the nodes are too long for one wish: rehearse single nodes, with --node");
        tokens.Create();
        if (!CibRehearsals.Lay(wish))
            return Refuse("another rehearsal was begun in this moment: see pcmk-kpatch rehearse --follow");
        var shown = json ? Console.Error : Console.Out;
        Print(shown, $"rehearsal {wish.Id} of {string.Join(", ", nodes)}: each is drained and comes home in its turn, and nothing is loaded");
        foreach (var left in planned.Nodes.Where(n => n.NotPatched is not null))
            Print(shown, $"not rehearsed: {left.Name}: {left.NotPatched}");
        if (planned.Nodes.Where(n => n.Due == true).Select(n => n.Name).ToList() is { Count: > 0 } due)
            Print(shown, $"a patch is due on {string.Join(", ", due)}: it is loaded by itself when every node went through this. Hold a node that did, where it is not to be: pcmk-kpatch hold NODE");
        return Follow(wish, json);
    }

    private int Follow(RehearsalWish wish, bool json)
    {
        if (new RehearsalFollower(cluster, tokens, wish, json ? Console.Error : Console.Out).Follow() is { } report)
            return Tell(report, json);
        Console.Error.WriteLine("the rehearsal goes on. To look again: pcmk-kpatch rehearse --follow; to call it off: pcmk-kpatch rehearse --cancel");
        return 1;
    }

    private static int Tell(RehearsalReport report, bool json)
    {
        Console.Out.Write(json ? RehearsalJson.Write(report) + "\n" : report.Text());
        return report.Outcome == RehearsalReport.Good ? 0 : 1;
    }

    private static string Unreadable(RehearsalWish wish) => $"the wish for a rehearsal says what this version does not know, and is left alone: {wish.Text}. Use the newest version that is installed in the cluster; or, where no version wrote that, delete it: "
        + $"cibadmin --delete --xpath \"//nvpair[@id='{CibAdmin.RehearsalId}']\"";

    private static string Stale(RehearsalWish wish) => $"the wish for a rehearsal since {wish.Since} by {wish.By} is too old for any node to begin with it. Take it away: pcmk-kpatch rehearse --cancel";

    private static void Print(TextWriter to, string line) => to.WriteLine(PlainText.Of(line, LongestLine));

    private static int Refuse(string why)
    {
        Print(Console.Error, $"pcmk-kpatch: {why}");
        return 1;
    }
}
