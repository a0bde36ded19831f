using System.Globalization;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>The agent where the patch comes from a package. It is the worker who asks dnf; here none runs.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PackageAgentTests : IDisposable
{
    private static readonly (string, string) s_package = ("OCF_RESKEY_patch", "package");
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Test]
    public void Without_dnf_and_what_looks_into_packages_it_says_what_is_missing()
    {
        _box.Mounts = "mkdir -p $box/empty; mount --bind $box/empty /usr/bin";
        foreach (var action in (string[])["validate-all", "start"])
        {
            var answer = _box.Act(action, s_package);
            Assert.That(answer.ExitCode, Is.EqualTo((int)ExitCode.NotInstalled), answer.ToString());
            Assert.That(answer.Errors, Does.EndWith("patch=package, but not installed on this node: dnf, rpm, rpm2cpio, cpio\n"));
        }

        Assert.That(_box.Left(), Is.Empty);
    }

    [Test]
    public void Without_dnf_a_patch_from_elsewhere_is_valid()
    {
        _box.Mounts = "mkdir -p $box/bin; cp -a /usr/bin/systemctl /usr/bin/sh /usr/bin/dash $box/bin; mount --bind $box/bin /usr/bin";
        Assert.That(_box.Act("validate-all").Errors, Does.Not.Contain("dnf"));
    }

    [TestCase("validate-all")]
    [TestCase("start")]
    public void A_kpatch_dnf_that_is_set_to_auto_is_warned_of_and_fails_nothing(string action)
    {
        _box.Mounts = "mkdir -p $box/plugins; printf '[main]\\nautoupdate = True\\n' >$box/plugins/kpatch.conf; mount --bind $box/plugins /etc/dnf/plugins";
        var answer = _box.Act(action);
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        Assert.That(answer.Errors, Does.Contain("kpatch-dnf is set to auto (/etc/dnf/plugins/kpatch.conf)").And.Contain("dnf kpatch manual"));
    }

    [Test]
    public void The_agent_has_the_worker_look_where_the_last_look_is_an_hour_old_and_asks_nobody_itself()
    {
        _box.Tool("dnf", $"touch {_box.Runtime("dnf-was-called")}");
        _box.Tool("rpm", $"touch {_box.Runtime("dnf-was-called")}");
        Assert.That(_box.Act("start", s_package).ExitCode, Is.Zero);
        Assert.That(_box.Started(), Is.Not.Empty, "start always has the worker look");

        Assert.That(Monitor(null), Is.True, "there was no look since the boot");
        Assert.That(Monitor(Look(TimeSpan.FromMinutes(59))), Is.False, "it is good for an hour");
        Assert.That(Monitor(Look(TimeSpan.FromMinutes(61))), Is.True, "it is old");
        Assert.That(Monitor(Look(TimeSpan.FromMinutes(1), kernel: "5.14.0-1.el9.x86_64")), Is.True, "it is about another kernel");
        Assert.That(Monitor(Look(TimeSpan.FromMinutes(1), "patch.transaction")), Is.True, "what cannot be used is the worker's to tell");
        Assert.That(File.Exists(_box.Runtime("dnf-was-called")), Is.False);
    }

    [Test]
    public void Where_the_patch_is_from_elsewhere_no_look_is_asked_for()
    {
        Assert.That(_box.Act("start").ExitCode, Is.Zero);
        _box.Started();
        Assert.That(_box.Act("monitor").ExitCode, Is.Zero);
        Assert.That(_box.Started(), Is.Empty);
    }

    private bool Monitor(string? look)
    {
        if (look is not null)
            _box.Lay(_box.Runtime("package"), look);
        var answer = _box.Act("monitor", s_package);
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        return _box.Started().Length > 0;
    }

    private static string Look(TimeSpan age, string? refusal = null, string? kernel = null)
    {
        var uptime = TimeSpan.FromSeconds(double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture));
        var release = kernel ?? File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        var why = refusal is null ? "null" : $$"""{"id": "{{refusal}}", "why": "why", "remedy": "what"}""";
        return $$"""{"kernel": "{{release}}", "answered": "{{(uptime - age).ToString("c", CultureInfo.InvariantCulture)}}", "problem": "", "nothing": "none", "refusal": {{why}}}""";
    }
}
