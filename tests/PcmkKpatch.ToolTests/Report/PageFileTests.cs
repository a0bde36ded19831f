using PcmkKpatch.Core;
using PcmkKpatch.Report;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Report;

/// <summary>Where a page is written to, and where not.</summary>
internal sealed class PageFileTests
{
    private static readonly string s_page = ReportPage.Of(Reports.Of(1, 1));
    private TempFolder _folder = null!;

    private string File1 => _folder.At("report.html");

    [SetUp]
    public void Begin() => _folder = new TempFolder();

    [TearDown]
    public void End() => _folder.Dispose();

    [Test]
    public void It_is_written_for_root_alone_and_replaces_such_a_page()
    {
        PageFile.Write(File1, s_page);
        PageFile.Write(File1, ReportPage.Of(Reports.Of(2, 2)));
        Assert.That(File.ReadAllText(File1), Is.EqualTo(ReportPage.Of(Reports.Of(2, 2))));
        Assert.That(File.GetUnixFileMode(File1), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(_folder.Names(), Is.EqualTo((string[])["report.html"]), "nothing is left beside it");
    }

    [Test]
    public void A_page_of_another_version_is_such_a_page()
    {
        File.WriteAllText(File1, s_page.Replace($"report {ThisProgram.Version}", "report 99.0", StringComparison.Ordinal));
        PageFile.Write(File1, s_page);
        Assert.That(File.ReadAllText(File1), Is.EqualTo(s_page));
    }

    [TestCase("echo text >report.html", "is there already and is no such report")]
    [TestCase(": >report.html", "is there already and is no such report")]
    [TestCase("mkdir report.html", "is a folder")]
    [TestCase("mkfifo report.html", "is there already and is no such report")]
    [TestCase("ln -s page report.html", "is there already and is no such report")]
    [TestCase("ln -s nowhere report.html", "is there already and is no such report")]
    [TestCase("ln page report.html", "is there already and is no such report")]
    [TestCase("cp page report.html; chown nobody report.html", "is there already and is no such report")]
    [TestCase("chmod 777 .", "can be changed by others than root .*--html - >FILE")]
    [TestCase("chown nobody .", "belongs to the user 65534")]
    public void What_is_a_surprise_is_refused_and_left_as_it_was(string script, string why)
    {
        File.WriteAllText(_folder.At("page"), s_page);
        Shell.Script($"cd \"$1\" && {script}", _folder.Path);
        var before = Shell.Script("cd \"$1\" && ls -l && cat page", _folder.Path).Output;
        Assert.That(() => PageFile.Write(File1, s_page), Throws.TypeOf<ToolFailedException>().With.Message.Matches(why));
        Assert.That(Shell.Script("cd \"$1\" && ls -l && cat page", _folder.Path).Output, Is.EqualTo(before));
    }

    [TestCase("new/", "is a folder")]
    [TestCase("nowhere/report.html", "there is no such folder")]
    public void What_is_no_file_is_told(string name, string why) =>
        Assert.That(() => PageFile.Write(_folder.At(name), s_page), Throws.TypeOf<ToolFailedException>().With.Message.Contains(why));

    [Test]
    public void In_a_sticky_folder_as_tmp_is_root_s_own_page_is_as_good_as_anywhere()
    {
        Shell.Script("chmod 1777 \"$1\"", _folder.Path);
        PageFile.Write(File1, s_page);
        Assert.That(File.Exists(File1));
    }
}
