namespace PcmkKpatch.Core.Cluster;

/// <summary>A resource that leaves a node and is active on another one afterwards; on the same one where it is restarted.</summary>
/// <param name="Resource">The resource's id.</param>
/// <param name="From">The node where it stops.</param>
/// <param name="To">The node where it starts.</param>
public sealed record Move(string Resource, string From, string To);

/// <summary>A resource and a node.</summary>
/// <param name="Resource">The resource's id.</param>
/// <param name="Node">The node.</param>
public sealed record Placed(string Resource, string Node);

/// <summary>
/// What the scheduler would do about a node that is drained, or lost. This program's own agent, which has nothing to
/// serve elsewhere where it stops on a drained node, is left out.
/// </summary>
public sealed record Forecast
{
    /// <summary>The node that is drained, or lost.</summary>
    public required string Node { get; init; }

    /// <summary>What stops on the node and starts on another one.</summary>
    public required IReadOnlyList<Move> Moves { get; init; }

    /// <summary>What migrates from the node to another one without a stop.</summary>
    public required IReadOnlyList<Move> Migrations { get; init; }

    /// <summary>What would stop, and start nowhere: it is stranded. Also on other nodes, where something there needs what stops here.</summary>
    public required IReadOnlyList<Placed> Stops { get; init; }

    /// <summary>The clones whose instance on the node stops without another one starting: what a drain does to every clone.</summary>
    public required IReadOnlyList<string> StopsOfClones { get; init; }

    /// <summary>What would be promoted, and where.</summary>
    public required IReadOnlyList<Placed> Promotions { get; init; }

    /// <summary>What would be demoted, and where.</summary>
    public required IReadOnlyList<Placed> Demotions { get; init; }

    /// <summary>The nodes that would be fenced.</summary>
    public required IReadOnlyList<string> Fences { get; init; }

    /// <summary>What would be restarted on another node, or moved between other nodes, because of it.</summary>
    public required IReadOnlyList<Move> Elsewhere { get; init; }

    /// <summary>
    /// What the scheduler would do anyway, in words; nothing in a cluster at rest. Nothing of it is in the other lists. Where there is any the
    /// forecast is of little worth: what runs where is about to change.
    /// </summary>
    public required IReadOnlyList<string> Pending { get; init; }

    /// <summary>The forecast of a drain.</summary>
    /// <param name="node">The node.</param>
    /// <param name="anyway">What is planned without the drain.</param>
    /// <param name="drained">What is planned with the node drained.</param>
    public static Forecast OfDrain(string node, IReadOnlyList<PlannedAction> anyway, IReadOnlyList<PlannedAction> drained)
    {
        var because = drained.Except(anyway).ToList();
        var starts = because.Where(a => a.Operation is "start" or "migrate_from").ToList();
        var moves = new List<(Move Move, bool Live)>();
        var stranded = new List<PlannedAction>();
        // Restarts first: an instance that stops for good must not be taken for the one that starts again on another node.
        foreach (var stop in because.Where(a => a is { Operation: "stop", IsOurs: false }).OrderByDescending(stop => starts.Any(start => IsRestart(stop, start))))
        {
            if ((starts.Find(start => IsRestart(stop, start)) ?? starts.Find(start => start.Resource == stop.Resource)) is { } start)
            {
                starts.Remove(start);
                moves.Add((new Move(stop.Resource, stop.Node, start.Node), start.Operation == "migrate_from"));
            }
            else
            {
                stranded.Add(stop);
            }
        }

        return new Forecast
        {
            Node = node,
            Moves = [.. moves.Where(m => IsFrom(m.Move, node) && !m.Live).Select(m => m.Move)],
            Migrations = [.. moves.Where(m => IsFrom(m.Move, node) && m.Live).Select(m => m.Move)],
            Stops = [.. stranded.Where(s => !IsInstanceOn(s, node)).Select(s => new Placed(s.Resource, s.Node))],
            StopsOfClones = [.. stranded.Where(s => IsInstanceOn(s, node)).Select(s => s.Resource)],
            Promotions = Of("promote", because),
            Demotions = Of("demote", because),
            Fences = [.. because.Where(a => a.Operation == PlannedAction.Fence).Select(a => a.Node).Distinct()],
            Elsewhere = [.. moves.Where(m => !IsFrom(m.Move, node)).Select(m => m.Move)],
            Pending = Still(anyway),
        };
    }

    /// <summary>
    /// The forecast of a node's loss. The scheduler stops nothing on a node that is gone; what was active there is what a drain would stop.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="anyway">What is planned now.</param>
    /// <param name="drained">What would be planned with the node in standby.</param>
    /// <param name="lost">What is planned with the node gone, after its fencing.</param>
    public static Forecast OfLoss(string node, IReadOnlyList<PlannedAction> anyway, IReadOnlyList<PlannedAction> drained, IReadOnlyList<PlannedAction> lost) =>
        OfDrain(node, anyway, [.. drained.Where(a => a.Node == node && (a.Operation is "stop" or "demote")), .. lost]);

    private static bool IsRestart(PlannedAction stop, PlannedAction start) => start.Resource == stop.Resource && start.Node == stop.Node;

    private static bool IsFrom(Move move, string node) => move.From == node && move.To != node;

    private static bool IsInstanceOn(PlannedAction stop, string node) => stop.IsClone && stop.Node == node;

    private static Placed[] Of(string operation, IEnumerable<PlannedAction> actions) =>
        [.. actions.Where(a => a.Operation == operation).Select(a => new Placed(a.Resource, a.Node))];

    // A fail count that a changed parameter has made void is cleared in every graph, as long as the failed operation is in the history: a cluster at rest plans
    // that, too, and nothing moves by it (seen with 2.1.5).
    private static IReadOnlyList<string> Still(IReadOnlyList<PlannedAction> anyway) => [.. anyway.Where(a => a.Operation != "clear_failcount").Select(a => a.ToString())];
}
