using System.Text.Json;
using System.Xml.Linq;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>
/// "check" of the published binary, on the CIB of three nodes at rest that "plan" is tried on, with this machine's own /etc out of the way. What answers from a live
/// cluster or from systemd only has stand-ins.
/// </summary>
internal sealed class CheckTests
{
    private const string Release = "5.14.0-362.8.1.el9_3.x86_64";
    // The scheduler's digest of a monitor that may take 60 s; with another one it would begin that anew.
    private const string DigestOfTheMonitor = "873ed4f07792aa8ff18f3254244675ea";
    private Sandbox _box = null!;
    private CibFile _cib = null!;
    private string _more = "";

    [SetUp]
    public void Begin()
    {
        (_box, _cib, _more) = (new Sandbox(), new CibFile("forecast"), "");
        _box.Tool("crm_node", "case $1 in --name) echo n1;; *) echo 1;; esac");
        _box.Tool("crmadmin", "echo 'Controller on n2 in state S_IDLE: ok'");
        _box.Tool("stonith_admin", "echo '<pacemaker-result><list name=\"devices\"><item name=\"device\">fence</item></list><status code=\"0\"/></pacemaker-result>'");
        _box.Tool("corosync-quorumtool", "printf 'Nodes: 3\\nNode ID: 1\\nTotal votes: 3\\nQuorum: 2\\nFlags: Quorate\\nMembership information\\n 1 1 a\\n 2 1 b\\n 3 1 c\\n'");
        _box.Tool("corosync-cmapctl", "echo 'runtime.config.totem.token (u32) = 3650'");
        _box.Tool("timedatectl", "echo yes");
        _box.Tool("kpatch", "echo 0.9.10");
        _box.Tool("systemctl", "case $1 in show) printf 'LoadState=loaded\\nUnitFileState=enabled\\nDropInPaths=/usr/lib/systemd/system/kpatch.service.d/pcmk-kpatch.conf\\nNeedDaemonReload=no\\n';; esac");
        // A repository that has a patch for this kernel.
        _box.Tool("dnf", "echo 'package|kpatch-patch-5_14_0-362_8_1|(none)|1|3.el9_3|x86_64'");
        var document = _cib.Xml;
        document.Descendants("primitive").Single(p => (string?)p.Attribute("id") == "kpatch").Add(XElement.Parse(
            "<operations><op id=\"a\" name=\"start\" interval=\"0s\" timeout=\"60s\"/><op id=\"b\" name=\"stop\" interval=\"0s\" timeout=\"60s\"/><op id=\"c\" name=\"monitor\" interval=\"10s\" timeout=\"60s\"/></operations>"));
        document.Save(_cib.Path);
        foreach (var node in (string[])["n1", "n2", "n3"])
        {
            Publishes(node, ("kpatch-kernel", Release), ("kpatch-patch", "none"), ("kpatch-state", "idle"), ("kpatch-product", Sandbox.Version));
            _cib.Ran(node, "kpatch", "monitor");
        }

        document = _cib.Xml;
        foreach (var monitor in document.Descendants("lrm_rsc_op").Where(o => (string?)o.Attribute("operation_key") == "kpatch_monitor_10000"))
            monitor.SetAttributeValue("op-digest", DigestOfTheMonitor);
        document.Save(_cib.Path);
        _box.Lay(_box.Runtime("wanted"), "allow_stranded=pinned\n");
    }

    [TearDown]
    public void End()
    {
        _cib.Dispose();
        _box.Dispose();
    }

    [Test]
    public void Where_all_is_well_that_is_said_and_nothing_is_changed()
    {
        var (before, left) = (_cib.Text, _box.Left());
        var answer = Check();
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        Assert.That(answer.Output, Does.StartWith("Check    ready\nAsk also on n2, n3: pcmk-kpatch check; their own kernels, files and services"));
        Assert.That(_cib.Text, Is.EqualTo(before));
        Assert.That(_box.Left(), Is.EqualTo(left));
    }

    [Test]
    public void As_JSON_every_node_is_there()
    {
        using var report = Json(0);
        var root = report.RootElement;
        Assert.That((root.GetProperty("outcome").GetString(), root.GetProperty("local_node").GetString(), root.GetProperty("version").GetString()), Is.EqualTo(("ready", "n1", Sandbox.Version)));
        Assert.That(root.GetProperty("nodes").EnumerateArray().Select(n => $"{n.GetProperty("name")} {n.GetProperty("looked_at")} {n.GetProperty("kernel")}"), Is.EqualTo((string[])[
            $"n1 True {Release}", $"n2 False {Release}", $"n3 False {Release}"]));
        Assert.That(root.GetProperty("ask_also_on").EnumerateArray().Select(n => n.GetString()), Is.EqualTo((string[])["n2", "n3"]));
    }

