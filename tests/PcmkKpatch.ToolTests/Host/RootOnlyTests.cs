using PcmkKpatch.Core;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Host;

/// <summary>Who but root could change a file: by its own rights, by a folder's on the way to it, or by a link's target.</summary>
public sealed class RootOnlyTests
{
    private TempFolder _folder = null!;

    private string Inner => _folder.At("a/b/patch.ko");

    [SetUp]
    public void Begin()
    {
        _folder = new TempFolder();
        Directory.CreateDirectory(_folder.At("a/b"));
        File.WriteAllText(Inner, "module");
    }

    [TearDown]
    public void End() => _folder.Dispose();

    [Test]
    public void a_file_of_root_s_in_folders_of_root_s_is_nobody_else_s() => Assert.That(RootOnly.Problem(Inner), Is.Null);

    [TestCase("chmod o+w a/b/patch.ko", "patch.ko can be changed by others than root \\(mode 646\\)")]
    [TestCase("chmod g+w a/b/patch.ko; chgrp nogroup a/b/patch.ko", "patch.ko can be changed by others")]
    [TestCase("chown nobody a/b/patch.ko", "patch.ko belongs to the user 65534")]
    [TestCase("chmod 777 a/b", "/a/b can be changed by others than root \\(mode 777\\)")]
    [TestCase("chmod 777 a", "/a can be changed by others")]
    [TestCase("chown nobody a", "/a belongs to the user 65534")]
    [TestCase("mv a/b evil; chmod 777 evil; ln -s ../evil a/b", "/evil can be changed by others")]
    [TestCase("mkdir x; mv a/b/patch.ko x; chown nobody x; ln -s \"$PWD/x/patch.ko\" a/b/patch.ko", "/x belongs to the user 65534")]
    [TestCase("mv a/b/patch.ko p; ln -s p a/b/q; ln -s ../../p a/b/patch.ko; chown -h nobody a/b/patch.ko", "patch.ko belongs to the user 65534")]
    public void whoever_else_could_change_it_is_told(string script, string says) => Assert.That(After(script), Does.Match(says));

    [TestCase("chmod g+w a/b/patch.ko a/b")]
    [TestCase("chmod 1777 a")]
    [TestCase("mv a/b real; ln -s ../real a/b")]
    [TestCase("mv a/b/patch.ko p; ln -s ../../p a/b/patch.ko")]
    public void root_s_own_group_a_sticky_folder_and_root_s_links_are_as_good(string script) => Assert.That(After(script), Is.Null);

    [TestCase("rm a/b/patch.ko")]
    [TestCase("rm a/b/patch.ko; ln -s patch.ko a/b/patch.ko")]
    public void what_is_not_there_is_for_others_to_tell(string script) => Assert.That(After(script), Is.Null);

    [Test]
    public void a_folder_of_our_own_is_made_for_root_alone_whatever_it_was()
    {
        RootOnly.Folder(_folder.At("new"));
        Shell.Script("chmod 777 \"$1\"", _folder.At("a"));
        RootOnly.Folder(_folder.At("a"));
        foreach (var name in (string[])["new", "a"])
            Assert.That(File.GetUnixFileMode(_folder.At(name)), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [TestCase("chown nobody a")]
    [TestCase("mv a real; ln -s real a")]
    public void a_folder_that_somebody_else_has_laid_is_refused(string script)
    {
        Shell.Script($"cd \"$1\" && {script}", _folder.Path);
        Assert.That(() => RootOnly.Folder(_folder.At("a")), Throws.TypeOf<ToolFailedException>().With.Message.Contains("root's own"));
    }

    private string? After(string script)
    {
        var answer = Shell.Script($"set -e; cd \"$1\"; {script}", _folder.Path);
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        return RootOnly.Problem(Inner);
    }
}
