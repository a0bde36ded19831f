using NUnit.Framework;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Tests.Gates;

public sealed class MovableGatesTests
{
    private static readonly Moment s_now = new(new DateTimeOffset(2026, 3, 1, 22, 0, 0, TimeSpan.Zero), TimeSpan.Zero);
    private static readonly ResourceView s_web = Views.Resource("web", "a");

    [Test]
    public void what_is_managed_and_well_may_be_moved() => Expect([], s_web);

    [Test]
    public void what_is_blocked_unmanaged_or_orphaned_is_refused_by_its_one_reason()
    {
        Expect(["drain.blocked"], s_web with { Blocked = true, Managed = false });
        Expect(["drain.orphaned"], s_web with { Orphaned = true, Managed = false });
        Expect(["drain.unmanaged"], s_web with { Managed = false });
    }

    [Test]
    public void instances_are_named_once() => Expect(["drain.unmanaged"], s_web with { Managed = false }, s_web with { Managed = false });

    [Test]
    public void what_is_elsewhere_or_stopped_does_not_matter() =>
        Expect([], Views.Resource("web", "b") with { Managed = false }, Views.Resource("db", null) with { Managed = false, Blocked = true });

    // The second is how Pacemaker 2.0 writes it.
    [TestCase("ocf:pcmk:kpatch", false)]
    [TestCase("ocf::pcmk:kpatch", false)]
    [TestCase("ocf:heartbeat:kpatch", true)]
    [TestCase("", true)]
    public void our_own_agent_alone_may_be_unmanaged(string agent, bool refused) => Expect(refused ? ["drain.unmanaged"] : [], s_web with { Managed = false, Agent = agent });

    [Test]
    public void it_is_judged_of_the_node_that_is_asked_about() =>
        Assert.That(MovableGates.Judge("b", Views.Cluster with { Resources = [s_web with { Managed = false }, Views.Resource("db", "b") with { Managed = false }] }, [], [], s_now).Single().Why, Does.StartWith("db "));

    [TestCase("cli-ban-db-on-a", "db", "a", "drain.leftover-constraint", Description = "it could not come back")]
    [TestCase("cli-prefer-db", "db", "a", "drain.leftover-constraint", Description = "it would come back")]
    [TestCase("cli-prefer-web", "web", "b", "drain.leftover-constraint", Description = "it would not come back")]
    [TestCase("cli-ban-db-on-a", "db", "", "drain.leftover-constraint", Description = "it may name any node")]
    [TestCase("cli-ban-web-on-b", "web", "b", null)]
    [TestCase("cli-prefer-db", "db", "b", null)]
    public void a_constraint_that_a_move_left_behind_is_refused_where_it_matters_here(string id, string resource, string node, string? refusal) =>
        Assert.That(Judge([new LeftOver(id, resource, node, null)], []), Is.EqualTo(refusal is null ? [] : (string[])[refusal]));

    [TestCase(-1, false)]
    [TestCase(0, false)]
    [TestCase(1, true)]
    public void one_that_has_ended_by_itself_is_not_there(int seconds, bool refused) =>
        Assert.That(Judge([new LeftOver("cli-ban-web-on-a", "web", "a", s_now.Wall.AddSeconds(seconds))], []), refused ? Is.Not.Empty : Is.Empty);

    [TestCase("b", 3, 3, true)]
    [TestCase("b", 1_000_000, 1_000_000, true)]
    [TestCase("b", 2, 3, false)]
    [TestCase("b", 9, 0, false)]
    [TestCase("a", 3, 3, false)]
    public void what_failed_too_often_on_another_node_is_refused(string node, int count, int threshold, bool refused) =>
        Assert.That(Judge([], [new FailCount("web", node, count, threshold)]), refused ? Is.EqualTo((string[])["drain.failcount"]) : Is.Empty);

    [Test]
    public void failures_of_what_does_not_run_here_do_not_matter() => Assert.That(Judge([], [new FailCount("db", "b", 3, 3)]), Is.Empty);

    private static string[] Judge(LeftOver[] leftOvers, FailCount[] failCounts) =>
        [.. MovableGates.Judge("a", Views.Cluster with { Resources = [s_web] }, leftOvers, failCounts, s_now).Select(r => r.Id)];

    private static void Expect(string[] ids, params ResourceView[] resources) =>
        Assert.That(MovableGates.Judge("a", Views.Cluster with { Resources = resources }, [], [], s_now).Select(r => r.Id), Is.EqualTo(ids));
}
