using PcmkKpatch.Core.Ocf;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>
/// The published binary as the executor of a remote node calls it, before a kernel that is a tree of files: it tells what there is, and nothing comes of it.
/// Of Pacemaker's tools a remote node may have attrd_updater alone.
/// </summary>
internal sealed class RemoteAgentTests
{
    private const string Due = "kpatch_1_2 is due, and no run loads it on a remote or guest node: a person does";
    private Sandbox _box = null!;
    private BuiltModule _module = null!;

    [SetUp]
    public void Begin()
    {
        (_box, _module) = (new Sandbox(), new BuiltModule("kpatch-1-2.ko", "name=kpatch_1_2", "livepatch=Y", "vermagic=5.14.0-1 SMP "));
        foreach (var tool in (string[])["crm_mon", "cibadmin", "crm_attribute", "crm_node", "crmadmin", "crm_simulate", "corosync-cmapctl", "insmod"])
            _box.Without(tool);
        _box.Tool("attrd_updater", "echo \"$*\" >>/run/told");
        _box.Mounts =
            """
            fake="$box/fake"
            mkdir -p "$fake/sys/kernel/livepatch" "$fake/sys/module" "$fake/sysctl"
            echo 5.14.0-1 >"$fake/sysctl/osrelease"; echo 0 >"$fake/sysctl/tainted"; echo 1 >"$fake/sysctl/ftrace_enabled"; echo 0 >"$fake/sysctl/modules_disabled"
            mount --bind "$fake/sysctl" /proc/sys/kernel
            mount --bind "$fake/sys" /sys
            """;
    }

    [TearDown]
    public void End()
    {
        _module.Dispose();
        _box.Dispose();
    }

    [Test]
    public void It_starts_looks_and_stops_and_never_has_a_worker()
    {
        foreach (var action in (string[])["validate-all", "start", "monitor", "stop", "stop"])
            Assert.That(Act(action), Is.EqualTo((0, "")), action);
        Assert.That(Act("monitor").ExitCode, Is.EqualTo((int)ExitCode.NotRunning));
        Assert.That(_box.Started(), Is.Empty);
    }

    [Test]
    public void A_patch_that_is_due_is_told_to_the_cluster_and_to_people_and_loaded_by_nobody()
    {
        Install();
        Assert.That(Act("start"), Is.EqualTo((0, "")));
        for (var twice = 0; twice < 2; twice++)
            Assert.That(Act("monitor"), Is.EqualTo(((int)ExitCode.Degraded, $"ocf-exit-reason:{Due}\n")));
        Assert.That(Told(), Does.Contain($"--name kpatch-state --update needs attention: {Due}\n").And.Contain("--name kpatch-patch --update none\n").And.Contain("--name kpatch-kernel --update 5.14.0-1\n"));
        Assert.That(_box.Started(), Is.Empty);
    }

    [Test]
    public void What_cannot_be_loaded_anyway_is_told_with_the_reason()
    {
        Assert.That(Act("start", ("OCF_RESKEY_patch", "/nowhere.ko")).ExitCode, Is.Zero);
        var (code, said) = Act("monitor", ("OCF_RESKEY_patch", "/nowhere.ko"));
        Assert.That((code, said.Contains("(patch.missing)")), Is.EqualTo(((int)ExitCode.Degraded, true)), said);
        Assert.That(_box.Started(), Is.Empty);
    }

    // What a node has published goes with the connection to it; that the cluster then looks for the agent anew is all that is to be noticed.
    [Test]
    public void A_probe_has_everything_published_again()
    {
        Act("start");
        Told();
        Act("monitor", ("OCF_RESKEY_CRM_meta_interval", "10000"));
        Assert.That(Told(), Is.Empty);
        Assert.That(Act("monitor", ("OCF_RESKEY_CRM_meta_interval", "0")).ExitCode, Is.Zero);
        Assert.That(Told(), Does.Contain("kpatch-kernel").And.Contain("kpatch-patch").And.Contain("kpatch-state"));
    }

    [Test]
    public void Bad_parameters_are_refused_there_too() => Assert.That(Act("start", ("OCF_RESKEY_soak", "never")).ExitCode, Is.EqualTo((int)ExitCode.NotConfigured));

    [Test]
    public void By_hand_it_says_at_once_that_nothing_will_come_of_it()
    {
        Install();
        _box.Tool("pacemaker-remoted", "exit 1");
        var answer = _box.Act("start", ("PCMK_service", "crm_resource"));
        Assert.That((answer.ExitCode, answer.Errors.Contains("(cluster.remote)")), Is.EqualTo(((int)ExitCode.Generic, true)), answer.ToString());
        Assert.That(_box.Started(), Is.Empty);
        Assert.That(File.Exists(_box.Runtime("wanted")), Is.False);
    }

    private void Install()
    {
        Directory.CreateDirectory(_box.Library("kpatch/5.14.0-1"));
        File.Copy(_module.Path, _box.Library("kpatch/5.14.0-1/kpatch-1-2.ko"));
    }

    private (int ExitCode, string Errors) Act(string action, params (string Name, string Value)[] more)
    {
        var answer = _box.Act(action, [("PCMK_service", "pacemaker-remoted"), .. more]);
        return (answer.ExitCode, answer.Errors);
    }

    // What was published since the last look.
    private string Told()
    {
        var file = Path.Combine(Path.GetDirectoryName(_box.Runtime(""))!, "..", "told");
        var text = File.Exists(file) ? File.ReadAllText(file) : "";
        File.Delete(file);
        return text;
    }
}
