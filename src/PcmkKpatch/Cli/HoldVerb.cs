using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Notices;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>
/// pcmk-kpatch hold [NODE] [--until TIME] [--reason TEXT] | --clear [NODE] | --list: a person keeps runs from beginning on a node, or on any. A run that has the
/// token already is not touched: that is what "abort" is for.
/// </summary>
/// <param name="host">This machine.</param>
internal sealed class HoldVerb(IHost host)
{
    // Of what a person typed, or anybody wrote who may write to the CIB.
    private const int LongestLine = 2000;

    /// <summary>Does what was asked. Returns 0 where that is done.</summary>
    public int Execute(HoldArguments asked) => asked switch
    {
        { List: true } => List(),
        { Clear: true } => Clear(asked.Node),
        _ => Lay(asked),
    };

    private static int List()
    {
        var laid = CibHolds.See();
        foreach (var hold in laid)
            Print($"{HoldStatus.Of(hold)}{(hold.Hold.InForce(DateTimeOffset.UtcNow) ? "" : " (over)")}");
        if (laid.Count == 0)
            Print("no node is held");
        return 0;
    }

    private int Lay(HoldArguments asked)
    {
        string? error = null;
        var until = asked.Until is { } typed ? HoldEnd.Parse(typed, DateTimeOffset.UtcNow, TimeZoneInfo.Local, out error) : null;
        error ??= asked.Node is { } node ? Unknown(node) : null;
        if (error is not null)
            return Refuse(error);
        var before = CibHolds.See();
        if (before.Count(h => h.Node == asked.Node) > 1)
            return Refuse($"more than one hold lies there, and it is not known which to change. Take them away: {WayOut(asked.Node)}");
        var hold = Hold.Of(asked.Node, until, asked.Reason ?? "", Caller.Name);
        CibHolds.Lay(hold);
        var after = CibHolds.See();
        foreach (var ours in after.Where(h => h.Hold == hold))
            Print($"held: {HoldStatus.Of(ours)}");
        Deed.Tell(host, Event.Held, $"held: {hold.Node ?? "every node"}{(hold.Reason.Length > 0 ? $" ({hold.Reason})" : "")}");
        foreach (var old in before.Where(h => h.Node == asked.Node && h.Hold != hold && !after.Contains(h)))
            Print($"in the place of: {HoldStatus.Of(old)}");
        TellOthers(after.Where(h => h.Hold != hold));
        Print($"No run begins there; one that has begun goes on. To take the hold away: {WayOut(asked.Node)}");
        return 0;
    }

    private int Clear(string? node)
    {
        var cleared = CibHolds.Clear(node);
        if (cleared.Count == 0 && node is not null && Unknown(node) is { } error)
            return Refuse(error);
        foreach (var hold in cleared)
            Print($"no longer held: {HoldStatus.Of(hold)}");
        if (cleared.Count > 0)
            Deed.Tell(host, Event.HoldCleared, $"no longer held: {node ?? "all nodes together"}");
        else
            Print(node is null ? "there is no hold of all nodes" : $"there is no hold of {node}");
        TellOthers(CibHolds.See());
        return 0;
    }

    private static void TellOthers(IEnumerable<LaidHold> others)
    {
        foreach (var hold in others.Where(h => h.Hold.InForce(DateTimeOffset.UtcNow)))
            Print($"also held: {HoldStatus.Of(hold)}");
    }

    // Remote and guest nodes are not patched, and so not held.
    private static string? Unknown(string node)
    {
        var names = CrmMon.Ask().Nodes.Where(n => n.IsMember).Select(n => n.Name).ToList();
        return names.Contains(node) ? null : $"no node {node} is patched in this cluster; its nodes are {string.Join(", ", names)}";
    }

    private static string WayOut(string? node) => $"pcmk-kpatch hold --clear{(node is null ? "" : $" {node}")}";

    private static void Print(string line) => Console.Out.WriteLine(PlainText.Of(line, LongestLine));

    private static int Refuse(string why)
    {
        Console.Error.WriteLine($"pcmk-kpatch: {PlainText.Of(why, LongestLine)}");
        return 1;
    }
}
