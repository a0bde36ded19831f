using System.Text.RegularExpressions;
using PcmkKpatch.Host;
using PcmkKpatch.Livepatch;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>What docs/security.md claims, as far as no other test is about it.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SecurityTests : IDisposable
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Test]
    public void Every_file_of_ours_is_for_root_alone()
    {
        _box.Act("start");
        _box.Run(["timeout", "-s", "TERM", "2", _box.Program, "run"]);
        var files = ((string[])[_box.State(""), _box.Runtime("")]).SelectMany(folder => Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories)).ToList();
        Assert.That(files.Select(Path.GetFileName), Is.SupersetOf((string[])["wanted", "lock", "progress"]));
        foreach (var file in files)
            Assert.That(File.GetUnixFileMode(file) & Others, Is.EqualTo(UnixFileMode.None), file);
    }

    [TestCase("mkdir /run/pcmk-kpatch; chown nobody /run/pcmk-kpatch")]
    [TestCase("mkdir /run/elsewhere; ln -s elsewhere /run/pcmk-kpatch")]
    public void A_folder_that_somebody_else_has_laid_is_not_used(string lay)
    {
        _box.Mounts = $"rm -rf /run/pcmk-kpatch /run/elsewhere; {lay}";
        foreach (var answer in (Answer[])[_box.Act("start"), _box.Verb("run")])
        {
            Assert.That(answer.ExitCode, Is.EqualTo(1), answer.ToString());
            Assert.That(answer.Errors, Does.Contain("/run/pcmk-kpatch: is not a folder of root's own"));
        }
    }

    [TestCase("health_check", "chmod 777 /var/lib/check", "can be changed by others than root")]
    [TestCase("health_check", "chown nobody /var/lib/check", "belongs to the user")]
    [TestCase("gate_command", "chmod 777 /var/lib/check", "can be changed by others than root")]
    [TestCase("gate_command", "chown nobody /var/lib/check", "belongs to the user")]
    [TestCase("notify", "chmod 777 /var/lib/check", "can be changed by others than root")]
    [TestCase("notify", "chown nobody /var/lib/check", "belongs to the user")]
    public void A_program_that_others_could_change_is_neither_accepted_nor_run(string parameter, string make, string why)
    {
        _box.Mounts = $"echo '#!/bin/sh' >/var/lib/check; chmod 755 /var/lib/check; {make}";
        var answer = _box.Act("validate-all", ($"OCF_RESKEY_{parameter}", "/var/lib/check"));
        Assert.That(answer.ExitCode, Is.EqualTo(4), answer.ToString());
        Assert.That(answer.Errors, Does.Match($"{parameter} is run as root, and /var/lib/check {why}"));
    }

    [Test]
    public void A_parameter_longer_than_a_path_is_refused_and_not_repeated()
    {
        foreach (var parameter in (string[])["patch", "health_check", "gate_command", "notify"])
        {
            var answer = _box.Act("validate-all", ($"OCF_RESKEY_{parameter}", "/" + new string('x', 5000)));
            Assert.That((answer.ExitCode, answer.Errors.Length), Is.EqualTo((6, answer.Errors.Length)), answer.ToString());
            Assert.That(answer.Errors, Has.Length.LessThan(400));
        }
    }

    [Test]
    public void The_worker_is_confined_and_the_unit_at_boot_is_confined_the_same()
    {
        _box.Act("start");
        var arguments = _box.Started().Split('\n');
        var unit = File.ReadAllLines(Path.Combine(Sandbox.Checkout, "rpm", "pcmk-kpatch-resume.service.in"));
        foreach (var property in SystemdRun.Confinement)
        {
            Assert.That(arguments, Has.Member($"--property={property}"));
            Assert.That(unit, Has.Member(property));
        }
    }

    // Whatever gives a unit mounts of its own can keep a file system mounted that a resource's stop is to unmount. And the worker loads modules, reads the
    // kernel's log, and writes to /sys.
    [Test]
    public void The_worker_is_not_confined_by_what_would_fence_a_node_or_keep_it_from_its_work()
    {
        foreach (var property in SystemdRun.Confinement)
            Assert.That(property, Does.Not.Match("^(Private|ProtectSystem|ProtectHome|ProtectKernel|ProtectControl|ProtectClock|ReadOnly|Inaccessible|Root|Mount|.*CAP_SYS_MODULE|.*CAP_SYSLOG|.*CAP_SYS_ADMIN)"));
    }

    [Test]
    public void No_source_calls_a_shell()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Sandbox.Checkout, "src"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/") && !f.Contains("/bin/")))
            Assert.That(Regex.Matches(File.ReadAllText(file), "\"(/bin/|/usr/bin/)?(ba|da)?sh\"|UseShellExecute|\"-c\""), Is.Empty, file);
    }

    [TestCase("../../../etc/cron.d/x")]
    [TestCase("--installroot=/tmp")]
    [TestCase("kpatch-patch;id")]
    [TestCase("kpatch patch")]
    [TestCase("")]
    public void A_repository_that_names_a_package_that_none_can_be_is_not_believed(string name) =>
        Assert.That(() => PackageId.In($"package|{name}|0|1|1.el9|x86_64\n"), Throws.Exception.With.Message.Contains("no package can be"));
}
