using NUnit.Framework;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Tests.Cluster;

public sealed class ForecastTests
{
    [Test]
    public void a_fail_count_that_is_cleared_in_every_graph_is_nothing_to_wait_for()
    {
        PlannedAction[] anyway = [new("clear_failcount", "", "n1"), new("monitor", "web", "n2")];
        Assert.That(Forecast.OfDrain("n1", anyway, anyway).Pending, Is.EqualTo(new[] { "monitor web on n2" }));
        Assert.That(Forecast.OfLoss("n1", anyway, anyway, anyway).Pending, Is.EqualTo(new[] { "monitor web on n2" }));
    }

    [Test]
    public void a_cluster_at_rest_with_an_empty_node_forecasts_nothing() => Assert.That(Words([], []), Is.Empty);

    [Test]
    public void what_stops_here_and_starts_there_moves() => Assert.That(Words([], [Stop("web", "a"), Start("web", "b")]), Is.EqualTo("move web a>b"));

    [Test]
    public void what_migrates_is_told_from_what_moves() => Assert.That(
        Words([], [new("migrate_to", "vm", "a"), new("migrate_from", "vm", "b"), Stop("vm", "a"), Stop("web", "a"), Start("web", "c")]), Is.EqualTo("move web a>c; migrate vm a>b"));

    [Test]
    public void what_stops_and_starts_nowhere_is_stranded_on_whichever_node() =>
        Assert.That(Words([], [Stop("web", "a"), Stop("follower", "b")]), Is.EqualTo("stranded web a; stranded follower b"));

    [Test]
    public void a_clones_instance_stops_with_its_node_and_is_stranded_on_any_other() =>
        Assert.That(Words([], [Stop("lock", "a", isClone: true), Stop("lock", "b", isClone: true)]), Is.EqualTo("stranded lock b; clone lock"));

    // In whichever order the scheduler names them.
    [Test]
    public void an_instance_that_stops_here_is_not_taken_for_one_that_is_restarted_there()
    {
        PlannedAction[] actions = [Stop("lock", "a", isClone: true), Stop("lock", "b", isClone: true), Start("lock", "b", isClone: true)];
        Assert.That(Words([], actions), Is.EqualTo("clone lock; elsewhere lock b>b"));
        Assert.That(Words([], [.. actions.Reverse()]), Is.EqualTo("clone lock; elsewhere lock b>b"));
    }

    [Test]
    public void what_moves_between_other_nodes_is_elsewhere() => Assert.That(Words([], [Stop("web", "b"), Start("web", "c")]), Is.EqualTo("elsewhere web b>c"));

    [Test]
    public void promotions_demotions_and_fences_are_named() => Assert.That(
        Words([], [new("demote", "db", "a", IsClone: true), new("promote", "db", "b", IsClone: true), new(PlannedAction.Fence, "", "c"), new(PlannedAction.Fence, "", "c")]), Is.EqualTo("promote db b; demote db a; fence c"));

    [Test]
    public void monitors_and_the_like_move_nothing() => Assert.That(Words([], [new("monitor", "web", "b"), new("cancel", "web", "a"), new("clear_failcount", "", "b")]), Is.Empty);

    [Test]
    public void our_own_agent_is_left_out() => Assert.That(Words([], [new("stop", "kpatch", "a", IsClone: true, IsOurs: true)]), Is.Empty);

    [Test]
    public void what_was_pending_anyway_is_not_laid_to_the_drain()
    {
        PlannedAction[] anyway = [Start("new", "b"), new(PlannedAction.Fence, "", "c")];
        Assert.That(Words(anyway, [.. anyway, Stop("web", "a"), Start("web", "b")]), Is.EqualTo("move web a>b; pending start new on b; pending fence c"));
    }

    [Test]
    public void after_a_loss_what_a_drain_would_have_stopped_must_start_elsewhere()
    {
        PlannedAction[] drained =
        [
            Stop("web", "a"), Start("web", "c"), Stop("vm", "a"), new("migrate_to", "vm", "a"), new("migrate_from", "vm", "b"), Stop("pinned", "a"), Stop("lock", "a", isClone: true),
            new("demote", "db", "a", IsClone: true), Stop("db", "a", isClone: true), new("promote", "db", "b", IsClone: true), Stop("other", "b"), Start("other", "b"),
        ];
        PlannedAction[] lost = [Start("web", "b"), Start("vm", "b"), new("promote", "db", "b", IsClone: true)];
        Assert.That(Words(Forecast.OfLoss("a", [], drained, lost)), Is.EqualTo("move web a>b; move vm a>b; stranded pinned a; clone lock; clone db; promote db b; demote db a"));
    }

    private static PlannedAction Stop(string resource, string node, bool isClone = false) => new("stop", resource, node, isClone);

    private static PlannedAction Start(string resource, string node, bool isClone = false) => new("start", resource, node, isClone);

    private static string Words(PlannedAction[] anyway, PlannedAction[] drained) => Words(Forecast.OfDrain("a", anyway, drained));

    private static string Words(Forecast forecast) => string.Join("; ",
    [
        .. forecast.Moves.Select(m => $"move {m.Resource} {m.From}>{m.To}"),
        .. forecast.Migrations.Select(m => $"migrate {m.Resource} {m.From}>{m.To}"),
        .. forecast.Stops.Select(s => $"stranded {s.Resource} {s.Node}"),
        .. forecast.StopsOfClones.Select(s => $"clone {s}"),
        .. forecast.Promotions.Select(p => $"promote {p.Resource} {p.Node}"),
        .. forecast.Demotions.Select(p => $"demote {p.Resource} {p.Node}"),
        .. forecast.Fences.Select(f => $"fence {f}"),
        .. forecast.Elsewhere.Select(m => $"elsewhere {m.Resource} {m.From}>{m.To}"),
        .. forecast.Pending.Select(p => $"pending {p}"),
    ]);
}
