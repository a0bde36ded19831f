using NUnit.Framework;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Readiness;

namespace PcmkKpatch.Tests.Readiness;

public sealed class ClusterReadinessTests
{
    private static readonly VotesView s_votes = new() { Total = 3, Quorum = 2, Own = 1 };

    private static readonly ClusterDesign s_well = new()
    {
        Config = Config(),
        Votes = Fact.Known(s_votes),
        Token = Fact.Known(TimeSpan.FromSeconds(3)),
        Watchdog = Fact.Unknown<TimeSpan>("there is no sbd"),
        ClockIsInStep = Fact.Known(true),
    };

    [Test]
    public void where_all_is_well_nothing_is_said() => Assert.That(ClusterReadiness.Judge(s_well), Is.Empty);

    [TestCase(2999, true)]
    [TestCase(3000, false)]
    [TestCase(10000, false)]
    public void a_token_that_is_too_short_for_a_load_is_told(int milliseconds, bool told) =>
        Assert.That(ClusterReadiness.Judge(s_well with { Token = Fact.Known(TimeSpan.FromMilliseconds(milliseconds)) }).Ids(), Is.EqualTo(told ? ["warning corosync.token"] : (string[])[]));

    // sbd's time, corosync's, how long the cluster waits.
    [TestCase(5, 3, "", null)]
    [TestCase(5, 3, "0", null)]
    [TestCase(5, 3, "10", null)]
    [TestCase(5, 3, "10s", null)]
    [TestCase(5, 3, "-1", null)]
    [TestCase(5, 3, "9s", "error sbd.stonith-watchdog-timeout")]
    [TestCase(5, 3, "soon", "warning sbd.unknown")]
    [TestCase(4, 3, "10", "warning sbd.watchdog")]
    [TestCase(10, 10, "20", "warning sbd.watchdog")]
    public void the_watchdogs_times_must_fit_each_other(int watchdog, int token, string waits, string? said)
    {
        (string, string)[] properties = [("have-watchdog", "true"), .. waits.Length > 0 ? [("stonith-watchdog-timeout", waits)] : ((string, string)[])[]];
        var findings = ClusterReadiness.Judge(s_well with { Config = Config(properties), Token = Seconds(token), Watchdog = Seconds(watchdog) }).ToList();

        Assert.That(findings.Ids(), Is.EqualTo(said is null ? [] : (string[])[said]));
    }

    [Test]
    public void and_the_commands_say_how()
    {
        var design = s_well with { Config = Config(("have-watchdog", "true"), ("stonith-watchdog-timeout", "12")), Token = Seconds(10), Watchdog = Seconds(8) };
        var findings = ClusterReadiness.Judge(design).ToList();

        Assert.That(findings.The("sbd.watchdog").Command, Is.EqualTo("pcs stonith sbd enable SBD_WATCHDOG_TIMEOUT=12"));
        Assert.That(findings.The("sbd.stonith-watchdog-timeout").Command, Is.EqualTo("pcs property set stonith-watchdog-timeout=16"));
    }

    [Test]
    public void a_watchdog_whose_time_is_not_known_is_told_only_where_there_is_one()
    {
        Assert.That(ClusterReadiness.Judge(s_well with { Config = Config(("have-watchdog", "true")) }).Ids(), Is.EqualTo((string[])["warning sbd.unknown"]));
        Assert.That(ClusterReadiness.Judge(s_well with { Config = Config(("have-watchdog", "false")) }), Is.Empty);
    }

    [Test]
    public void the_design_of_quorum_is_looked_at()
    {
        string[] Of(VotesView votes) => ClusterReadiness.Judge(s_well with { Votes = Fact.Known(votes) }).Ids();
        Assert.That(Of(s_votes with { Total = 2, TwoNode = true, Quorum = 1 }), Is.EqualTo((string[])["warning quorum.wait-for-all"]));
        Assert.That(Of(s_votes with { Total = 2, TwoNode = true, Quorum = 1, WaitForAll = true }), Is.Empty);
        Assert.That(Of(s_votes with { Total = 4, Quorum = 3 }), Is.EqualTo((string[])["warning quorum.even"]));
        Assert.That(Of(s_votes with { Total = 4, Quorum = 3, AutoTieBreaker = true }), Is.EqualTo((string[])["warning quorum.even"]));
        Assert.That(Of(s_votes with { Total = 4, Quorum = 3, Device = 1 }), Is.Empty);
        Assert.That(ClusterReadiness.Judge(s_well with { Config = Config(("no-quorum-policy", "ignore")) }).Single().Command, Is.EqualTo("pcs property set no-quorum-policy=stop"));
    }

    [Test]
    public void a_clock_that_goes_its_own_way_is_told() =>
        Assert.That(ClusterReadiness.Judge(s_well with { ClockIsInStep = Fact.Known(false) }).Ids(), Is.EqualTo((string[])["warning clock.unsynchronized"]));

    [Test]
    public void what_cannot_be_read_is_unknown()
    {
        var nothing = new ClusterDesign { Config = Fact.Unknown<ClusterConfig>("x"), Votes = Fact.Unknown<VotesView>("x"), Token = Fact.Unknown<TimeSpan>("x"), Watchdog = Fact.Unknown<TimeSpan>("x"), ClockIsInStep = Fact.Unknown<bool>("x") };

        Assert.That(ClusterReadiness.Judge(nothing).Ids(), Is.EqualTo((string[])["warning corosync.unknown", "warning quorum.unknown", "warning clock.unknown"]));
    }

    private static Fact<TimeSpan> Seconds(int seconds) => Fact.Known(TimeSpan.FromSeconds(seconds));

    private static Fact<ClusterConfig> Config(params (string Name, string Value)[] properties) => Fact.Known(new ClusterConfig
    {
        Agents = [],
        Properties = properties.ToDictionary(p => p.Name, p => p.Value),
        OperationDefaults = new Dictionary<string, string>(),
        KeptAway = [],
    });
}