    [Test]
    public void A_misdefined_agent_is_told_with_its_command()
    {
        _cib.Replace("interval=\"10s\"", "interval=\"1h\"").Replace("name=\"interleave\" value=\"true\"", "name=\"globally-unique\" value=\"true\"");
        var answer = Check();
        Assert.That(answer.ExitCode, Is.EqualTo(1), answer.ToString());
        Assert.That(answer.Output, Does.Contain("\n  Type   pcs resource meta kpatch-clone globally-unique=\n").And.Contain("\n  Type   pcs resource update kpatch op monitor interval=30s timeout=60s\n"));
        Assert.That(answer.Output.Split('\n').Where(line => !line.StartsWith("  Type", StringComparison.Ordinal)).Select(line => line.Length), Is.All.LessThanOrEqualTo(80));
    }

    // What a tool says, and what follows; "error …", "warning …" or "note …".
    [TestCase("timedatectl", "echo no", "warning clock.unsynchronized")]
    [TestCase("timedatectl", "echo perhaps", "warning clock.unknown")]
    [TestCase("timedatectl", "exit 1", "warning clock.unknown")]
    [TestCase("corosync-cmapctl", "echo 'runtime.config.totem.token (u32) = 1000'", "warning corosync.token")]
    [TestCase("corosync-cmapctl", "exit 1", "warning corosync.unknown")]
    [TestCase("corosync-quorumtool", "exit 1", "warning quorum.unknown")]
    [TestCase("kpatch", "echo 0.9.3", "warning kpatch.version")]
    [TestCase("kpatch", "exit 1", "warning kpatch.unknown")]
    [TestCase("systemctl", "case $1 in show) printf 'LoadState=not-found\\n';; esac", null)]
    [TestCase("systemctl", "case $1 in show) printf 'LoadState=loaded\\nUnitFileState=disabled\\nDropInPaths=\\nNeedDaemonReload=no\\n';; esac", "error kpatch.drop-in")]
    [TestCase("systemctl", "exit 1", "warning kpatch.service.unknown")]
    [TestCase("systemctl", "exit 1", "warning updater.unknown")]
    [TestCase("systemctl", "case $1 in show) echo LoadState=not-found;; *) echo 'dnf-automatic-install.timer enabled';; esac", "warning updater.enabled")]
    [TestCase("dnf", "true", "warning kernel.no-patches")]
    [TestCase("dnf", "echo 'package|kpatch-patch-5_14_0-362_8_1|(none)|0|0.el9_3|x86_64'", "note kernel.only-empty-patch")]
    [TestCase("dnf", "echo 'Error: Cache-only enabled but no cache' >&2; exit 1", "warning kernel.patches.unknown")]
    [TestCase("cibadmin", "exit 1", "warning agent.unknown")]
    [TestCase("crm_mon", "exit 1", "error cluster.unknown")]
    [TestCase("stonith_admin", "exit 1", "error fencing.unknown")]
    public void What_a_tool_says_or_does_not_say_is_told(string tool, string script, string? said)
    {
        _box.Tool(tool, script);
        var found = Found();
        Assert.That(found, said is null ? Is.Empty : Does.Contain(said));
    }

    [TestCase("supported-kernels 1\nel9 9.9 x86_64 - RHEL 99\n", "warning kernel.unsupported")]
    [TestCase("supported-kernels 1\nel7 3.10.0 x86_64 - RHEL 7\n", "warning kernel.support-unknown")]
    [TestCase("supported-kernels 7\n", "warning kernel.support-unknown")]
    public void The_administrators_list_of_kernels_counts(string table, string said)
    {
        Etc("supported-kernels", table);
        Assert.That(Found(), Does.Contain(said));
    }

    [TestCase("end-of-life 1\nkernel " + Release + " 2020-01-31\n", "warning kernel.end-of-life")]
    [TestCase("end-of-life 2\n", "warning end-of-life.unknown")]
    public void The_administrators_dates_count(string table, string said)
    {
        Etc("end-of-life", table);
        Assert.That(Found(), Does.Contain(said));
    }

