using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Host;
using PcmkKpatch.Livepatch;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Livepatch;

/// <summary>What is read from the kernel's own files, on trees of such files. A real kernel is in the kernel lab.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SysKernelTests : IDisposable
{
    private readonly FakeKernel _files = new();

    private KernelView Seen => new SysKernel(_files.Root).See();

    public void Dispose() => _files.Dispose();

    [Test]
    public void A_module_that_others_could_change_is_not_chosen_by_who_would_load_it()
    {
        using var module = new BuiltModule("kpatch-1-2.ko", "name=kpatch_1_2", "livepatch=Y", "vermagic=5.14.0-1.x86_64 SMP ");
        Assert.That(new SysKernel(_files.Root, changeable: RootOnly.Problem).Choose(module.Path, Seen), Is.TypeOf<PatchChoice.Found>());
        File.SetUnixFileMode(module.Path, File.GetUnixFileMode(module.Path) | UnixFileMode.OtherWrite);
        Assert.That((new SysKernel(_files.Root, changeable: RootOnly.Problem).Choose(module.Path, Seen) as PatchChoice.Unusable)?.Why.Id, Is.EqualTo("patch.changeable"));
        Assert.That(new SysKernel(_files.Root).Choose(module.Path, Seen), Is.TypeOf<PatchChoice.Found>(), "a monitor need not look");
    }

    [Test]
    public void A_kernel_without_a_patch_is_seen_as_it_is()
    {
        var seen = Seen;
        Assert.That((seen.Release, seen.CanLivePatch, seen.Patches.Count, seen.Taint), Is.EqualTo(("5.14.0-1.x86_64", true, 0, 0UL)));
        Assert.That((seen.FtraceEnabled, seen.ModulesDisabled, seen.SignatureWanted), Is.EqualTo((true, false, (string?)null)));
        Assert.That(seen.Modules, Is.EqualTo(new HashSet<string> { "module" }));
    }

    [Test]
    public void A_kernel_without_live_patching_has_none_of_its_files()
    {
        Directory.Delete(_files.At("sys"), recursive: true);
        File.Delete(_files.At("proc/sys/kernel/ftrace_enabled"));
        File.Delete(_files.At("proc/sys/kernel/modules_disabled"));
        var seen = Seen;
        Assert.That((seen.CanLivePatch, seen.Patches.Count, seen.Modules.Count), Is.EqualTo((false, 0, 0)));
        Assert.That((seen.FtraceEnabled, seen.ModulesDisabled, seen.SignatureWanted), Is.EqualTo((true, false, (string?)null)));
    }

    [TestCase("1", "0", true, false)]
    [TestCase("1", "1", true, true)]
    [TestCase("0", "1", false, true)]
    [TestCase("0", "0", false, false)]
    public void A_patch_is_seen_with_where_it_is_and_is_going(string enabled, string transition, bool isEnabled, bool inTransition)
    {
        _files.Patch("kpatch_1_1", enabled, transition, [0xAB, 0xCD]);
        var patch = Seen.Patch("kpatch_1_1")!;
        Assert.That((patch.Enabled, patch.InTransition, patch.BuildId), Is.EqualTo((isEnabled, inTransition, "abcd")));
        Assert.That(patch.Objects, Is.Empty, "the kernel does not tell");
    }

    [Test]
    public void A_patch_of_which_a_part_is_gone_is_going_away_and_not_seen()
    {
        _files.Patch("kpatch_1_1", "1", transition: null, [0xAB, 0xCD]);
        Assert.That(Seen.Patches, Is.Empty);
    }

    [Test]
    public void Its_objects_are_seen_and_its_functions_are_none()
    {
        _files.Patch("kpatch_1_1");
        _files.Lay("sys/kernel/livepatch/kpatch_1_1/vmlinux/patched", "1\n");
        _files.Lay("sys/kernel/livepatch/kpatch_1_1/nfs/patched", "0\n");
        Directory.CreateDirectory(_files.At("sys/kernel/livepatch/kpatch_1_1/vmlinux/cmdline_proc_show,1"));
        Directory.CreateDirectory(_files.At("sys/kernel/livepatch/kpatch_1_1/without-the-file"));
        Assert.That(Seen.Patches.Single().Objects, Is.EqualTo(new Dictionary<string, bool> { ["vmlinux"] = true, ["nfs"] = false }));
    }

    [Test]
    public void A_patch_whose_module_shows_no_build_id_has_none()
    {
        _files.Patch("kpatch_1_1");
        Assert.That(Seen.Patches.Single().BuildId, Is.Null);
        _files.Lay("sys/module/kpatch_1_1/notes/.note.gnu.build-id", "nonsense, and not a note of any kind");
        Assert.That(Seen.Patches.Single().BuildId, Is.Null);
    }

    [Test]
    public void A_folder_that_the_kernel_has_half_taken_away_is_no_patch()
    {
        Directory.CreateDirectory(_files.At("sys/kernel/livepatch/gone"));
        _files.Patch("kpatch_1_1");
        Assert.That(Seen.Patches.Select(p => p.Name), Is.EqualTo((string[])["kpatch_1_1"]));
    }

    [Test]
    public void The_monitors_glance_sees_the_patches_as_a_whole_look_does()
    {
        _files.Patch("kpatch_1_0", enabled: "0", transition: "1");
        _files.Patch("kpatch_1_1", buildId: [0xAB]);
        var (glance, whole) = (new SysKernel(_files.Root).Glance(), Seen);
        Assert.That((glance.Release, glance.CanLivePatch), Is.EqualTo((whole.Release, whole.CanLivePatch)));
        Assert.That(glance.Patches.Select(p => (p.Name, p.Enabled, p.InTransition, p.BuildId)), Is.EquivalentTo(whole.Patches.Select(p => (p.Name, p.Enabled, p.InTransition, p.BuildId))));
    }

    // What has been read of a patch that goes away meanwhile must not add up to one that is in force.
    [Test]
    public void A_patch_that_comes_and_goes_while_it_is_read_is_seen_whole_or_not_at_all()
    {
        _files.Patch("kpatch_1_1", enabled: "1", transition: "1", [1]);
        _files.Lay("sys/kernel/livepatch/kpatch_1_1/vmlinux/patched", "1\n");
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var here = _files.At("sys/kernel/livepatch/kpatch_1_1");
        var mover = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Directory.Move(here, _files.At("away"));
                Directory.Move(_files.At("away"), here);
            }
        });
        mover.Start();
        int there = 0, gone = 0;
        var kernel = new SysKernel(_files.Root);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var patch = kernel.See().Patch("kpatch_1_1");
                Assert.That(patch is not { InForce: true }, "it never was in force");
                _ = patch is null ? gone++ : there++;
            }
        }
        finally
        {
            stop.Cancel();
            mover.Join();
        }

        Assert.That(there, Is.Positive);
        Assert.That(gone, Is.Positive);
    }

    [TestCase("proc/sys/kernel/ftrace_enabled", "0", ExpectedResult = "ftrace")]
    [TestCase("proc/sys/kernel/modules_disabled", "1", ExpectedResult = "modules disabled")]
    [TestCase("sys/kernel/security/lockdown", "none [integrity] confidentiality", ExpectedResult = "lockdown")]
    [TestCase("sys/kernel/security/lockdown", "none integrity [confidentiality]", ExpectedResult = "lockdown")]
    [TestCase("sys/module/module/parameters/sig_enforce", "Y", ExpectedResult = "module.sig_enforce")]
    public string What_keeps_a_patch_out_is_seen(string file, string content)
    {
        _files.Lay(file, content + "\n");
        var seen = Seen;
        return !seen.FtraceEnabled ? "ftrace" : seen.ModulesDisabled ? "modules disabled" : seen.SignatureWanted ?? "nothing";
    }

    [TestCase("proc/sys/kernel/tainted", "many")]
    [TestCase("proc/sys/kernel/tainted", "")]
    [TestCase("sys/kernel/security/lockdown", "on")]
    [TestCase("sys/kernel/livepatch/kpatch_1_1/enabled", "2")]
    [TestCase("sys/kernel/livepatch/kpatch_1_1/enabled", "")]
    [TestCase("sys/kernel/livepatch/kpatch_1_1/transition", "?")]
    [TestCase("sys/kernel/livepatch/kpatch_1_1/vmlinux/patched", "yes")]
    public void What_is_not_understood_is_told_and_never_assumed(string file, string content)
    {
        _files.Patch("kpatch_1_1");
        _files.Lay(file, content + "\n");
        Assert.That(Assert.Throws<ToolFailedException>(() => _ = Seen)!.Command, Does.EndWith(file));
    }

    [TestCase("proc/sys/kernel/osrelease")]
    [TestCase("proc/sys/kernel/ftrace_enabled")]
    [TestCase("proc/sys/kernel/modules_disabled")]
    [TestCase("sys/kernel/security/lockdown")]
    [TestCase("sys/module/module/parameters/sig_enforce")]
    [TestCase("sys/kernel/livepatch/kpatch_1_1/enabled")]
    [TestCase("sys/kernel/livepatch/kpatch_1_1/transition")]
    [TestCase("sys/module/kpatch_1_1/notes/.note.gnu.build-id")]
    public void What_is_there_and_cannot_be_read_is_told(string file)
    {
        _files.Patch("kpatch_1_1", buildId: [1]);
        File.Delete(_files.At(file));
        Directory.CreateDirectory(_files.At(file));
        Assert.That(Assert.Throws<ToolFailedException>(() => _ = Seen)!.Command, Does.EndWith(file));
    }

    [Test]
    public void Disabling_writes_0_and_nothing_else()
    {
        _files.Patch("kpatch_1_1");
        new SysKernel(_files.Root).Disable("kpatch_1_1");
        Assert.That(File.ReadAllText(_files.At("sys/kernel/livepatch/kpatch_1_1/enabled")), Does.StartWith("0"));
    }

    [Test]
    public void Disabling_what_is_gone_is_no_error_and_makes_no_file()
    {
        new SysKernel(_files.Root).Disable("kpatch_1_1");
        Assert.That(_files.At("sys/kernel/livepatch/kpatch_1_1"), Does.Not.Exist);
    }

    [Test]
    public void Disabling_what_the_kernel_refuses_is_told()
    {
        _files.Patch("kpatch_1_1");
        File.Delete(_files.At("sys/kernel/livepatch/kpatch_1_1/enabled"));
        Directory.CreateDirectory(_files.At("sys/kernel/livepatch/kpatch_1_1/enabled"));
        Assert.That(() => new SysKernel(_files.Root).Disable("kpatch_1_1"), Throws.InstanceOf<ToolFailedException>());
    }

    [Test]
    public void Without_kpatch_a_load_through_it_is_refused_and_nothing_is_loaded()
    {
        var answer = new SysKernel(_files.Root).Load(new PatchModule("/nowhere/kpatch-1-1.ko", "kpatch_1_1", "ab", "1", true), Loader.Kpatch);
        Assert.That(answer, Is.EqualTo(new LoadAnswer(false, "loader=kpatch, and kpatch is not installed on this node")));
    }
}
