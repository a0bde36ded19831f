using NUnit.Framework;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Readiness;

namespace PcmkKpatch.Tests.Readiness;

public sealed class AgentReadinessTests
{
    private static readonly AgentDefinition s_well = new()
    {
        Id = "kpatch",
        Wrapping = Wrapping.Clone,
        Wrapper = "kpatch-clone",
        Operations =
        [
            new OperationDefinition { Name = "start", Interval = "0s", Timeout = "60s" },
            new OperationDefinition { Name = "stop", Interval = "0s", Timeout = "1min" },
            new OperationDefinition { Name = "monitor", Interval = "30s", Timeout = "60s" },
        ],
    };

    [Test]
    public void where_all_is_well_nothing_is_said() => Assert.That(Judge(s_well), Is.Empty);

    [Test]
    public void it_must_be_there_once()
    {
        Assert.That(Findings(Config()).Single().Command, Is.EqualTo("pcs resource create kpatch ocf:pcmk:kpatch clone interleave=true"));
        Assert.That(Findings(Config(s_well, s_well with { Id = "other" })).Single().Command, Is.EqualTo("pcs resource delete other"));
        Assert.That(AgentReadiness.Judge(Fact.Unknown<ClusterConfig>("oops"), Views.Cluster).Ids(), Is.EqualTo((string[])["warning agent.unknown"]));
    }

    [TestCase(Wrapping.None, "", "agent.not-cloned", "pcs resource clone kpatch interleave=true")]
    [TestCase(Wrapping.Group, "g", "agent.in-group", "pcs resource group remove g kpatch && pcs resource clone kpatch interleave=true")]
    [TestCase(Wrapping.Master, "m", "agent.promotable", "pcs resource unclone kpatch && pcs resource clone kpatch interleave=true")]
    public void it_must_be_a_clone(Wrapping wrapping, string wrapper, string id, string command)
    {
        var finding = Judge(s_well with { Wrapping = wrapping, Wrapper = wrapper }).Single();

        Assert.That((finding.Id, finding.Severity, finding.Command), Is.EqualTo((id, Severity.Error, command)));
    }

    [TestCase("globally-unique", "true", "kpatch-clone", "error agent.globally-unique", "pcs resource meta kpatch-clone globally-unique=")]
    [TestCase("globally-unique", "Yes", "kpatch", "error agent.globally-unique", "pcs resource meta kpatch globally-unique=")]
    [TestCase("globally-unique", "false", "kpatch-clone", null, null)]
    [TestCase("promotable", "true", "kpatch-clone", "error agent.promotable", "pcs resource meta kpatch-clone promotable=")]
    [TestCase("clone-max", "1", "kpatch-clone", "error agent.clone-max", "pcs resource meta kpatch-clone clone-max=")]
    [TestCase("clone-max", "many", "kpatch-clone", "error agent.clone-max", "pcs resource meta kpatch-clone clone-max=")]
    [TestCase("clone-max", "2", "kpatch-clone", null, null)]
    [TestCase("clone-node-max", "2", "kpatch-clone", "error agent.clone-node-max", "pcs resource meta kpatch-clone clone-node-max=")]
    [TestCase("clone-node-max", "1", "kpatch-clone", null, null)]
    [TestCase("target-role", "Stopped", "kpatch-clone", "note agent.disabled", "pcs resource enable kpatch-clone")]
    [TestCase("target-role", "Started", "kpatch-clone", null, null)]
    [TestCase("is-managed", "false", "kpatch", "warning agent.unmanaged", "pcs resource manage kpatch-clone")]
    [TestCase("is-managed", "true", "kpatch", null, null)]
    [TestCase("maintenance", "true", "kpatch", "warning agent.unmanaged", "pcs resource meta kpatch maintenance=")]
    [TestCase("migration-threshold", "1", "kpatch", "warning agent.migration-threshold", "pcs resource meta kpatch failure-timeout=10min")]
    [TestCase("migration-threshold", "INFINITY", "kpatch", null, null)]
    [TestCase("failure-timeout", "10s", "kpatch", "warning agent.failure-timeout", "pcs resource meta kpatch failure-timeout=10min")]
    [TestCase("failure-timeout", "10min", "kpatch", null, null)]
    [TestCase("failure-timeout", "PT10M", "kpatch", "warning agent.unknown", null)]
    public void its_meta_attributes_must_do_no_harm(string name, string value, string owner, string? said, string? command)
    {
        var findings = Judge(With((name, value, owner)));

        Assert.That(findings.Ids(), Is.EqualTo(said is null ? [] : (string[])[said]));
        Assert.That(findings.Select(f => f.Command), Is.All.EqualTo(command));
    }

