using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Livepatch;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Livepatch;

/// <summary>Which of the files in the folders of patches is meant.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PatchFoldersTests : IDisposable
{
    private const string Release = "5.14.0-1";
    private readonly TempFolder _folder = new();

    private PatchChoice Newest => PatchFolders.Newest(Release, [_folder.At("lib"), _folder.At("var")]);

    public void Dispose() => _folder.Dispose();

    [Test]
    public void Without_a_folder_or_a_file_in_it_there_is_none()
    {
        Assert.That(Newest, Is.EqualTo(new PatchChoice.None($"{_folder.At("lib")}/{Release} and {_folder.At("var")}/{Release}")));
        Directory.CreateDirectory(_folder.At($"var/{Release}"));
        Assert.That(Newest, Is.InstanceOf<PatchChoice.None>());
    }

    [Test]
    public void The_newest_of_both_folders_is_meant()
    {
        Lay("var", "kpatch-1-9.ko");
        Lay("lib", "kpatch-1-2.ko");
        Lay("var", "kpatch-1-10.ko");
        Assert.That(Found().Name, Is.EqualTo("kpatch_1_10"));
    }

    [Test]
    public void Of_the_same_name_the_packages_file_is_meant()
    {
        Lay("var", "kpatch-1-9.ko");
        Lay("lib", "kpatch-1-9.ko");
        Assert.That(Found().Path, Is.EqualTo(_folder.At($"lib/{Release}/kpatch-1-9.ko")));
    }

    [TestCase("kpatch-1-9.ko.new")]
    [TestCase("kpatch-1-9.ko;65a1b2c3")]
    [TestCase("kpatch-1-9.ko.rpmsave")]
    [TestCase(".kpatch-1-9.ko.swp")]
    [TestCase("README")]
    public void What_lies_beside_under_another_name_is_not_looked_at(string name)
    {
        Lay("var", "kpatch-1-2.ko");
        File.WriteAllText(_folder.At($"var/{Release}/{name}"), "half a copy");
        Assert.That(Found().Name, Is.EqualTo("kpatch_1_2"));
    }

    [TestCase("kpatch-1-9.ko", "patch.not-elf")]
    [TestCase("kpatch-1-9.ko.xz", "patch.not-elf")]
    [TestCase("kpatch-1-9.ko.zst", "patch.not-elf")]
    public void A_module_that_cannot_be_used_is_told_and_not_passed_over(string name, string id)
    {
        Lay("var", "kpatch-1-2.ko");
        File.WriteAllText(_folder.At($"var/{Release}/{name}"), "no module");
        Assert.That((Newest as PatchChoice.Unusable)?.Why.Id, Is.EqualTo(id));
    }

    [Test]
    public void A_link_to_nowhere_is_told()
    {
        Lay("var", "kpatch-1-2.ko");
        File.CreateSymbolicLink(_folder.At($"var/{Release}/kpatch-1-9.ko"), _folder.At("gone"));
        Assert.That((Newest as PatchChoice.Unusable)?.Why.Id, Is.EqualTo("patch.missing"));
    }

    [Test]
    public void A_file_that_comes_and_goes_meanwhile_is_no_trouble()
    {
        Lay("var", "kpatch-1-2.ko");
        Lay("var", "kpatch-1-9.ko");
        var (here, away) = (_folder.At($"var/{Release}/kpatch-1-9.ko"), _folder.At("away"));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var mover = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                File.Move(here, away);
                File.Move(away, here);
            }
        });
        mover.Start();
        var seen = new HashSet<string>();
        try
        {
            while (!stop.IsCancellationRequested)
                seen.Add(Found().Name);
        }
        finally
        {
            stop.Cancel();
            mover.Join();
        }

        Assert.That(seen, Is.EquivalentTo((string[])["kpatch_1_2", "kpatch_1_9"]));
    }

    private PatchModule Found()
    {
        var choice = Newest;
        return choice is PatchChoice.Found found ? found.Module : throw new AssertionException(choice.ToString());
    }

    private void Lay(string folder, string name)
    {
        Directory.CreateDirectory(_folder.At($"{folder}/{Release}"));
        using var module = new BuiltModule(name, $"name={Path.GetFileNameWithoutExtension(name).Replace('-', '_')}", "livepatch=Y", $"vermagic={Release} SMP ");
        File.Copy(module.Path, _folder.At($"{folder}/{Release}/{name}"));
    }
}
