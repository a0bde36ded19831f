using NUnit.Framework;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Gates;

public sealed class RiskGatesTests
{
    private static readonly Moment s_now = new(new DateTimeOffset(2026, 3, 1, 22, 0, 0, TimeSpan.Zero), TimeSpan.Zero);
    private static readonly ClusterView s_view = Views.Cluster with { Resources = [Views.Resource("web", "a")] };
    private static readonly Forecast s_moves = Forecast.OfDrain("a", [], [new("stop", "web", "a"), new("start", "web", "b")]);
    private static readonly Forecast s_strands = Forecast.OfDrain("a", [], [new("stop", "web", "a")]);

    // Of each family one complaint, in the order in which they are judged.
    private static readonly Told s_bad = new()
    {
        Fenced = new FencingView { Node = "a", Enabled = false, Devices = [], Watchdog = false, History = [] },
        Counted = new VotesView { Total = 2, Quorum = 2, Own = 1 },
        Drained = s_strands,
        Lost = s_strands,
        Left = [new LeftOver("cli-ban-web-on-a", "web", "a", null)],
        Failed = [new FailCount("web", "b", 3, 3)],
    };

    private static readonly string[] s_complaints = ["fencing.disabled", "survivable.quorum", "drain.stranded", "survivable.stranded", "drain.leftover-constraint", "drain.failcount"];

    [Test]
    public void a_node_that_can_be_spared_is_let_through() => Assert.That(Judge(new Told()), Is.Empty);

    [Test]
    public void whatever_speaks_against_it_is_said() => Assert.That(Ids(s_bad), Is.EqualTo(s_complaints));

    [Test]
    public void it_is_the_node_itself_that_is_asked_about()
    {
        var foresight = new Told();
        Judge(foresight);

        Assert.That(foresight.Asked, Is.EqualTo((string[])["a", "a by Standby", "a"]));
    }

    [TestCase(nameof(IForesight.Fencing), "it cannot be told: crm_mon: exit code 102: sorry (fencing.unknown)")]
    [TestCase(nameof(IForesight.Votes), "it cannot be told: crm_mon: exit code 102: sorry (survivable.unknown)")]
    [TestCase(nameof(IForesight.Drain), "what a drain would do cannot be told: crm_mon: exit code 102: sorry (drain.forecast-unknown)")]
    [TestCase(nameof(IForesight.Loss), "it cannot be told: crm_mon: exit code 102: sorry (survivable.unknown)")]
    [TestCase(nameof(IForesight.LeftOvers), "it cannot be told: crm_mon: exit code 102: sorry (drain.unknown)")]
    [TestCase(nameof(IForesight.FailCounts), "it cannot be told: crm_mon: exit code 102: sorry (drain.unknown)")]
    public void what_cannot_be_told_is_refused_as_that(string silent, string said)
    {
        var refusal = Judge(new Told { Silent = silent }).Single();

        Assert.That(refusal.ToString(), Is.EqualTo(said));
        Assert.That(refusal.Remedy, Does.StartWith("see "));
        Assert.That(refusal.NeedsPerson, Is.False, "a tool that fails may answer again");
    }

    [TestCase(nameof(IForesight.Fencing), "fencing.unknown", "fencing.disabled")]
    [TestCase(nameof(IForesight.Votes), "survivable.unknown", "survivable.quorum")]
    [TestCase(nameof(IForesight.Drain), "drain.forecast-unknown", "drain.stranded")]
    [TestCase(nameof(IForesight.Loss), "survivable.unknown", "survivable.stranded")]
    [TestCase(nameof(IForesight.LeftOvers), "drain.unknown", "drain.leftover-constraint", "drain.failcount")]
    [TestCase(nameof(IForesight.FailCounts), "drain.unknown", "drain.leftover-constraint", "drain.failcount")]
    public void and_all_else_is_judged_still(string silent, string unknown, params string[] untold) =>
        Assert.That(Ids(s_bad with { Silent = silent }), Is.EquivalentTo(s_complaints.Except(untold).Append(unknown)));

    [Test]
    public void where_nothing_can_be_told_everything_is_refused()
    {
        string[] unknown = ["fencing.unknown", "survivable.unknown", "drain.forecast-unknown", "survivable.unknown", "drain.unknown"];

        Assert.That(Ids(new Told { Silent = "*" }), Is.EqualTo(unknown));
    }