    [Test]
    public void A_gate_that_would_refuse_a_run_is_an_error_and_one_that_passes_a_note()
    {
        _cib.Add("configuration/crm_config", "<cluster_property_set id=\"m\"><nvpair id=\"m-m\" name=\"maintenance-mode\" value=\"true\"/></cluster_property_set>");
        Assert.That(Found(), Does.Contain("error cluster.maintenance"));
        _cib.Replace("name=\"maintenance-mode\" value=\"true\"", "name=\"maintenance-mode\" value=\"false\"");
        _box.Lay(_box.Runtime("wanted"), "allow_stranded=pinned\nwindow=Mon 01:00-01:01\n");
        Assert.That(Found(), Does.Contain("note schedule.window"));
        _box.Lay(_box.Runtime("wanted"), "soak=never\n");
        Assert.That(Found(), Does.Contain("error gates.unknown"));
    }

    [Test]
    public void What_other_nodes_publish_is_compared()
    {
        Publishes("n2", ("kpatch-kernel", "5.14.0-1"), ("kpatch-patch", "none"), ("kpatch-state", "idle"), ("kpatch-product", "0.0.1"));
        Publishes("n3");
        Assert.That(Found(), Does.Contain("warning fleet.kernel-drift").And.Contain("warning fleet.product-drift").And.Contain("warning fleet.product-unknown").And.Contain("warning fleet.unknown"));
    }

    private void Etc(string name, string text)
    {
        _box.Lay(_box.Library($"etc/{name}"), text);
        _more = "mkdir -p /etc/pcmk-kpatch; mount --bind /var/lib/etc /etc/pcmk-kpatch";
    }

    private string[] Found()
    {
        using var report = Json(null);
        var findings = report.RootElement.GetProperty("findings").EnumerateArray().ToList();
        Assert.That(findings.Select(f => f.GetProperty("why").GetString()), Has.All.Not.Empty);
        return [.. findings.Select(f => $"{f.GetProperty("severity")} {f.GetProperty("id")}")];
    }

    private JsonDocument Json(int? exitCode)
    {
        var answer = Check("--json");
        Assert.That(answer.Errors, Is.Empty, answer.ToString());
        var report = JsonDocument.Parse(answer.Output);
        var expected = report.RootElement.GetProperty("outcome").GetString() switch { "ready" => 0, "warnings" => 2, _ => 1 };
        Assert.That(answer.ExitCode, Is.EqualTo(exitCode ?? expected).And.EqualTo(expected), answer.ToString());
        return report;
    }

    private Answer Check(params string[] options)
    {
        _box.Mounts =
            $$"""
            fake="$box/fake"
            mkdir -p "$fake/sys/kernel/livepatch" "$fake/sys/kernel/debug/kprobes" "$fake/sys/module" "$fake/sysctl" "$fake/empty" "$fake/etc"
            : >"$fake/sys/kernel/debug/kprobes/list"
            echo {{Release}} >"$fake/sysctl/osrelease"; echo 0 >"$fake/sysctl/tainted"; echo 1 >"$fake/sysctl/ftrace_enabled"; echo 0 >"$fake/sysctl/modules_disabled"
            mount --bind "$fake/sysctl" /proc/sys/kernel
            mount --bind "$fake/sys" /sys
            for folder in /lib/modules /boot; do [ ! -d $folder ] || mount --bind "$fake/empty" $folder; done
            cp /etc/passwd /etc/group /etc/nsswitch.conf "$fake/etc"; [ ! -e /etc/localtime ] || cp -L /etc/localtime "$fake/etc"
            mount --bind "$fake/etc" /etc
            {{_more}}
            """;
        return _box.Run([_box.Program, "check", .. options], ("CIB_file", _cib.Path));
    }

    private void Publishes(string node, params (string Name, string Value)[] attributes)
    {
        var document = _cib.Xml;
        var set = document.Descendants("node_state").Single(e => (string?)e.Attribute("uname") == node).Element("transient_attributes")!.Element("instance_attributes")!;
        set.Elements().Where(e => ((string)e.Attribute("name")!).StartsWith("kpatch-", StringComparison.Ordinal)).Remove();
        foreach (var (name, value) in attributes)
            set.Add(XElement.Parse($"<nvpair id=\"{node}-{name}\" name=\"{name}\" value=\"{value}\"/>"));
        document.Save(_cib.Path);
    }
}