    [Test]
    public void a_default_of_all_resources_is_named_as_that() =>
        Assert.That(Judge(With(("globally-unique", "true", ""))).Single().Command, Is.EqualTo("pcs resource defaults update globally-unique="));

    [Test]
    public void failures_that_are_forgotten_in_time_do_no_harm() =>
        Assert.That(Judge(With(("migration-threshold", "3", "kpatch"), ("failure-timeout", "10min", "kpatch"))), Is.Empty);

    [Test]
    public void where_the_nodes_are_not_known_a_limit_of_instances_is_told() =>
        Assert.That(AgentReadiness.Judge(Fact.Known(Config(With(("clone-max", "9", "kpatch-clone")))), null).Ids(), Is.EqualTo((string[])["error agent.clone-max"]));

    [TestCase("kpatch-clone", "b", true)]
    [TestCase("kpatch", "a", true)]
    [TestCase("web", "b", false)]
    [TestCase("kpatch-clone", "far", false)]
    public void a_constraint_that_keeps_it_from_a_member_is_told(string resource, string node, bool told)
    {
        var findings = Findings(Config(s_well) with { KeptAway = [new("never", resource, node)] });

        Assert.That(findings.Ids(), Is.EqualTo(told ? ["warning agent.kept-away"] : (string[])[]));
        Assert.That(findings.Select(f => f.Command), Is.All.EqualTo("pcs constraint delete never"));
    }

    [Test]
    public void a_cluster_that_lets_nothing_run_by_itself_is_told() =>
        Assert.That(Findings(Config(s_well) with { Properties = new Dictionary<string, string> { ["symmetric-cluster"] = "false" } }).Ids(), Is.EqualTo((string[])["note agent.opt-in"]));

    [Test]
    public void what_is_not_followed_is_unknown() =>
        Assert.That(Findings(Config(s_well) with { NotFollowed = ["the template of kpatch"] }).Ids(), Is.EqualTo((string[])["warning agent.unknown"]));

    [TestCase("soak", "never", "error agent.parameter", "pcs resource update kpatch soak=")]
    [TestCase("sok", "5s", "error agent.parameter-unknown", "pcs resource update kpatch sok=")]
    [TestCase("soak", "5s", null, null)]
    public void its_parameters_must_parse(string name, string value, string? said, string? command)
    {
        var findings = Judge(s_well with { Parameters = new Dictionary<string, string> { [name] = value } });

        Assert.That(findings.Ids(), Is.EqualTo(said is null ? [] : (string[])[said]));
        Assert.That(findings.Select(f => f.Command), Is.All.EqualTo(command));
    }

    [TestCase("30", null)]
    [TestCase("5min", null)]
    [TestCase("1h", "warning agent.interval")]
    [TestCase("1s", "warning agent.interval")]
    [TestCase("PT30S", "warning agent.unknown")]
    [TestCase("0", "error agent.no-monitor")]
    public void its_monitor_must_recur(string interval, string? said) =>
        Assert.That(Judge(Monitor(o => o with { Interval = interval })).Ids(), Is.EqualTo(said is null ? [] : (string[])[said]));

    [Test]
    public void a_monitor_that_is_missing_or_switched_off_is_told()
    {
        var without = s_well with { Operations = [.. s_well.Operations.Take(2)] };
        Assert.That(Judge(without).The("agent.no-monitor").Command, Is.EqualTo("pcs resource op add kpatch monitor interval=30s timeout=60s"));
        const string On = "pcs resource update kpatch op monitor interval=30s timeout=60s";
        Assert.That(Judge(Monitor(o => o with { Enabled = false })).Single().Command, Is.EqualTo(On));
        Assert.That(Findings(Config(s_well) with { OperationDefaults = new Dictionary<string, string> { ["enabled"] = "false" } }).Single().Command, Is.EqualTo($"{On} enabled=true"));
    }