    [Test]
    public void where_nothing_is_drained_nothing_of_a_drain_is_asked()
    {
        var foresight = s_bad with { Asked = [] };

        Assert.That(Ids(foresight, mode: DrainMode.None), Is.EqualTo((string[])["fencing.disabled", "survivable.quorum", "survivable.stranded"]));
        Assert.That(foresight.Asked, Is.EqualTo((string[])["a", "a"]));
        Assert.That(Ids(new Told { Silent = "*" }, mode: DrainMode.None), Is.EqualTo((string[])["fencing.unknown", "survivable.unknown", "survivable.unknown"]));
    }

    [Test]
    public void where_a_reboot_may_follow_a_load_without_a_drain_all_of_a_drain_is_asked_for_the_reboot_stops_as_much()
    {
        var (foresight, policy) = (s_bad with { Asked = [] }, Parameters.Defaults with { Rollback = Rollback.Reboot });

        Assert.That(Ids(foresight, policy, DrainMode.None), Is.EqualTo(s_complaints));
        Assert.That(foresight.Asked, Is.EqualTo((string[])["a", "a by Standby", "a"]));
    }

    [Test]
    public void how_everything_is_stopped([Values] DrainMode mode, [Values] Rollback rollback) =>
        Assert.That(RiskGates.Stops(Parameters.Defaults with { Rollback = rollback }, mode), mode != DrainMode.None ? Is.EqualTo(mode) : rollback == Rollback.Reboot ? Is.EqualTo(DrainMode.Standby) : Is.Null);

    [Test]
    public void a_drain_by_health_is_forecast_as_such_and_wants_a_cluster_that_does_it()
    {
        var foresight = new Told();
        Assert.That(Ids(foresight, mode: DrainMode.Health), Is.Empty);
        Assert.That(foresight.Asked, Is.EqualTo((string[])["a", "a by Health", "a"]));

        Assert.That(Ids(foresight with { Rules = foresight.Rules with { Strategy = "none" } }, mode: DrainMode.Health), Is.EqualTo((string[])["drain.health-strategy"]));
        Assert.That(Ids(new Told { Silent = nameof(IForesight.HealthRules) }, mode: DrainMode.Health), Is.EqualTo((string[])["drain.health-unknown"]));
        Assert.That(Ids(foresight with { Rules = foresight.Rules with { Strategy = "none" } }), Is.Empty, "what does not matter in a standby");
    }

    [Test]
    public void an_answer_without_content_is_none()
    {
        var nothing = new FencingView { Node = "a", Enabled = null, Devices = null, Watchdog = null, History = null };

        Assert.That(Ids(new Told { Fenced = nothing }).Distinct(), Is.EqualTo((string[])["fencing.unknown"]));
        Assert.That(Ids(new Told { Counted = new VotesView { Total = 0, Quorum = 0, Own = 0 } }), Is.EqualTo((string[])["survivable.unknown"]));
    }

    [Test]
    public void a_cluster_with_something_to_do_is_no_cluster_to_forecast_for() =>
        Assert.That(Ids(new Told { Drained = Forecast.OfDrain("a", [new("start", "db", "b")], []) }), Is.EqualTo((string[])["drain.forecast-unsettled"]));

    [Test]
    public void what_is_active_there_must_be_able_to_move()
    {
        var stuck = s_view with { Resources = [Views.Resource("web", "a") with { Managed = false }] };

        Assert.That(RiskGates.Judge("a", new Told(), stuck, Parameters.Defaults, DrainMode.Standby, s_now).Select(r => r.Id), Is.EqualTo((string[])["drain.unmanaged"]));
    }

    [TestCase("web")]
    [TestCase("db, web")]
    [TestCase("*")]
    public void what_may_be_without_a_home_is_the_administrators_word(string allowed)
    {
        var policy = Parameters.Defaults with { AllowStranded = allowed };

        Assert.That(Ids(new Told { Drained = s_strands, Lost = s_strands }, policy), Is.Empty);
        Assert.That(Ids(new Told { Drained = s_strands, Lost = s_strands }, policy with { AllowStranded = "db" }), Is.EqualTo((string[])["drain.stranded", "survivable.stranded"]));
    }

