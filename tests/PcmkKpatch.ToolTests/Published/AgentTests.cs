using PcmkKpatch.Core.Ocf;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>The published binary as an OCF agent: what Pacemaker, pcs and people get from its actions.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class AgentTests : IDisposable
{
    private const string Reason = "ocf-exit-reason:";
    private static readonly string[] s_careful = ["start", "monitor", "validate-all"];
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [TestCase("promote")]
    [TestCase("demote")]
    [TestCase("notify")]
    [TestCase("migrate_to")]
    [TestCase("reload")]
    [TestCase("reload-agent")]
    [TestCase("status")]
    [TestCase("START")]
    [TestCase("start ")]
    [TestCase("run")]
    [TestCase("--help")]
    [TestCase("")]
    public void An_action_that_it_does_not_have_is_unimplemented(string action)
    {
        var answer = _box.Act(action);
        Assert.That(answer.ExitCode, Is.EqualTo((int)ExitCode.Unimplemented), answer.ToString());
        Assert.That(_box.Left(), Is.Empty);
    }

    [Test]
    public void No_action_at_all_is_unimplemented() => Assert.That(_box.Run([_box.Agent]).ExitCode, Is.EqualTo((int)ExitCode.Unimplemented));

    private static IEnumerable<TestCaseData> BadValues()
    {
        foreach (var parameter in (string[])["transition_timeout", "confirm_timeout", "retry_delay"])
        {
            foreach (var value in (string[])["0", "25h", "abc"])
                yield return new TestCaseData(parameter, value);
        }

        foreach (var value in (string[])["0", "-1", "abc", "1d", "10 min", "1.5h", "25h", "86401", "99999999999999999999", " 5", "5 ", "0x10", "1e3", "٣", "10;min", "$(id)", "'"])
            yield return new TestCaseData("drain_timeout", value);

        foreach (var value in (string[])["relative/path.ko", "Installed", "installed ", "~/x.ko", "../x.ko", "/x/%", "/x/%q.ko", "/x/%%%.ko", "/two\nlines.ko", "/bell\a.ko", "$(id)", "http://192.0.2.1/x.ko", " /x.ko"])
            yield return new TestCaseData("patch", value).SetArgDisplayNames("patch", string.Concat(value.Select(c => char.IsControl(c) ? '?' : c)));
    }

    [TestCaseSource(nameof(BadValues))]
    public void A_bad_parameter_is_a_configuration_error_that_names_it(string parameter, string value)
    {
        var answer = _box.Act("validate-all", ($"OCF_RESKEY_{parameter}", value));
        Assert.That(answer.ExitCode, Is.EqualTo((int)ExitCode.NotConfigured), answer.ToString());
        Assert.That(ReasonOf(answer), Does.StartWith($"{parameter}={string.Concat(value.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? '?' : c))}"));
        Assert.That(_box.Left(), Is.Empty);
    }

    [TestCaseSource(nameof(s_careful))]
    public void Bad_parameters_are_refused_by_every_action_that_reads_them_all_of_them_named(string action)
    {
        var answer = _box.Act(action, ("OCF_RESKEY_patch", "x"), ("OCF_RESKEY_retry_delay", "soon"));
        Assert.That(answer.ExitCode, Is.EqualTo((int)ExitCode.NotConfigured), answer.ToString());
        Assert.That(ReasonOf(answer), Does.Contain("patch=x").And.Contain("retry_delay=soon"));
        Assert.That(_box.Left(), Is.Empty);
        Assert.That(_box.Started(), Is.Empty);
    }

    [TestCase("patch", "/usr/lib/kpatch/%k/100%%.ko")]
    [TestCase("patch", "/with space and 'quotes'.ko")]
    [TestCase("patch", "")]
    [TestCase("drain_timeout", "1")]
    [TestCase("drain_timeout", "24h")]
    [TestCase("confirm_timeout", "15min")]
    [TestCase("retry_delay", "")]
    public void A_good_parameter_is_valid(string parameter, string value)
    {
        var answer = _box.Act("validate-all", ($"OCF_RESKEY_{parameter}", value));
        Assert.That((answer.ExitCode, answer.Output, answer.Errors), Is.EqualTo((0, "", "")), answer.ToString());
    }

    [TestCaseSource(nameof(s_careful))]
    public void Without_root_it_says_so(string action)
    {
        var answer = _box.Run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", _box.Agent, action]);
        Assert.That(answer.ExitCode, Is.EqualTo((int)ExitCode.Permission), answer.ToString());
        Assert.That(ReasonOf(answer), Does.Contain("root"));
    }

    [TestCase("crm_mon")]
    [TestCase("cibadmin")]
    [TestCase("crm_attribute")]
    [TestCase("crm_node")]
    [TestCase("crmadmin")]
    [TestCase("attrd_updater")]
    [TestCase("systemd-run")]
    public void A_tool_that_is_not_installed_is_named(string tool)
    {
        _box.Without(tool);
        // systemd-run has its real place here.
        _box.Mounts = "mkdir $box/empty; mount --bind $box/empty /usr/bin";
        foreach (var action in (string[])["validate-all", "start"])
        {
            var answer = _box.Act(action);
            Assert.That(answer.ExitCode, Is.EqualTo((int)ExitCode.NotInstalled), answer.ToString());
            Assert.That(ReasonOf(answer), Does.Match($": {tool};"));
            _box.Mounts = "mount --bind $box/empty /usr/bin";
        }

        Assert.That(_box.Left(), Is.Empty);
    }

    [Test]
    public void Without_any_loader_it_says_what_to_install()
    {
        _box.Without("insmod");
        _box.Mounts = "mkdir $box/empty; mount --bind $box/empty /usr/bin";
        var answer = _box.Act("validate-all");
        Assert.That(answer.ExitCode, Is.EqualTo((int)ExitCode.NotInstalled), answer.ToString());
        Assert.That(ReasonOf(answer), Does.Contain("insmod"));
    }

    [Test]
    public void Before_it_is_started_it_is_not_running_and_looking_changes_nothing()
    {
        Assert.That(_box.Act("monitor").ExitCode, Is.EqualTo((int)ExitCode.NotRunning));
        Assert.That(_box.Act("monitor").ExitCode, Is.EqualTo((int)ExitCode.NotRunning));
        Assert.That(_box.Left(), Is.Empty);
    }

    // A probe runs on nodes where the agent is not meant to run, and before anything is installed there.
    [Test]
    public void A_probe_where_no_tool_is_installed_says_not_running()
    {
        _box.Mounts = "mkdir $box/empty; mount --bind $box/empty /usr/sbin; mount --bind $box/empty /usr/bin";
        Assert.That(_box.Act("monitor").ExitCode, Is.EqualTo((int)ExitCode.NotRunning));
    }

    [Test]
    public void Every_action_twice_in_a_row_ends_as_once()
    {
        for (var life = 0; life < 2; life++)
        {
            for (var twice = 0; twice < 2; twice++)
                Assert.That(_box.Act("start").ExitCode, Is.Zero, "start");
            for (var twice = 0; twice < 2; twice++)
                Assert.That(_box.Act("monitor").ExitCode, Is.Zero, "monitor");
            for (var twice = 0; twice < 2; twice++)
                Assert.That(_box.Act("stop").ExitCode, Is.Zero, "stop");
            Assert.That(_box.Act("monitor").ExitCode, Is.EqualTo((int)ExitCode.NotRunning));
        }
    }

    private static string ReasonOf(Answer answer) =>
        answer.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries) is [.., var last] && last.StartsWith(Reason, StringComparison.Ordinal)
            ? last[Reason.Length..]
            : throw new AssertionException($"no exit reason: {answer}");
}
