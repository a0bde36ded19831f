using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Livepatch;

namespace PcmkKpatch.ToolTests.Host;

/// <summary>The distributed locks as the kernel's files tell them, on trees of such files. Their form is that of Linux 6.1 with GFS2; a real one is the kernel lab's.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LockspacesTests : IDisposable
{
    private const string MountInfo = "proc/self/mountinfo";

    private const string Usual =
        """
        22 27 0:20 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
        27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
        35 22 0:7 / /sys/kernel/debug rw,nosuid shared:13 - debugfs debugfs rw
        41 27 0:37 / /proc/fs/nfsd rw - nfsd nfsd rw

        """;

    private readonly FakeKernel _files = new();

    private LocksView Seen => new Lockspaces(_files.Root).See();

    public void Dispose() => _files.Dispose();

    [Test]
    public void A_machine_without_DLM_has_none_and_is_asked_nothing_else()
    {
        Assert.That(Seen, Is.SameAs(LocksView.None));
        Directory.CreateDirectory(_files.At("sys/kernel/dlm"));
        Assert.That(Seen, Is.SameAs(LocksView.None), "the modules stay loaded when the last lockspace is gone");
        Assert.That(new Lockspaces("/").See().IsEmpty, "neither has the machine of this test");
    }

    [Test]
    public void Every_lockspace_and_every_mount_that_uses_one_is_seen()
    {
        Lockspace("fs", "shared data", "lvm_global");
        Gfs2("hacluster:fs", "254:16");
        Gfs2("hacluster:shared data", "253:4");
        Gfs2("alone", "7:0");
        _files.Lay(MountInfo, Usual + "50 27 254:16 / /mnt rw,noatime shared:30 - gfs2 /dev/vdb rw\n51 27 254:16 /web /srv/web\\040pages rw - gfs2 /dev/vdb rw\n"
            + "52 27 253:4 / /data rw master:3 propagate_from:2 - gfs2 /dev/mapper/vg\\134data rw\n53 27 7:0 / /alone rw - gfs2 /dev/loop0 rw,lockproto=lock_nolock\n");
        var seen = Seen;
        Assert.That(seen.Lockspaces, Is.EqualTo((string[])["fs", "lvm_global", "shared data"]));
        Assert.That(seen.Mounts, Is.EqualTo((SharedMount[])[
            new("gfs2", "/dev/vdb", "254:16", "/mnt", "fs"), new("gfs2", "/dev/vdb", "254:16", "/srv/web pages", "fs"), new("gfs2", "/dev/mapper/vg\\data", "253:4", "/data", "shared data")]));
        Assert.That(seen.Uses().Select(use => use.Key), Is.EqualTo((string[])["fs /mnt", "fs /srv/web pages", "shared data /data", "lvm_global"]));
    }

    [TestCase("ro,noatime", "rw", true)]
    [TestCase("rw,noatime", "rw,spectator", true)]
    [TestCase("rw,noatime", "ro,errors=panic", false, TestName = "what became so by an error is to be found out")]
    [TestCase("rw,nodiratime", "rw,quota=off", false)]
    public void What_is_mounted_for_reading_alone_is_seen(string mount, string file, bool isForReading)
    {
        Lockspace("fs");
        Gfs2("hacluster:fs", "254:16");
        _files.Lay(MountInfo, Usual + $"50 27 254:16 / /mnt {mount} - gfs2 /dev/vdb {file}\n");
        Assert.That(Seen.Mounts.Single().IsForReading, Is.EqualTo(isForReading));
    }

    [Test]
    public void An_ocfs2_is_seen_with_the_lockspace_that_bears_its_volumes_id()
    {
        Lockspace("0123456789ABCDEF0123456789ABCDEF");
        _files.Lay(MountInfo, Usual + "50 27 254:16 / /mnt rw - ocfs2 /dev/vdb rw,_netdev,heartbeat=none,cluster_stack=pcmk\n");
        Assert.That(Seen.Uses().Select(use => use.ToString()), Is.EqualTo((string[])["ocfs2 (ocfs2 of /dev/vdb on /mnt)"]));
    }

    [Test]
    public void The_volumes_that_are_active_are_seen_where_LVM_has_a_lockspace()
    {
        Volume("dm-0", "vg--one-data");
        Volume("dm-1", "luks");
        Directory.CreateDirectory(_files.At("sys/block/vda"));
        Directory.CreateDirectory(_files.At("sys/block/dm-2"));
        _files.Lay(MountInfo, Usual);
        Lockspace("mine");
        Assert.That(Seen.Volumes, Is.Empty);
        Lockspace("lvm_vg-one");
        Assert.That(Seen.Volumes, Is.EqualTo((string[])["vg--one-data", "luks"]));
    }

    [Test]
    public void A_mount_of_which_the_lockspace_cannot_be_told_is_no_mount_without_one()
    {
        Lockspace("fs");
        _files.Lay(MountInfo, Usual + "50 27 254:16 / /mnt rw - gfs2 /dev/vdb rw\n");
        Assert.That(Failure(), Does.Contain("the file system /dev/vdb on /mnt is not there"));
        Gfs2("hacluster:fs", "254:32");
        Assert.That(Failure(), Does.Contain("the file system /dev/vdb on /mnt is not there"));
    }

    [TestCase("50 27 254:16 / /mnt rw gfs2 /dev/vdb rw\n")]
    [TestCase("50 27 254:16 / /mnt rw -\n")]
    [TestCase("50 27 254:16 / /mnt rw - gfs2 /dev/vdb\n")]
    [TestCase("- - - - -\n")]
    [TestCase("50\n")]
    [TestCase("nothing\0")]
    public void Mounts_that_are_not_understood_are_not_guessed(string line)
    {
        Lockspace("fs");
        _files.Lay(MountInfo, Usual + line);
        Assert.That(Failure(), Does.Contain("has a line that is not understood"));
    }

    [Test]
    public void Mounts_that_cannot_be_read_are_a_failure_and_no_answer()
    {
        Lockspace("fs");
        Assert.That(Failure(), Does.Contain("mountinfo"), "the file is not there");
        Directory.CreateDirectory(_files.At(MountInfo));
        Assert.That(Failure(), Does.Contain("mountinfo"), "it is no file");
    }

    [Test]
    public void A_folder_of_lockspaces_that_is_none_is_a_failure_and_no_answer()
    {
        _files.Lay("sys/kernel/dlm", "");
        Assert.That(Failure(), Does.Contain("sys/kernel/dlm"));
    }

    private string Failure() => Assert.Throws<ToolFailedException>(() => Console.WriteLine(Seen))!.Message;

    private void Lockspace(params string[] names)
    {
        foreach (var name in names)
            _files.Lay($"sys/kernel/dlm/{name}/control", "");
    }

    private void Gfs2(string table, string device) => _files.Lay($"sys/fs/gfs2/{table}/id", device + "\n");

    private void Volume(string block, string name) => _files.Lay($"sys/block/{block}/dm/name", name + "\n");
}
