using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Livepatch;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Livepatch;

/// <summary>What is read of modules that gcc built and openssl signed, beside what modinfo and readelf say of them.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class RealModuleTests
{
    private static readonly string[] s_info =
        ["name=kpatch_1_1", "livepatch=Y", "vermagic=5.14.0-1.x86_64 SMP preempt mod_unload ", "depends=nfs,nfs-ssc", "license=GPL", "description=a patch of the lab", "vermagic=second"];

    [Test]
    public void An_unsigned_patch_is_read_as_modinfo_reads_it()
    {
        using var module = new BuiltModule("kpatch-1-1.ko", s_info);
        ExpectAgreement(module.Path);
        Assert.That(Found(module.Path).Signer, Is.Null);
    }

    [Test]
    public void A_patch_signed_by_a_certificate_has_the_signer_and_the_key_that_modinfo_shows()
    {
        using var module = new BuiltModule("kpatch-1-1.ko", s_info);
        module.AppendSignature("Lab live patch key");
        ExpectAgreement(module.Path);
        Assert.That(Found(module.Path).Signer, Is.EqualTo("Lab live patch key"));
    }

    [Test]
    public void A_patch_signed_by_a_key_id_shows_that()
    {
        using var module = new BuiltModule("kpatch-1-1.ko", s_info);
        module.AppendSignature("Lab live patch key", "-keyid");
        var id = Shell.Script("openssl x509 -in \"$1/certificate\" -noout -ext subjectKeyIdentifier | tail -n 1", Path.GetDirectoryName(module.Path)!).Output.Trim();
        Assert.That(id, Does.Match("^[0-9A-F]{2}(:[0-9A-F]{2}){19}$"));
        Assert.That(Found(module.Path).Signer, Is.EqualTo(id));
    }

    [Test]
    public void A_patch_signed_twice_has_the_signer_that_modinfo_shows()
    {
        using var module = new BuiltModule("kpatch-1-1.ko", s_info);
        module.AppendSignature("first");
        module.AppendSignature("second");
        ExpectAgreement(module.Path);
        Assert.That(Found(module.Path).Signer, Is.EqualTo("second"));
    }

    [TestCase("--strip-debug")]
    [TestCase("--strip-unneeded")]
    public void A_stripped_patch_is_read_as_a_whole_one(string how)
    {
        using var module = new BuiltModule("kpatch-1-1.ko", s_info);
        var answer = Shell.Run("strip", [how, module.Path]);
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        ExpectAgreement(module.Path);
    }

    [TestCase(1)]
    [TestCase(40)]
    [TestCase(300)]
    [TestCase(1000)]
    public void A_signed_patch_whose_end_is_missing_is_damaged(int bytes)
    {
        using var module = new BuiltModule("kpatch-1-1.ko", s_info);
        module.AppendSignature("Lab live patch key");
        using (var file = new FileStream(module.Path, FileMode.Open))
            file.SetLength(file.Length - bytes);
        Assert.That((SysKernel.Open(module.Path) as PatchChoice.Unusable)?.Why.Id, Is.EqualTo("patch.damaged"));
    }

    [TestCase("xz", ".xz", "xz")]
    [TestCase("gzip", ".gz", "gzip")]
    public void A_compressed_patch_is_named_as_one(string tool, string ending, string said)
    {
        using var module = new BuiltModule("kpatch-1-1.ko", s_info);
        Assert.That(Shell.Run(tool, [module.Path]).ExitCode, Is.Zero);
        var why = (SysKernel.Open(module.Path + ending) as PatchChoice.Unusable)?.Why;
        Assert.That(why?.Id, Is.EqualTo("patch.compressed"));
        Assert.That(why!.Why, Does.Contain(said));
    }

    [TestCase("/bin/true")]
    [TestCase("/etc/hostname")]
    [TestCase("/dev/null")]
    [TestCase("/dev/zero")]
    [TestCase("/proc/self/maps")]
    [TestCase("/etc")]
    [TestCase("/nowhere/kpatch.ko")]
    public void What_is_no_module_is_refused_in_a_sentence(string path)
    {
        var why = (SysKernel.Open(path) as PatchChoice.Unusable)?.Why;
        Assert.That(why?.Why, Does.StartWith(path));
        Assert.That(why!.Remedy, Is.Not.Empty);
    }

    private static PatchModule Found(string path)
    {
        var choice = SysKernel.Open(path);
        return choice is PatchChoice.Found found ? found.Module : throw new AssertionException(choice.ToString());
    }

    private static void ExpectAgreement(string path)
    {
        var module = Found(path);
        _ = SysKernel.Open(path, out var content);
        string? Modinfo(string field) => Shell.Run("modinfo", [path]).Output.Split('\n').FirstOrDefault(line => line.StartsWith(field + ":", StringComparison.Ordinal))?[(field.Length + 1)..].Trim();
        Assert.Multiple(() =>
        {
            Assert.That(module.Name, Is.EqualTo(Modinfo("name")));
            Assert.That(module.Release, Is.EqualTo(Modinfo("vermagic")!.Split(' ')[0]));
            Assert.That(module.IsLivePatch, Is.EqualTo(Modinfo("livepatch") == "Y"));
            Assert.That(module.Signer, Is.EqualTo(Modinfo("signer")));
            Assert.That(content!.Signature?.Key, Is.EqualTo(Modinfo("sig_key")));
            foreach (var field in (string[])["depends", "description", "license"])
                Assert.That(content.Info[field], Is.EqualTo(Modinfo(field)));
            Assert.That(Shell.Run("readelf", ["-n", path]).Output, Does.Contain("Build ID: " + module.BuildId));
        });
    }
}
