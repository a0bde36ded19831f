using NUnit.Framework;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Tests.Gates;

public sealed class ForecastGatesTests
{
    private static readonly Forecast s_quiet = Forecast.OfDrain("a", [], []);

    private static readonly ClusterView s_view = Views.Cluster with
    {
        Resources = [Views.Resource("lock", "a"), Views.Resource("lock", "b"), Views.Resource("single", "a"), Views.Resource("db", "a", "Promoted"), Views.Resource("db", "b", "Unpromoted")],
    };

    [Test]
    public void a_drain_that_moves_what_is_there_is_let_through() => Expect([], s_quiet with
    {
        Moves = [new("web", "a", "b")],
        Migrations = [new("vm", "a", "b")],
        StopsOfClones = ["lock", "lock:0"],
        Elsewhere = [new("follower", "b", "b")],
        Demotions = [new("db", "a")],
        Promotions = [new("db", "b")],
    });

    [Test]
    public void a_drain_that_would_fence_is_refused_with_who()
    {
        var refusal = Expect(["drain.forecast-fence"], s_quiet with { Fences = ["a"] })[0];

        Assert.That(refusal.Why, Is.EqualTo("to drain a would fence a"));
    }

    [Test]
    public void a_resource_without_a_home_is_refused_by_its_name()
    {
        var refusal = Expect(["drain.stranded"], s_quiet with { Stops = [new("web", "a"), new("follower", "b")] })[0];

        Assert.That(refusal.Why, Is.EqualTo("while a is drained web would run nowhere, follower would run nowhere"));
    }

    [TestCase("web")]
    [TestCase("web:1")]
    public void one_that_may_stop_is_let_through(string resource) =>
        Assert.That(ForecastGates.JudgeDrain(s_quiet with { Stops = [new(resource, "a")] }, s_view, ["web"]), Is.Empty);

    // Whatever a clone is: where no other instance of it runs, its service is gone.
    [TestCase("single")]
    [TestCase("unknown")]
    public void the_last_instance_of_a_clone_is_stranded_like_any_resource(string clone) => Expect(["drain.stranded"], s_quiet with { StopsOfClones = [clone] });

    [Test]
    public void a_promoted_instance_needs_another_one_that_is_promoted()
    {
        var demoted = s_quiet with { Demotions = [new("db", "a")], StopsOfClones = ["db"] };
        var refusal = Expect(["drain.stranded"], demoted)[0];

        Assert.That(refusal.Why, Is.EqualTo("while a is drained db would be promoted nowhere"));
        Assert.That(ForecastGates.JudgeDrain(demoted, s_view with { Resources = [Views.Resource("db", "a", "Promoted"), Views.Resource("db", "b", "Promoted")] }, []), Is.Empty);
        Assert.That(ForecastGates.JudgeDrain(demoted, s_view, ["db"]), Is.Empty);
    }

    [Test]
    public void a_demotion_on_another_node_says_nothing_of_this_one() => Expect([], s_quiet with { Demotions = [new("db", "b")] });

    // The scheduler tells the parts of a replica one by one: what runs inside, its container, the connection to it.
    [Test]
    public void a_bundles_replica_that_stops_is_no_loss_while_another_one_serves()
    {
        ResourceView Part(string id, string agent, string on) => Views.Resource(id, on) with { Bundle = "shop", Agent = agent };
        ClusterView view = s_view with
        {
            Resources =
            [
                Part("till", "ocf:x:till", "shop-0"), Part("shop-podman-0", "ocf:x:podman", "a"), Part("shop-0", "ocf:x:remote", "a"),
                Part("till", "ocf:x:till", "shop-1"), Part("shop-podman-1", "ocf:x:podman", "b"), Part("shop-1", "ocf:x:remote", "b"),
            ],
        };
        Placed[] replica = [new("till", "shop-0"), new("shop-podman-0", "a"), new("shop-0", "a")];
        Placed[] both = [.. replica, new("till", "shop-1"), new("shop-podman-1", "b"), new("shop-1", "b")];

        Assert.That(ForecastGates.JudgeDrain(s_quiet with { Stops = replica }, view, []), Is.Empty);
        Assert.That(ForecastGates.JudgeLoss(s_quiet with { Stops = replica }, view, []), Is.Empty);
        Assert.That(ForecastGates.JudgeDrain(s_quiet with { Stops = both }, view, []).Single().Why, Is.EqualTo("while a is drained shop would run nowhere"));
        Assert.That(ForecastGates.JudgeDrain(s_quiet with { Stops = both }, view, ["shop"]), Is.Empty);
        Assert.That(
            ForecastGates.JudgeDrain(s_quiet with { Stops = replica }, view with { Resources = [.. view.Resources.Where(r => r.Id != "till" || r.Nodes[0] == "shop-0")] }, []).Single().Why,
            Is.EqualTo("while a is drained shop would run nowhere"), "a container alone serves nobody");
    }

    [Test]
    public void a_cluster_that_is_not_at_rest_is_refused_with_what_it_has_to_do()
    {
        var refusal = Expect(["drain.forecast-unsettled"], s_quiet with { Pending = [.. Enumerable.Range(1, 6).Select(i => $"start r{i} on b")] })[0];

        Assert.That(refusal.Why, Is.EqualTo("the cluster has something to do before any drain: start r1 on b, start r2 on b, start r3 on b, start r4 on b …"));
    }

    [Test]
    public void everything_that_speaks_against_it_is_said() =>
        Expect(["drain.forecast-unsettled", "drain.forecast-fence", "drain.stranded"], s_quiet with { Pending = ["fence c"], Fences = ["b"], Stops = [new("web", "a")] });

    [Test]
    public void a_node_whose_loss_everything_survives_is_let_through() =>
        Assert.That(ForecastGates.JudgeLoss(s_quiet with { Moves = [new("web", "a", "b")], StopsOfClones = ["lock"] }, s_view, []), Is.Empty);

    [Test]
    public void a_node_whose_loss_would_leave_a_resource_without_a_home_is_refused()
    {
        var refusal = ForecastGates.JudgeLoss(s_quiet with { Stops = [new("web", "a")] }, s_view, []).Single();

        Assert.That((refusal.Id, refusal.Why), Is.EqualTo(("survivable.stranded", "if a died now web would run nowhere")));
    }

    [Test]
    public void no_forecast_is_a_refusal_with_the_tools_words()
    {
        var refusal = ForecastGates.Unknown(new ToolFailedException("crm_simulate --quiet", 70, "sorry"));

        Assert.That((refusal.Id, refusal.Why), Is.EqualTo(("drain.forecast-unknown", "what a drain would do cannot be told: crm_simulate --quiet: exit code 70: sorry")));
    }

    private static List<Refusal> Expect(string[] ids, Forecast forecast)
    {
        var refusals = ForecastGates.JudgeDrain(forecast, s_view, []).ToList();
        Assert.That(refusals.Select(r => r.Id), Is.EqualTo(ids));
        return refusals;
    }
}
