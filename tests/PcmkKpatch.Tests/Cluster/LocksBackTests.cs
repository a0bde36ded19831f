using NUnit.Framework;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Tests.Cluster;

public sealed class LocksBackTests
{
    private static readonly SharedMount s_data = new("gfs2", "/dev/mapper/vg-data", "253:4", "/data", "shared data");
    private static readonly LocksView s_all = new() { Lockspaces = ["lvm_global", "lvm_vg", "shared data"], Mounts = [s_data] };
    private static readonly string[] s_before = [.. s_all.Uses().Select(use => use.Key)];
    private static readonly LockUser[] s_users = [new("fs", LockUserKind.FileSystem, ["/data/"]), new("lvmlockd", LockUserKind.LockDaemon, []), new("vg", LockUserKind.VolumeGroup, ["vg"])];
    private static readonly ClusterView s_view = Views.Cluster with { Resources = [Views.Resource("fs", "a"), Views.Resource("fs", "b"), Views.Resource("lvmlockd", "a"), Views.Resource("vg", "a")] };

    [Test]
    public void where_everything_is_there_again_nobody_is_asked_whose_it_is() =>
        Assert.That(LocksBack.Missing(s_before, s_all, () => throw new AssertionException("the CIB is asked"), s_view), Is.Empty);

    [Test]
    public void what_is_not_there_is_named() => Assert.That(Missing(LocksView.None), Is.EqualTo((string[])[
        "the lockspace lvm_global is not joined again", "the lockspace lvm_vg is not joined again", "the lockspace shared data is not joined again, or its file system is not mounted on /data"]));

    [Test]
    public void a_lockspace_without_its_mount_is_not_enough() =>
        Assert.That(Missing(s_all with { Mounts = [] }), Is.EqualTo((string[])["the lockspace shared data is there, and its file system is not mounted on /data again"]));

    [Test]
    public void a_mount_elsewhere_is_another_one() => Assert.That(Missing(s_all with { Mounts = [s_data with { Point = "/copy" }] }), Has.Length.EqualTo(1));

    [TestCase("b")]
    [TestCase(null)]
    public void what_moved_away_and_stays_there_is_not_missing(string? on) =>
        Assert.That(Missing(LocksView.None, s_view with { Resources = [.. s_users.Select(user => Views.Resource(user.Id, on))] }), Is.Empty);

    [Test]
    public void what_was_disabled_or_is_not_managed_any_more_is_the_administrators()
    {
        foreach (var changed in (Func<ResourceView, ResourceView>[])[r => r with { Disabled = true }, r => r with { Managed = false }, r => r with { Active = false }])
            Assert.That(Missing(LocksView.None, s_view with { Resources = [.. s_view.Resources.Select(changed)] }), Is.Empty);
        Assert.That(Missing(LocksView.None, users: []), Is.Empty, "deleted");
    }

    [Test]
    public void the_lockspace_of_lvmlockd_itself_comes_with_the_first_group() =>
        Assert.That(Missing(s_all with { Lockspaces = ["shared data"] }, users: s_users[..2]), Is.Empty, "the group moved away, and took the last lockspace of lvmlockd with it");

    [Test]
    public void a_lockspace_of_nobody_known_is_not_waited_for() => Assert.That(
        LocksBack.Missing(["mine", "0123456789ABCDEF0123456789ABCDEF"], LocksView.None, () => s_users, s_view), Is.Empty);

    [Test]
    public void each_file_system_that_is_back_is_written_to_once_where_it_may_be()
    {
        SharedMount copy = s_data with { Point = "/copy" }, looksOn = new("gfs2", "/dev/vdb", "252:16", "/ro", "ro", IsForReading: true), hand = new("gfs2", "/dev/vdc", "252:32", "/mnt", "fs");
        var before = s_all with { Mounts = [s_data, copy, looksOn], Lockspaces = [.. s_all.Lockspaces, "ro"] };

        Assert.That(LocksBack.Writable([.. before.Uses().Select(use => use.Key)], before with { Mounts = [.. before.Mounts, hand] }), Is.EqualTo((SharedMount[])[s_data]));
        Assert.That(LocksBack.Writable(s_before, LocksView.None), Is.Empty);
    }

    private static string[] Missing(LocksView seen, ClusterView? view = null, LockUser[]? users = null) => [.. LocksBack.Missing(s_before, seen, () => users ?? s_users, view ?? s_view)];
}