    [TestCase(5, true)]
    [TestCase(10, false)]
    public void the_quiet_after_a_fence_is_the_administrators_word(int minutesAgo, bool refused)
    {
        var told = new Told();
        told = told with { Fenced = told.Fenced with { History = [new FenceEvent(FenceResult.Succeeded, "b", "reboot", s_now.Wall.AddMinutes(-minutesAgo))] } };

        Assert.That(Ids(told), refused ? Is.EqualTo((string[])["fencing.recent"]) : Is.Empty);
        Assert.That(Ids(told, Parameters.Defaults with { FenceQuiet = TimeSpan.Zero }), Is.Empty);
    }

    [Test]
    public void each_weighs_what_the_administrator_lets_it_weigh()
    {
        var levels = GateLevels.Parse("fencing.disabled=warn, survivable.quorum=off, drain.failcount=refuse", out _)!;
        var risks = Judge(s_bad).ToLookup(levels.Of, r => r.Id);

        Assert.That(risks[GateLevel.Refuse], Is.EqualTo((string[])["drain.stranded", "survivable.stranded", "drain.failcount"]));
        Assert.That(risks[GateLevel.Warn], Is.EqualTo((string[])["fencing.disabled", "drain.leftover-constraint"]));
        Assert.That(risks[GateLevel.Off], Is.EqualTo((string[])["survivable.quorum"]));
    }

    [Test]
    public void who_lets_a_gate_warn_is_refused_still_where_it_cannot_be_told()
    {
        var levels = GateLevels.Parse("fencing.disabled=off, drain.failcount=off, survivable.stranded=off", out _)!;

        Assert.That(Judge(new Told { Silent = "*" }).Select(levels.Of), Is.All.EqualTo(GateLevel.Refuse));
    }

    private static List<Refusal> Judge(Told foresight, Policy? policy = null, DrainMode mode = DrainMode.Standby) =>
        [.. RiskGates.Judge("a", foresight, s_view, policy ?? Parameters.Defaults, mode, s_now)];

    private static string[] Ids(Told foresight, Policy? policy = null, DrainMode mode = DrainMode.Standby) => [.. Judge(foresight, policy, mode).Select(r => r.Id)];

    /// <summary>Tells what it was given, by itself that all is well; of one call, or of all ("*"), that its tool failed.</summary>
    private sealed record Told : IForesight
    {
        public string Silent { get; init; } = "";

        public List<string> Asked { get; init; } = [];

        public FencingView Fenced { get; init; } = new() { Node = "a", Enabled = true, Devices = [new("ipmi", CanFence: true, Works: true)], Watchdog = false, History = [] };

        public VotesView Counted { get; init; } = new() { Total = 3, Quorum = 2, Own = 1 };

        public Forecast Drained { get; init; } = s_moves;

        public Forecast Lost { get; init; } = s_moves;

        public IReadOnlyList<LeftOver> Left { get; init; } = [];

        public IReadOnlyList<FailCount> Failed { get; init; } = [];

        public FencingView Fencing(string node) => Answer(nameof(Fencing), Fenced, node);

        public VotesView Votes() => Answer(nameof(Votes), Counted);

        public HealthRules Rules { get; init; } = new() { FeatureSet = "3.16.2", Strategy = "migrate-on-red", Staying = [] };

        public Forecast Drain(string node, DrainMode mode) => Answer(nameof(Drain), Drained, $"{node} by {mode}");

        public HealthRules HealthRules() => Answer(nameof(HealthRules), Rules);

        public Forecast Loss(string node) => Answer(nameof(Loss), Lost, node);

        public IReadOnlyList<LeftOver> LeftOvers() => Answer(nameof(LeftOvers), Left);

        public IReadOnlyList<LockUser> LockUsers() => Answer<IReadOnlyList<LockUser>>(nameof(LockUsers), []);

        public IReadOnlyList<FailCount> FailCounts() => Answer(nameof(FailCounts), Failed);

        public LossTimes LossTimes(string node) => throw new AssertionException(nameof(LossTimes));

        private T Answer<T>(string call, T answer, string? node = null)
        {
            if (node is not null)
                Asked.Add(node);
            return Silent == call || Silent == "*" ? throw new ToolFailedException("crm_mon", 102, "sorry") : answer;
        }
    }
}
