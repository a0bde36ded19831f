using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Host;
using PcmkKpatch.Livepatch;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Livepatch;

/// <summary>patch=package against the real dnf and rpm, with a repository on the disk.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class PackagesTests
{
    private static string Nine => Rpms.Patch(9);
    private static string Ten => Rpms.Patch(10);

    [Test]
    public void The_newest_package_is_fetched_and_looked_into_before_anything_is_installed() => PackageNode.Run([], [Nine, Ten], node =>
    {
        var before = PackageNode.All();
        var module = Found(node.Packages.Newest(Rpms.Kernel));
        Assert.That((module.Name, module.Path, module.Package, module.Release, module.IsLivePatch, module.BuildId),
            Is.EqualTo(("kpatch_5_14_0_362_8_1_1_10", Rpms.PathOf(10), Rpms.NameOf(Ten), Rpms.Kernel, true, "ab0a")));
        Assert.That(PackageNode.Fetched(), Is.EqualTo((string[])[Path.GetFileName(Ten)]));
        Assert.That(PackageNode.All(), Is.EqualTo(before));
        Assert.That(File.Exists(Rpms.PathOf(10)), Is.False);
    });

    [Test]
    public void It_is_installed_alone_and_without_its_scriptlets_after_the_repository_has_gone() => PackageNode.Run([], [Ten], node =>
    {
        var before = PackageNode.All();
        var module = Found(node.Packages.Newest(Rpms.Kernel));
        node.LoseRepository();
        Assert.That(node.Packages.Install(module.Package!), Is.Null);
        Assert.That(PackageNode.All(), Is.EqualTo(before.Append(module.Package).Order(StringComparer.Ordinal)));
        Assert.That(((PatchChoice.Found)SysKernel.Open(module.Path)).Module.BuildId, Is.EqualTo(module.BuildId));
        Assert.That(PackageNode.Scriptlets(), Is.Empty);
    });

    [Test]
    public void An_upgrade_runs_neither_the_new_scriptlets_nor_the_old() => PackageNode.Run([Nine], [Nine, Ten], node =>
    {
        Assert.That(File.Exists(Rpms.PathOf(9)), Is.True);
        Assert.That(node.Packages.Install(Found(node.Packages.Newest(Rpms.Kernel)).Package!), Is.Null);
        Assert.That((PackageNode.Has(Nine), PackageNode.Has(Ten)), Is.EqualTo((false, true)));
        Assert.That((File.Exists(Rpms.PathOf(9)), File.Exists(Rpms.PathOf(10))), Is.EqualTo((false, true)));
        Assert.That(PackageNode.Scriptlets(), Is.Empty);
    });

    // If these did not run here by themselves, the two tests before this one would say nothing.
    [Test]
    public void Installed_in_the_usual_way_the_same_packages_run_every_scriptlet() => PackageNode.Run([], [Ten], _ =>
    {
        foreach (var file in (string[])[Nine, Ten])
            Assert.That(Shell.Run("dnf", ["-y", "--disablerepo=*", "install", file]).ExitCode, Is.Zero);
        foreach (var scriptlet in (string[])["pretrans", "pre", "post", "posttrans", "triggerin", "preun", "postun"])
            Assert.That(PackageNode.Scriptlets(), Does.Match($"(?m) {scriptlet}$"));
    });

    [Test]
    public void What_is_installed_already_is_taken_where_it_lies() => PackageNode.Run([Ten], [Nine, Ten], node =>
    {
        var module = Found(node.Packages.Newest(Rpms.Kernel));
        Assert.That((module.Path, module.Package), Is.EqualTo((Rpms.PathOf(10), (string?)null)));
        Assert.That(PackageNode.Fetched(), Is.Empty);
    });

    [Test]
    public void What_is_installed_is_not_taken_back_to_an_older_one() => PackageNode.Run([Ten], [Nine], node =>
        Assert.That(Found(node.Packages.Newest(Rpms.Kernel)).Path, Is.EqualTo(Rpms.PathOf(10))));

    [Test]
    public void Without_a_package_for_the_kernel_nothing_is_wrong() => PackageNode.Run([], [Ten], node =>
    {
        Assert.That(node.Packages.Newest("5.14.0-427.13.1.el9_4.x86_64"), Is.EqualTo(new PatchChoice.None("dnf offers no kpatch-patch package for 5.14.0-427.13.1.el9_4.x86_64")));
        Assert.That(Packages.Problem("5.14.0-427.13.1.el9_4.x86_64"), Is.Null);
    });

    [Test]
    public void The_empty_package_is_nothing_to_load() => PackageNode.Run([], [Rpms.Patch(0, version: "0", modules: 0)], node =>
    {
        Assert.That(node.Packages.Newest(Rpms.Kernel), Is.TypeOf<PatchChoice.None>().With.Property("Where").Contains("which is empty"));
        Assert.That(PackageNode.Fetched(), Is.Empty);
    });

    [Test]
    public void One_that_pulls_in_another_package_is_refused_and_nothing_is_fetched() =>
        PackageNode.Run([], [Rpms.Patch(11, more: "Requires: patch-tools"), Rpms.Other("patch-tools")], node =>
        {
            var refusal = Refused(node.Packages.Newest(Rpms.Kernel));
            Assert.That(refusal.Id, Is.EqualTo("patch.transaction"));
            Assert.That(refusal.Why, Does.Contain("would not be installed alone: installing dependencies patch-tools"));
            Assert.That(PackageNode.Fetched(), Is.Empty);
        });

    [Test]
    public void One_that_only_recommends_another_package_comes_alone() => PackageNode.Run([], [Rpms.Patch(12, more: "Recommends: patch-tools"), Rpms.Other("patch-tools")], node =>
    {
        var before = PackageNode.All();
        Assert.That(node.Packages.Install(Found(node.Packages.Newest(Rpms.Kernel)).Package!), Is.Null);
        Assert.That(PackageNode.All(), Has.Length.EqualTo(before.Length + 1));
    });

    [Test]
    public void One_that_would_remove_another_package_is_refused() => PackageNode.Run([Rpms.Other("old-patches")], [Rpms.Patch(13, more: "Obsoletes: old-patches")], node =>
    {
        var refusal = Refused(node.Packages.Newest(Rpms.Kernel));
        Assert.That(refusal.Id, Is.EqualTo("patch.transaction"));
        Assert.That(refusal.Why, Does.Contain("replacing old-patches"));
    });

    [Test]
    public void One_whose_needs_nobody_has_is_refused_with_dnfs_words() => PackageNode.Run([], [Rpms.Patch(14, more: "Requires: no-such-thing")], node =>
    {
        var refusal = Refused(node.Packages.Newest(Rpms.Kernel));
        Assert.That(refusal.Id, Is.EqualTo("patch.transaction"));
        Assert.That(refusal.Why, Does.Contain("nothing provides no-such-thing"));
    });

    [TestCase(0, "holds no kernel module")]
    [TestCase(2, "holds more than one kernel module")]
    public void One_that_does_not_hold_one_module_is_refused(int modules, string words) => PackageNode.Run([], [Rpms.Patch(15, modules: modules)], node =>
    {
        var refusal = Refused(node.Packages.Newest(Rpms.Kernel));
        Assert.That((refusal.Id, refusal.Why), Is.EqualTo(("patch.package", refusal.Why)));
        Assert.That(refusal.Why, Does.Contain(words));
    });

    [Test]
    public void One_that_puts_its_module_elsewhere_is_refused() => PackageNode.Run([], [Rpms.Patch(16, folder: "/usr/lib/elsewhere")], node =>
        Assert.That(Refused(node.Packages.Newest(Rpms.Kernel)).Why, Does.Contain("/usr/lib/elsewhere/kpatch-5_14_0-362_8_1-1-16.ko, which is not where patches for")));

    [Test]
    public void A_signed_package_is_taken_where_signatures_are_asked_for() => PackageNode.Run([], [Ten], node =>
    {
        node.Configure(node.Sign(Ten));
        Assert.That(node.Packages.Install(Found(node.Packages.Newest(Rpms.Kernel)).Package!), Is.Null);
        Assert.That(PackageNode.Has(Ten), Is.True);
    });

    [Test]
    public void One_that_is_not_signed_is_refused_there_and_not_kept() => PackageNode.Run([], [Ten], node =>
    {
        node.Configure(node.Sign());
        Assert.That(Refused(node.Packages.Newest(Rpms.Kernel)), Has.Property("Id").EqualTo("patch.signature").And.Property("Why").Contains("GPG check FAILED"));
        Assert.That(PackageNode.Fetched(), Is.Empty);
    });

    [Test]
    public void Without_any_key_to_look_with_it_is_refused_too() => PackageNode.Run([], [Ten], node =>
    {
        node.Configure("gpgcheck=1");
        Assert.That(Refused(node.Packages.Newest(Rpms.Kernel)), Has.Property("Id").EqualTo("patch.transaction").And.Property("Why").Contains("you do not have any GPG public keys"));
        Assert.That(PackageNode.Fetched(), Does.Not.Contain(Path.GetFileName(Ten)));
    });

    [Test]
    public void What_the_package_would_do_is_asked_again_before_it_is_installed() => PackageNode.Run([], [Rpms.Patch(13, more: "Obsoletes: old-patches")], node =>
    {
        var module = Found(node.Packages.Newest(Rpms.Kernel));
        PackageNode.Install(Rpms.Other("old-patches"));
        Assert.That(node.Packages.Install(module.Package!), Does.StartWith("it would no longer be alone: replacing old-patches"));
        Assert.That((PackageNode.Has(Rpms.Other("old-patches")), File.Exists(module.Path)), Is.EqualTo((true, false)));
    });

    [Test]
    public void Installing_twice_is_as_once_and_needs_no_dnf() => PackageNode.Run([], [Ten], node =>
    {
        var module = Found(node.Packages.Newest(Rpms.Kernel));
        Assert.That(node.Packages.Install(module.Package!), Is.Null);
        PackageNode.Tool("dnf", "exit 1");
        Assert.That(node.Packages.Install(module.Package!), Is.Null);
    });

    [Test]
    public void What_somebody_tidied_away_is_fetched_again() => PackageNode.Run([], [Ten], node =>
    {
        var module = Found(node.Packages.Newest(Rpms.Kernel));
        Directory.Delete(Paths.Packages, recursive: true);
        Assert.That(node.Packages.Install(module.Package!), Is.Null);
        Assert.That(PackageNode.Has(Ten), Is.True);
    });

    // The module's file, and no rpm that knows of it: so a dnf that was killed may leave a node.
    [Test]
    public void A_file_that_a_killed_dnf_left_becomes_the_packages_own() => PackageNode.Run([], [Ten], node =>
    {
        var module = Found(node.Packages.Newest(Rpms.Kernel));
        Directory.CreateDirectory(Path.GetDirectoryName(module.Path)!);
        File.WriteAllText(module.Path, "half a mod");
        Assert.That(node.Packages.Install(module.Package!), Is.Null);
        Assert.That(PackageNode.Has(Ten), Is.True);
        Assert.That(((PatchChoice.Found)SysKernel.Open(module.Path)).Module.BuildId, Is.EqualTo(module.BuildId));
    });

    [Test]
    public void A_package_without_its_module_on_the_disk_is_told() => PackageNode.Run([Ten], [Ten], node =>
    {
        File.Delete(Rpms.PathOf(10));
        var refusal = Refused(node.Packages.Newest(Rpms.Kernel));
        Assert.That((refusal.Id, refusal.Remedy), Is.EqualTo(("patch.gone", $"dnf --setopt=tsflags=noscripts reinstall {Rpms.NameOf(Ten)}")));
    });

    private static PatchModule Found(PatchChoice choice) =>
        choice is PatchChoice.Found found ? found.Module : throw new AssertionException($"not found: {choice}");

    private static Refusal Refused(PatchChoice choice) =>
        choice is PatchChoice.Unusable unusable ? unusable.Why : throw new AssertionException($"not refused: {choice}");
}
