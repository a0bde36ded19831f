using System.Text.Json;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>"inspect" of the published binary, before a kernel that is a tree of files.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class InspectTests : IDisposable
{
    private const string Quarantine = "/var/lib/pcmk-kpatch/quarantine";
    private readonly Sandbox _box = new();
    private readonly BuiltModule _module = new("kpatch-1-2.ko", "name=kpatch_1_2", "livepatch=Y", "vermagic=5.14.0-1 SMP ", "depends=nfs,sunrpc", "description=mends a hole");

    public InspectTests() => _box.Mounts =
        """
        fake="$box/fake"
        mkdir -p "$fake/sys/kernel/livepatch" "$fake/sys/module/nfs" "$fake/sysctl"
        echo 5.14.0-1 >"$fake/sysctl/osrelease"; echo 0 >"$fake/sysctl/tainted"; echo 1 >"$fake/sysctl/ftrace_enabled"; echo 0 >"$fake/sysctl/modules_disabled"
        patch() { p="$fake/sys/kernel/livepatch/$1"; mkdir -p "$p" "$fake/sys/module/$1/notes"; echo "$2" >"$p/enabled"; echo "$3" >"$p/transition"
            objcopy -O binary --only-section=.note.gnu.build-id --set-section-flags .note.gnu.build-id=alloc "$4" "$fake/sys/module/$1/notes/.note.gnu.build-id"; }
        # more
        mount --bind "$fake/sysctl" /proc/sys/kernel
        mount --bind "$fake/sys" /sys
        """;

    public void Dispose()
    {
        _module.Dispose();
        _box.Dispose();
    }

    [Test]
    public void A_patch_that_would_be_loaded_is_told_with_all_that_matters()
    {
        _module.AppendSignature("Lab live patch key");
        var answer = Inspect();
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        foreach (var line in (string[])["Module      kpatch_1_2\n", "mends a hole\n", "Kernel      5.14.0-1, which runs here\n", "Live patch  yes\n", "Signer      Lab live patch key (key ",
            "Depends     nfs, sunrpc; not loaded here: sunrpc\n", "Here        not loaded\n", "Quarantine  no\n"])
            Assert.That(answer.Output, Does.Contain(line));
        Assert.That(answer.Output, Does.Match("Build id    [0-9a-f]{40}\n").And.Not.Contain("Refused"));
        Assert.That(_box.Left(), Is.Empty);
    }

    [TestCase("patch kpatch_1_2 1 0 \"$module\"", 0, "in force")]
    [TestCase("patch kpatch_1_2 1 1 \"$module\"", 1, "in its patch transition")]
    [TestCase("patch kpatch_1_2 0 1 \"$module\"", 1, "being taken back")]
    [TestCase("patch kpatch_1_2 1 0 /bin/true", 1, "another build of that name is loaded")]
    [TestCase("mkdir \"$fake/sys/module/kpatch_1_2\"", 1, "loaded without effect")]
    [TestCase("patch kpatch_1_1 1 0 /bin/true", 0, "not loaded")]
    [TestCase("patch kpatch_1_10 1 0 /bin/true", 1, "not loaded: the newer kpatch_1_10 is in force")]
    public void How_the_kernel_stands_to_it_is_told(string kernel, int exitCode, string here)
    {
        var answer = Inspect(kernel);
        Assert.That(answer.ExitCode, Is.EqualTo(exitCode), answer.ToString());
        Assert.That(answer.Output, Does.Contain($"Here        {here}\n"));
    }

    [TestCase("echo 5.14.0-2 >\"$fake/sysctl/osrelease\"", "patch.kernel")]
    [TestCase("rmdir \"$fake/sys/kernel/livepatch\"", "kernel.livepatch")]
    [TestCase("echo 0 >\"$fake/sysctl/ftrace_enabled\"", "kernel.ftrace")]
    [TestCase("echo 1 >\"$fake/sysctl/modules_disabled\"", "kernel.modules-disabled")]
    [TestCase("mkdir -p \"$fake/sys/kernel/security\"; echo 'none [integrity] confidentiality' >\"$fake/sys/kernel/security/lockdown\"", "patch.unsigned")]
    [TestCase("mkdir -p \"$fake/sys/module/module/parameters\"; echo Y >\"$fake/sys/module/module/parameters/sig_enforce\"", "patch.unsigned")]
    [TestCase("patch kpatch_1_1 1 1 /bin/true", "kernel.transition")]
    [TestCase("patch kpatch_1_2 1 0 /bin/true", "patch.same-name")]
    [TestCase("echo many >\"$fake/sysctl/tainted\"", "kernel.unknown")]
    [TestCase("truncate -s -1 \"$module\"", "patch.damaged")]
    [TestCase("mv \"$module\" \"$module.tmp\"; xz -c \"$module.tmp\" >\"$module\"", "patch.compressed")]
    [TestCase("rm -f \"$module\"", "patch.missing")]
    [TestCase("chmod o+w \"$module\"", "patch.changeable")]
    public void What_would_refuse_it_is_told_with_what_to_do(string kernel, string id)
    {
        var answer = Inspect(kernel, "--json");
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((1, "")), answer.ToString());
        using var report = JsonDocument.Parse(answer.Output);
        var refused = report.RootElement.GetProperty("refused").EnumerateArray().ToDictionary(r => r.GetProperty("id").GetString()!, r => r.GetProperty("remedy").GetString());
        Assert.That(refused, Does.ContainKey(id));
        Assert.That(refused[id], Is.Not.Empty);
        Assert.That(report.RootElement.GetProperty("would_be_loaded").GetBoolean(), Is.False);
        Assert.That(Inspect(kernel).Output, Does.Contain($"({id})\n  To do     "));
    }

    [Test]
    public void What_is_quarantined_here_is_told()
    {
        var id = BuildId();
        var lay = $"mkdir -p {Quarantine}; echo '{{\"boot\":\"b\",\"patch\":\"kpatch_1_2\",\"build_id\":\"{id}\"}}' >{Quarantine}/{id}.json";
        var answer = Inspect(lay);
        Assert.That(answer.ExitCode, Is.EqualTo(1), answer.ToString());
        Assert.That(answer.Output, Does.Contain("Quarantine  this node went down with it on trial\n").And.Contain("(patch.quarantined)"));
    }

    [Test]
    public void Without_root_all_is_told_but_the_quarantine()
    {
        _box.Mounts = _box.Mounts.Replace("# more\n", "chmod -R a+rX \"$fake\"\n");
        Directory.CreateDirectory(_box.State(""));
        var answer = _box.Run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", _box.Program, "inspect", _module.Path]);
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        Assert.That(answer.Output, Does.Contain("Here        not loaded\n").And.Contain("Quarantine  not known: look as root\n"));
    }

    [Test]
    public void A_relative_path_is_taken_from_where_one_is()
    {
        _box.Mounts = _box.Mounts.Replace("# more\n", $"cd {Path.GetDirectoryName(_module.Path)}\n");
        var answer = _box.Verb("inspect", "kpatch-1-2.ko");
        Assert.That(answer.Output, Does.Contain($"File        {_module.Path}\n"));
    }

    private string BuildId()
    {
        using var report = JsonDocument.Parse(Inspect(":", "--json").Output);
        return report.RootElement.GetProperty("build_id").GetString()!;
    }

    // The kernel is laid anew each time; $module is the file.
    private Answer Inspect(string kernel = ":", params string[] options)
    {
        var mounts = _box.Mounts;
        _box.Mounts = mounts.Replace("# more\n", $"module={_module.Path}; rm -rf \"$fake/sys/kernel/livepatch\" \"$fake/sys/module\"; mkdir -p \"$fake/sys/kernel/livepatch\" \"$fake/sys/module/nfs\"\n{kernel}\n");
        try
        {
            return _box.Verb(["inspect", .. options, _module.Path]);
        }
        finally
        {
            _box.Mounts = mounts;
        }
    }
}
