using NUnit.Framework;
using PcmkKpatch.Core.Watch;

namespace PcmkKpatch.Tests.Watch;

public sealed class WatchScreenTests
{
    private static readonly WatchView s_rollout = new()
    {
        At = new DateTimeOffset(2026, 11, 27, 5, 30, 12, TimeSpan.Zero),
        Head =
        [
            new("Rollout", "node3 is being patched since 2026-11-27T05:29:30Z"),
            new("Cluster", "DC node2, quorum"),
            new("Token", "held by node3 since 2026-11-27T05:29:30Z (run 6be1a2a1f2b4)"),
            new("Expected", "1 of 3 nodes done; the end is expected at 05:34 UTC, in 4 min, by earlier runs") { Passing = true },
        ],
        Nodes =
        [
            new("node1", true, "online", "none", "waiting for node3, which has the token since 2026-11-27T05:29:30Z", null, Tone.Plain),
            new("node2", false, "online", "kpatch_5_14_0_362_8_1_1_3", "patched", null, Tone.Good),
            new("node3", false, "standby", "none", "drain", "3 resources still active", Tone.Busy),
        ],
    };

    [Test]
    public void a_rollout_on_eighty_columns() => Assert.That(Screen(s_rollout, 80, 24), Is.EqualTo(
        """
        Rollout  node3 is being patched since 2026-11-27T05:29:30Z
        Cluster  DC node2, quorum
        Token    held by node3 since 2026-11-27T05:29:30Z (run 6be1a2a1f2b4)
        Expected 1 of 3 nodes done; the end is expected at 05:34 UTC, in 4 min, by earl…

          NODE   CLUSTER    PATCH IN FORCE             STATE
        * node1  online     none                       waiting for node3, which has the…
          node2  online     kpatch_5_14_0_362_8_1_1_3  patched
          node3  standby    none                       drain: 3 resources still active

        seen 2026-11-27 05:30:12 UTC. Ctrl-C ends this, and not the rollout.
        """));

    [Test]
    public void on_forty_columns_what_a_node_does_is_left() => Assert.That(Screen(s_rollout, 40, 24), Is.EqualTo(
        """
        Rollout  node3 is being patched since 2…
        Cluster  DC node2, quorum
        Token    held by node3 since 2026-11-27…
        Expected 1 of 3 nodes done; the end is …

          NODE   STATE
        * node1  waiting for node3, which has t…
          node2  patched
          node3  drain: 3 resources still active

        seen 2026-11-27 05:30:12 UTC. Ctrl-C en…
        """));

    [Test]
    public void a_look_that_failed_says_so_and_what_was_seen_before_stays() => Assert.That(Screen(s_rollout with { Problem = "crm_mon -1: no answer in 30 s" }, 80, 24), Does.EndWith(
        "  node3  standby    none                       drain: 3 resources still active\n\nseen 2026-11-27 05:30:12 UTC. Not seen since: crm_mon -1: no answer in 30 s"));

    [Test]
    public void of_thirty_two_nodes_those_come_first_that_are_at_work_or_need_a_person()
    {
        var nodes = Enumerable.Range(1, 32).Select(i => new WatchedNode($"node{i:00}", i == 1, "online", "kpatch_1_1", "patched", null, Tone.Good)).ToArray();
        nodes[19] = nodes[19] with { State = "needs attention: look", Tone = Tone.Bad };
        nodes[30] = nodes[30] with { State = "soak", Progress = "12 s left", Tone = Tone.Busy };

        Assert.That(Screen(s_rollout with { Head = [s_rollout.Head[0]], Nodes = nodes }, 60, 12), Is.EqualTo(
            """
            Rollout  node3 is being patched since 2026-11-27T05:29:30Z

              NODE    CLUSTER    PATCH IN FORCE  STATE
            * node01  online     kpatch_1_1      patched
              node02  online     kpatch_1_1      patched
              node03  online     kpatch_1_1      patched
              node04  online     kpatch_1_1      patched
              node20  online     kpatch_1_1      needs attention: look
              node31  online     kpatch_1_1      soak: 12 s left
              … and 26 more: 26 patched

            seen 2026-11-27 05:30:12 UTC. Ctrl-C ends this, and not the…
            """));
        Assert.That(Lines(s_rollout with { Nodes = nodes }, 80, 60), Has.Count.EqualTo(4 + 1 + 1 + 32 + 2));
    }

    [Test]
    public void no_line_is_wider_and_the_screen_no_higher_than_the_terminal([Values(1, 2, 5, 20, 59, 60, 80, 200)] int width, [Values(1, 2, 3, 5, 10, 50)] int height)
    {
        var nodes = Enumerable.Range(1, 32).Select(i => new WatchedNode(new string((char)('a' + (i % 26)), 5 * i), i == 2, "online", "漢字かな交じり文" + new string('x', i), "waiting: 日本語", null, Tone.Busy)).ToArray();
        var lines = Lines(s_rollout with { Nodes = nodes }, width, height);

        Assert.That(lines, Has.Count.LessThanOrEqualTo(height));
        // Here no character but those that are wide takes anything but one column.
        Assert.That(lines.Select(l => l.Sum(c => c >= 0x3000 ? 2 : 1)), Is.All.LessThanOrEqualTo(width));
    }

    [Test]
    public void what_others_wrote_moves_no_cursor()
    {
        var view = s_rollout with
        {
            Head = [new("Rollout", "\e[2J\e]0;pwned\a gone\r\n")],
            Nodes = [new("no\u202ede\b\b", false, "online", "\u009b31m", "dra\tin\u0000", "\e[1A", Tone.Busy)],
            Problem = "\e[3J",
        };

        foreach (var line in Lines(view, 80, 24))
            Assert.That(line, Does.Not.Match("[\u0000-\u001f\u007f-\u009f\u202e]"));
        Assert.That(string.Join("", WatchLines.Between(null, view)), Does.Not.Match("[\u0000-\u001f\u007f-\u009f\u202e]"));
    }

    [Test]
    public void colours_are_around_whole_lines_and_never_count()
    {
        var view = s_rollout with { Head = [new("To do", new string('x', 100), Tone.Bad)] };
        var (plain, coloured) = (WatchScreen.Of(view, 80, 24, colour: false), WatchScreen.Of(view, 80, 24, colour: true));

        Assert.That(plain, Has.None.Contains("\e"));
        Assert.That(coloured.Select(l => System.Text.RegularExpressions.Regex.Replace(l, "^\e\\[3[123]m(.*)\e\\[0m$", "$1")), Is.EqualTo(plain));
        Assert.That(coloured[0], Does.StartWith("\e[31mTo do").And.EndWith("…\e[0m"));
        Assert.That(coloured.Count(l => l.StartsWith("\e[32m", StringComparison.Ordinal)), Is.EqualTo(1), "node2 is patched");
    }

    private static string Screen(WatchView view, int width, int height) => string.Join('\n', Lines(view, width, height));

    private static IReadOnlyList<string> Lines(WatchView view, int width, int height) => WatchScreen.Of(view, width, height, colour: false);
}
