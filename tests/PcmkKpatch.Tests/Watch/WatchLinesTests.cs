using NUnit.Framework;
using PcmkKpatch.Core.Watch;

namespace PcmkKpatch.Tests.Watch;

public sealed class WatchLinesTests
{
    private static readonly WatchView s_before = new()
    {
        At = new DateTimeOffset(2026, 11, 27, 5, 30, 12, TimeSpan.Zero),
        Head = [new("Token", "free"), new("Held", "node2"), new("Expected", "soon") { Passing = true }],
        Nodes = [new("node1", true, "online", "none", "due", null, Tone.Plain), new("node2", false, "online", "none", "due", null, Tone.Plain)],
    };

    [Test]
    public void at_first_all_is_told() => Assert.That(WatchLines.Between(null, s_before), Is.EqualTo((string[])
    [
        "2026-11-27T05:30:12Z Token: free",
        "2026-11-27T05:30:12Z Held: node2",
        "2026-11-27T05:30:12Z node1: online, none in force, due",
        "2026-11-27T05:30:12Z node2: online, none in force, due",
    ]));

    [Test]
    public void what_is_as_it_was_is_not_told_again_nor_is_progress_or_what_is_expected() => Assert.That(
        WatchLines.Between(s_before, s_before with { At = s_before.At.AddSeconds(2), Head = [.. s_before.Head.Take(2), new("Expected", "later") { Passing = true }], Nodes = [s_before.Nodes[0] with { Progress = "3 tasks to cross over" }, s_before.Nodes[1]] }),
        Is.Empty);

    [Test]
    public void what_is_new_what_is_another_one_and_what_is_gone() => Assert.That(
        WatchLines.Between(s_before, s_before with
        {
            Head = [new("Token", "held by node1"), new("Expected", "soon") { Passing = true }],
            Nodes = [s_before.Nodes[0] with { Cluster = "standby", State = "drain" }, new("node3", false, "online", "none", "idle", null, Tone.Plain)],
        }),
        Is.EqualTo((string[])
        [
            "2026-11-27T05:30:12Z Token: held by node1",
            "2026-11-27T05:30:12Z Held: no more",
            "2026-11-27T05:30:12Z node1: standby, none in force, drain",
            "2026-11-27T05:30:12Z node3: online, none in force, idle",
            "2026-11-27T05:30:12Z node2: no node of this cluster any more",
        ]));

    [Test]
    public void a_look_that_fails_is_told_once_and_so_is_the_first_that_does_not()
    {
        var failed = s_before with { Problem = "crm_mon -1: not connected" };

        Assert.That(WatchLines.Between(s_before, failed), Is.EqualTo((string[])["2026-11-27T05:30:12Z not seen: crm_mon -1: not connected"]));
        Assert.That(WatchLines.Between(failed, failed), Is.Empty);
        Assert.That(WatchLines.Between(failed, s_before), Is.EqualTo((string[])["2026-11-27T05:30:12Z seen again"]));
    }
}
