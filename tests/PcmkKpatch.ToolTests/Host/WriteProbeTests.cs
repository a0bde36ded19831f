using System.Diagnostics;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Host;

/// <summary>A small file, written to a folder in which others may do what they like, with the real tools.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class WriteProbeTests : IDisposable
{
    private const string Name = ".pcmk-kpatch-probe.node 1";
    private readonly TempFolder _mount = new();
    private readonly TempFolder _run = new();

    public void Dispose()
    {
        _mount.Dispose();
        _run.Dispose();
    }

    [Test]
    public void What_can_be_written_to_is_and_nothing_stays()
    {
        Assert.That(Write(), Is.Null);
        Assert.That(Write(), Is.Null, "once more");
        Assert.That(File.GetUnixFileMode(_run.At("probe")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(Directory.GetFileSystemEntries(_mount.Path), Is.Empty);
    }

    [Test]
    public void What_an_earlier_crash_left_behind_is_in_nobodys_way()
    {
        File.WriteAllText(_mount.At(Name), "of an earlier one");
        Assert.That(Write(), Is.Null);
        Assert.That(Directory.GetFileSystemEntries(_mount.Path), Is.Empty);
    }

    [Test]
    public void A_link_is_not_followed_and_nobodys_file_is_changed()
    {
        File.WriteAllText(_mount.At("somebodys"), "work");
        File.CreateSymbolicLink(_mount.At(Name), _mount.At("somebodys"));
        Assert.That(Write(), Is.Null);
        Assert.That(File.ReadAllText(_mount.At("somebodys")), Is.EqualTo("work"));
        Assert.That(Directory.GetFileSystemEntries(_mount.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_link_that_comes_in_between_is_not_followed_either()
    {
        // As dd is asked, after a moment in which somebody was faster.
        File.CreateSymbolicLink(_mount.At(Name), _mount.At("not there"));
        Assert.That(Tool.Ask("dd", ["if=/dev/zero", $"of={_mount.At(Name)}", "bs=512", "count=1", "conv=excl,fsync", "status=none"]).ExitCode, Is.EqualTo(1));
        Assert.That(File.Exists(_mount.At("not there")), Is.False);
    }

    [Test]
    public void A_folder_in_its_place_is_left_alone_and_told()
    {
        Directory.CreateDirectory(_mount.At(Name));
        File.WriteAllText(Path.Combine(_mount.At(Name), "somebodys"), "work");
        Assert.That(Write(), Does.StartWith($"rm -f -- {_mount.At(Name)}").And.Contain("Is a directory"));
        Assert.That(File.Exists(Path.Combine(_mount.At(Name), "somebodys")));
    }

    [Test]
    public void What_cannot_be_written_to_is_told_in_the_tools_words()
    {
        Assert.That(Write("/proc"), Does.StartWith("dd if=/dev/zero of=/proc/").And.Contain("No such file or directory"));
        Assert.That(Write(_mount.At("nowhere")), Does.StartWith("dd ").And.Contain("No such file or directory"));
    }

    [Test]
    public void While_an_earlier_write_has_not_come_back_there_is_no_second_one()
    {
        using var earlier = Process.Start("flock", [_run.At("probe"), "sleep", "60"]);
        try
        {
            Assert.That(() => Write(), Does.EndWith("an earlier write has not come back").After(5000, 100));
            Assert.That(Directory.GetFileSystemEntries(_mount.Path), Is.Empty);
        }
        finally
        {
            earlier.Kill(entireProcessTree: true);
            earlier.WaitForExit();
        }

        // Its child is gone a moment later than it.
        Assert.That(() => Write(), Is.Null.After(5000, 100));
    }

    private string? Write(string? point = null) => new Lockspaces(guard: _run.At("probe")).Write(new SharedMount("gfs2", "/dev/vdb", "254:16", point ?? _mount.Path, "fs"), "node 1");
}