    [TestCase("60s", null)]
    [TestCase("2min", null)]
    [TestCase("59", "warning agent.timeout")]
    [TestCase("", "warning agent.timeout")]
    [TestCase("PT1M", "warning agent.unknown")]
    public void its_operations_must_have_the_time_that_its_metadata_asks_for(string timeout, string? said) =>
        Assert.That(Judge(Monitor(o => o with { Timeout = timeout })).Ids(), Is.EqualTo(said is null ? [] : (string[])[said]));

    [Test]
    public void without_operations_defaults_count()
    {
        var bare = s_well with { Operations = [s_well.Operations[2]] };
        Assert.That(Judge(bare).Select(f => f.Command), Is.EqualTo((string[])["pcs resource update kpatch op start timeout=60s", "pcs resource update kpatch op stop timeout=60s"]));
        Assert.That(Findings(Config(bare) with { OperationDefaults = new Dictionary<string, string> { ["timeout"] = "90s" } }), Is.Empty);
    }

    [TestCase("fence", true)]
    [TestCase("standby", true)]
    [TestCase("block", true)]
    [TestCase("restart", false)]
    [TestCase("ignore", false)]
    public void a_look_that_was_too_slow_must_do_no_harm(string follows, bool told)
    {
        var findings = Judge(Monitor(o => o with { OnFail = follows, Interval = "20s" }));

        Assert.That(findings.Ids(), Is.EqualTo(told ? ["error agent.on-fail"] : (string[])[]));
        Assert.That(findings.Select(f => f.Command), Is.All.EqualTo("pcs resource update kpatch op monitor interval=20s timeout=60s"));
    }

    [Test]
    public void what_follows_a_stop_that_fails_is_the_clusters_affair()
    {
        var defaults = new Dictionary<string, string> { ["on-fail"] = "block" };
        Assert.That(Findings(Config(s_well) with { OperationDefaults = defaults }).Select(f => f.Command), Is.EqualTo((string[])[
            "pcs resource update kpatch op start timeout=60s on-fail=restart", "pcs resource update kpatch op monitor interval=30s timeout=60s on-fail=restart"]));
    }

    // pcs replaces all that was written of an operation by what is typed.
    [Test]
    public void the_command_says_all_of_the_operation_whatever_is_wrong()
    {
        var findings = Judge(Monitor(o => o with { Interval = "1h", Timeout = "10s", OnFail = "fence" }));

        Assert.That(findings.Ids(), Is.EqualTo((string[])["warning agent.interval", "warning agent.timeout", "error agent.on-fail"]));
        Assert.That(findings.Select(f => f.Command), Is.All.EqualTo("pcs resource update kpatch op monitor interval=30s timeout=60s"));
        Assert.That(Judge(Monitor(o => o with { Interval = "10s", Timeout = "10s", OnFail = "ignore" })).Single().Command, Is.EqualTo("pcs resource update kpatch op monitor interval=10s timeout=60s on-fail=ignore"));
        Assert.That(Judge(Monitor(o => o with { Interval = "1h", Timeout = "5min" })).Single().Command, Is.EqualTo("pcs resource update kpatch op monitor interval=30s timeout=5min"));
    }

    private static AgentDefinition With(params (string Name, string Value, string Owner)[] meta) => s_well with { Meta = meta.ToDictionary(m => m.Name, m => new Meta(m.Value, m.Owner)) };

    private static AgentDefinition Monitor(Func<OperationDefinition, OperationDefinition> change) => s_well with { Operations = [s_well.Operations[0], s_well.Operations[1], change(s_well.Operations[2])] };

    private static ClusterConfig Config(params AgentDefinition[] agents) => new() { Agents = agents, Properties = new Dictionary<string, string>(), OperationDefaults = new Dictionary<string, string>(), KeptAway = [] };

    private static List<Finding> Judge(AgentDefinition agent) => Findings(Config(agent));

    private static List<Finding> Findings(ClusterConfig config) => [.. AgentReadiness.Judge(Fact.Known(config), Views.Cluster)];
}
