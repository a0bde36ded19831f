using NUnit.Framework;
using PcmkKpatch.Core.Readiness;

namespace PcmkKpatch.Tests.Readiness;

public sealed class StorageReadinessTests
{
    private static readonly StorageDefinition s_dlm = Resource("dlm", StorageReadiness.Daemon, 90, 100);
    private static readonly StorageDefinition s_fs = Resource("fs", StorageReadiness.FileSystem, 60, 60) with { IsGfs2 = true };

    private static StorageDefinition Resource(string id, string agent, int start, int stop) => new()
    {
        Id = id,
        Agent = agent,
        CloneId = $"{id}-clone",
        Interleaved = true,
        Operations = [new() { Name = "start", Timeout = $"{start}" }, new() { Name = "stop", Timeout = $"{stop}s" }, new() { Name = "monitor", Interval = "30s", OnFail = "fence" }],
    };

    private static ClusterConfig Config(string policy, params StorageDefinition[] storage) => new()
    {
        Agents = [],
        Properties = policy.Length > 0 ? new Dictionary<string, string> { ["no-quorum-policy"] = policy } : new Dictionary<string, string>(),
        OperationDefaults = new Dictionary<string, string>(),
        KeptAway = [],
        Storage = storage,
    };

    [Test]
    public void where_all_is_as_recommended_nothing_is_said()
    {
        Assert.That(StorageReadiness.Judge(Config("freeze", s_dlm, s_fs, Resource("lvm", StorageReadiness.LockDaemon, 90, 90))), Is.Empty);
        Assert.That(StorageReadiness.Judge(Config("", s_dlm)), Is.Empty, "without a GFS2 the policy is nobody's matter");
        Assert.That(StorageReadiness.Judge(Config("stop", s_fs with { Interleaved = false })), Is.Empty, "a GFS2 without a lock manager shares nothing");
    }

    [TestCase("")]
    [TestCase("stop")]
    [TestCase("ignore")]
    public void a_gfs2_wants_a_cluster_that_freezes_without_quorum(string policy)
    {
        var finding = StorageReadiness.Judge(Config(policy, s_dlm, s_fs)).Single();
        Assert.That((finding.Id, finding.Command), Is.EqualTo(("storage.no-quorum-policy", "pcs property set no-quorum-policy=freeze")));
    }

    [Test]
    public void a_clone_that_is_not_interleaved_is_an_error_for_a_drain_would_reach_every_node()
    {
        var findings = StorageReadiness.Judge(Config("freeze", s_dlm with { Interleaved = false }, s_fs with { CloneId = "" })).ToList();
        Assert.That(findings.Ids(), Is.EqualTo((string[])["error storage.interleave", "warning storage.not-cloned"]));
        Assert.That(findings.Select(f => f.Command), Is.EqualTo((string[])["pcs resource meta dlm-clone interleave=true", "pcs resource clone fs interleave=true"]));
    }

    [Test]
    public void a_monitor_whose_failure_fences_nobody_is_told_also_where_there_is_none()
    {
        var restarts = s_dlm with { Operations = [.. s_dlm.Operations.Take(2), new() { Name = "monitor", Interval = "30s" }] };
        Assert.That(StorageReadiness.Judge(Config("freeze", restarts)).Ids(), Is.EqualTo((string[])["warning storage.on-fail"]));
        Assert.That(StorageReadiness.Judge(Config("freeze", restarts) with { OperationDefaults = new Dictionary<string, string> { ["on-fail"] = "fence" } }), Is.Empty);
        Assert.That(StorageReadiness.Judge(Config("freeze", s_dlm with { Operations = [.. s_dlm.Operations.Take(2)] })).Ids(), Is.EqualTo((string[])["warning storage.on-fail"]));
    }

    [TestCase("stop", "", "", "stop of dlm may take 20 s, and its agent asks for 100 s: a stop that takes longer has its node fenced")]
    [TestCase("stop", "60s", "", "stop of dlm may take 60 s, and its agent asks for 100 s: a stop that takes longer has its node fenced")]
    [TestCase("stop", "", "2min", null)]
    [TestCase("start", "30s", "2min", "start of dlm may take 30 s, and its agent asks for 90 s")]
    [TestCase("start", "soon", "", "how long start of dlm may take is not known: timeout=soon is not understood")]
    public void a_time_that_is_too_short_is_told(string operation, string own, string byDefault, string? said)
    {
        var dlm = s_dlm with { Operations = [.. s_dlm.Operations.Select(o => o.Name == operation ? o with { Timeout = own } : o)] };
        var defaults = byDefault.Length > 0 ? new Dictionary<string, string> { ["timeout"] = byDefault } : [];
        Assert.That(StorageReadiness.Judge(Config("freeze", dlm) with { OperationDefaults = defaults }).Select(f => f.Why), Is.EqualTo(said is null ? [] : (string[])[said]));
    }
}
