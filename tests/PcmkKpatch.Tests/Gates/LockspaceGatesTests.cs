using NUnit.Framework;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Gates;

public sealed class LockspaceGatesTests
{
    private static readonly SharedMount s_data = new("gfs2", "/dev/mapper/vg-data", "253:4", "/data", "data");
    private static readonly SharedMount s_hand = new("gfs2", "/dev/vdb", "252:16", "/mnt", "fs");
    private static readonly LocksView s_managed = new() { Lockspaces = ["data"], Mounts = [s_data] };
    private static readonly LocksView s_both = new() { Lockspaces = ["data", "fs"], Mounts = [s_data, s_hand] };
    private static readonly ClusterView s_view = Views.Cluster with { Resources = [Views.Resource("data-fs", "a"), Views.Resource("data-fs", "b"), Views.Resource("lvmlockd", "a"), Views.Resource("vg", "a")] };
    private static readonly LockUser s_user = new("data-fs", LockUserKind.FileSystem, ["/data"]);
    private static readonly LockUser s_daemon = new("lvmlockd", LockUserKind.LockDaemon, []);
    private static readonly LockUser s_group = new("vg", LockUserKind.VolumeGroup, ["shared-vg"]);

    [Test]
    public void where_nothing_is_locked_nothing_else_is_asked([Values] DrainMode mode, [Values] Rollback rollback)
    {
        var told = new Told { Seen = LocksView.None, Silent = nameof(IForesight.LockUsers) };

        Assert.That(LockspaceGates.Judge(told, told, () => throw new AssertionException("the cluster is asked"), Parameters.Defaults with { Rollback = rollback }, mode), Is.Empty);
        Assert.That(Left(told, mode), Is.Empty);
    }

    [Test]
    public void what_the_cluster_has_mounted_here_lets_the_drain_be() => Assert.That(Judge(new Told()), Is.Empty);

    [Test]
    public void what_a_person_has_mounted_is_refused_with_all_that_it_takes_to_mend_it()
    {
        var refusal = Judge(new Told { Seen = s_both }).Single();

        Assert.That(refusal.ToString(), Is.EqualTo(
            "the lockspace fs (gfs2 of /dev/vdb on /mnt) is here, and no resource that is active on a accounts for it: it would keep dlm_controld from being stopped, and a would be fenced for that (dlm.unmanaged)"));
        Assert.That(refusal.Remedy, Is.EqualTo(
            "umount /mnt; or have the cluster mount it: pcs resource create NAME ocf:heartbeat:Filesystem device=/dev/vdb directory=/mnt fstype=gfs2 clone interleave=true"));
    }

    [TestCase("/data/")]
    [TestCase("/elsewhere", "/data")]
    public void a_slash_at_the_end_and_a_rule_for_other_nodes_are_no_matter(params string[] directories) =>
        Assert.That(Ids(new Told { Users = [s_user with { Names = directories }] }), Is.Empty);

    [TestCase("/dat")]
    [TestCase("/data/below")]
    [TestCase("")]
    [TestCase("/")]
    public void another_directory_accounts_for_nothing(string directory) => Assert.That(Ids(new Told { Users = [s_user with { Names = [directory] }] }), Is.EqualTo((string[])["dlm.unmanaged"]));

    [Test]
    public void a_resource_accounts_only_for_what_is_on_the_node_where_it_is_active_and_that_the_cluster_would_stop()
    {
        ResourceView[] others = [Views.Resource("data-fs", "b"), Views.Resource("data-fs", null), Views.Resource("data-fs", "a") with { Managed = false }, Views.Resource("other", "a")];
        foreach (var other in others)
            Assert.That(Judge(new Told(), view: s_view with { Resources = [other] }).Select(r => r.Id), Is.EqualTo((string[])["dlm.unmanaged"]), other.ToString());
    }

    [Test]
    public void a_file_system_that_is_mounted_a_second_time_by_hand_stays_when_the_first_mount_goes() =>
        Assert.That(Judge(new Told { Seen = s_managed with { Mounts = [s_data, s_data with { Point = "/copy" }] } }).Single().Remedy, Does.StartWith("umount /copy;"));

    [Test]
    public void a_lockspace_that_no_mount_uses_is_somebodys()
    {
        var refusal = Judge(new Told { Seen = s_managed with { Lockspaces = ["data", "mine"] } }).Single();

        Assert.That((refusal.Id, refusal.Remedy), Is.EqualTo(("dlm.unmanaged", "see what uses it: dlm_tool lockdebug mine; a file system may be mounted in another mount namespace: findmnt --all --task PID")));
        Assert.That(refusal.Why, Does.StartWith("the lockspace mine is here, "));
    }

    private static readonly LocksView s_lvm = new() { Lockspaces = ["lvm_global", "lvm_shared-vg"], Volumes = ["shared--vg-data"] };

    [Test]
    public void the_lockspaces_of_lvmlockd_are_its_own_and_those_of_groups_that_the_cluster_activates()
    {
        Assert.That(Judge(new Told { Seen = s_lvm, Users = [s_daemon, s_group] }), Is.Empty);
        Assert.That(Judge(new Told { Seen = s_lvm, Users = [] }).Select(r => r.Remedy), Is.EqualTo((string[])[
            "lvmlockctl --stop-lockspaces; or have the cluster run it: pcs resource create NAME ocf:heartbeat:lvmlockd",
            "vgchange --activate n shared-vg && vgchange --lockstop shared-vg; or have the cluster activate it: pcs resource create NAME ocf:heartbeat:LVM-activate vgname=shared-vg vg_access_mode=lvmlockd"]));
        Assert.That(Ids(new Told { Seen = s_lvm, Users = [s_group] }), Is.EqualTo((string[])["dlm.unmanaged", "dlm.unmanaged"]), "the daemon is nobody's");
        Assert.That(Ids(new Told { Seen = s_lvm, Users = [s_daemon, s_group with { Names = ["other"] }] }), Is.EqualTo((string[])["dlm.unmanaged"]), "a volume is active by hand");
        Assert.That(Ids(new Told { Seen = new LocksView { Lockspaces = ["lvmx"] }, Users = [s_daemon] }), Is.EqualTo((string[])["dlm.unmanaged"]));
    }

    [TestCase("other-data", true)]
    [TestCase("shared--vg--two-data", true)]
    [TestCase("shared--vg-data", false)]
    public void a_group_of_which_no_volume_is_active_goes_with_the_daemon(string volume, bool goes) =>
        Assert.That(Ids(new Told { Seen = s_lvm with { Volumes = [volume] }, Users = [s_daemon] }), goes ? Is.Empty : Is.EqualTo((string[])["dlm.unmanaged"]));

    private const string Volume = "0123456789ABCDEF0123456789abcdef";
    private static readonly SharedMount s_ocfs2 = new("ocfs2", "/dev/vdc", "252:32", "/data", null);

    [Test]
    public void the_lockspace_of_an_ocfs2_is_that_of_the_one_that_is_mounted()
    {
        var seen = new LocksView { Lockspaces = [Volume], Mounts = [s_ocfs2] };
        Assert.That(Judge(new Told { Seen = seen }), Is.Empty);
        Assert.That(Judge(new Told { Seen = seen, Users = [] }).Single().Why, Does.StartWith("the lockspace ocfs2 (ocfs2 of /dev/vdc on /data) is here"));
        Assert.That(Judge(new Told { Seen = seen with { Lockspaces = [Volume, Volume[1..] + "0"] } }).Select(r => r.Remedy), Has.All.StartsWith("see what uses it: dlm_tool lockdebug "), "one more than there are volumes mounted");
        Assert.That(Ids(new Told { Seen = seen with { Lockspaces = [Volume[1..]] } }), Is.EqualTo((string[])["dlm.unmanaged"]), "no id of a volume");
    }

    [TestCase(nameof(ILockspaces.See))]
    [TestCase(nameof(IForesight.LockUsers))]
    public void what_cannot_be_told_is_refused_as_that(string silent)
    {
        var refusal = Judge(new Told { Silent = silent }).Single();

        Assert.That(refusal.ToString(), Is.EqualTo("what this node locks together with others cannot be told: /sys/kernel/dlm: sorry (dlm.unknown)"));
        Assert.That(refusal.Remedy, Does.StartWith("see "));
        Assert.That(LockspaceGates.Judge(new Told(), new Told(), () => throw new ToolFailedException("crm_mon", 102, "sorry"), Parameters.Defaults, DrainMode.Standby).Single().Id, Is.EqualTo("dlm.unknown"));
        Assert.That(Left(new Told { Silent = nameof(ILockspaces.See) }, DrainMode.Standby), Is.EqualTo((string[])["dlm.unknown"]));
        Assert.That(Left(new Told { Silent = silent }, DrainMode.Health), Is.EqualTo((string[])["dlm.unknown"]));
    }

    [Test]
    public void without_a_drain_others_would_wait_whoever_has_mounted_it()
    {
        var refusal = Judge(new Told { Seen = s_both, Silent = nameof(IForesight.LockUsers) }, DrainMode.None).Single();

        Assert.That(refusal.ToString(), Is.EqualTo(
            "data (gfs2 of /dev/mapper/vg-data on /data), fs (gfs2 of /dev/vdb on /mnt) are locked together with other nodes: if a died in a load without a drain, every node that writes there would "
            + "stand still for 6.64 s until a was noticed, up to 75 s until it was fenced, and then until its journal was replayed, for how long cannot be told (dlm.drain)"));
        Assert.That(refusal.Remedy, Is.EqualTo("have the node drained: pcs resource update kpatch drain=standby; or bear that: pcs resource update kpatch gates=dlm.drain=warn"));
        Assert.That(Judge(new Told(), DrainMode.None).Single().Why, Does.StartWith("data (gfs2 of /dev/mapper/vg-data on /data) is locked together"));
        var many = new LocksView { Lockspaces = ["a", "b", "c", "d", "e"] };
        Assert.That(Judge(new Told { Seen = many }, DrainMode.None).Single().Why, Does.StartWith("a, b, c, d … are locked together"));
    }

    [Test]
    public void how_long_they_would_wait_is_not_guessed()
    {
        var told = new Told { Times = new() { Noticed = Fact.Unknown<TimeSpan>("corosync-cmapctl: not installed on this node"), Fenced = Fact.Unknown<TimeSpan>("no device is configured for a") } };

        Assert.That(Judge(told, DrainMode.None).Single().Why, Does.EndWith(
            "would stand still for a time that is not known (corosync-cmapctl: not installed on this node) until a was noticed, a time that is not known (no device is configured for a) until it was "
            + "fenced, and then until its journal was replayed, for how long cannot be told"));
    }

    [Test]
    public void where_a_reboot_may_follow_what_it_could_not_stop_is_refused_as_before_a_drain()
    {
        var policy = Parameters.Defaults with { Rollback = Rollback.Reboot };

        Assert.That(Ids(new Told { Seen = s_both }, DrainMode.None, policy), Is.EqualTo((string[])["dlm.drain", "dlm.unmanaged"]));
        Assert.That(Ids(new Told(), DrainMode.None, policy), Is.EqualTo((string[])["dlm.drain"]));
    }

    [Test]
    public void on_a_node_in_its_drain_every_lockspace_is_waited_for_and_a_new_one_is_told_first()
    {
        Assert.That(Left(new Told(), DrainMode.Standby, "data /data"), Is.EqualTo((string[])["drain.lockspace"]));
        Assert.That(Left(new Told { Seen = s_both, Silent = nameof(IForesight.LockUsers) }, DrainMode.Standby, "data /data"), Is.EqualTo((string[])["dlm.unmanaged", "drain.lockspace"]));
        Assert.That(Left(new Told { Seen = s_both }, DrainMode.None), Is.Empty);
    }

    /// <summary>Seen on a GFS2 under load: umount(2) takes the mount away first, and comes back when the lockspace is gone.</summary>
    [TestCase(DrainMode.Standby)]
    [TestCase(DrainMode.Health)]
    public void a_lockspace_without_its_mount_is_waited_for_while_the_stop_of_its_file_system_goes_on(DrainMode mode)
    {
        var stopped = s_view with { Resources = [Views.Resource("data-fs", "b")] };
        var told = new Told { Seen = new LocksView { Lockspaces = ["data"] } };

        Assert.That(Left(told, mode, "data /data"), Is.EqualTo((string[])["drain.lockspace"]));
        // The stop has come back, and it is still there: it is mounted elsewhere too, or was never the cluster's.
        Assert.That(LockspaceGates.JudgeLeft(told, told, stopped, mode, ["data /data"]).Select(r => r.Id), Is.EqualTo((string[])["dlm.unmanaged"]));
        Assert.That(Left(told, mode, "other /data"), Is.EqualTo((string[])["dlm.unmanaged"]));
        Assert.That(Left(told with { Silent = nameof(IForesight.LockUsers) }, mode, "data /data"), Is.EqualTo((string[])["dlm.unknown"]));
    }

    [Test]
    public void a_lockspace_of_an_ocfs2_is_waited_for_in_its_umount_by_the_form_of_its_name()
    {
        var told = new Told { Seen = new LocksView { Lockspaces = ["0123456789ABCDEF0123456789ABCDEF"] } };

        Assert.That(Left(told, DrainMode.Standby, "ocfs2 /data"), Is.EqualTo((string[])["drain.lockspace"]));
        Assert.That(Left(told with { Seen = new LocksView { Lockspaces = ["mine"] } }, DrainMode.Standby, "ocfs2 /data"), Is.EqualTo((string[])["dlm.unmanaged"]));
    }

    [Test]
    public void on_a_node_that_is_drained_by_its_health_what_stays_may_keep_its_locks()
    {
        Assert.That(Left(new Told(), DrainMode.Health, "data /data"), Is.Empty);
        Assert.That(Left(new Told { Users = [] }, DrainMode.Health, "data /data"), Is.EqualTo((string[])["drain.lockspace"]));
        Assert.That(Left(new Told { Seen = s_both }, DrainMode.Health, "data /data"), Is.EqualTo((string[])["dlm.unmanaged"]));
    }

    [Test]
    public void what_is_waited_for_is_named_with_what_to_do_where_that_does_not_end()
    {
        var told = new Told { Seen = new LocksView { Lockspaces = ["data", "mine"], Mounts = [s_data] } };
        var left = LockspaceGates.JudgeLeft(told, told, s_view, DrainMode.Standby, ["data /data", "mine"]);

        Assert.That(left.Select(r => r.Why), Is.EqualTo((string[])["the lockspace data (gfs2 of /dev/mapper/vg-data on /data) is still here", "the lockspace mine is still here"]));
        Assert.That(left.Select(r => r.Remedy), Is.EqualTo((string[])["wait; where nothing is being stopped any more: umount /data", "wait; where nothing is being stopped any more: see dlm_tool lockdebug mine"]));
    }

    private static IReadOnlyList<Refusal> Judge(Told told, DrainMode mode = DrainMode.Standby, Policy? policy = null, ClusterView? view = null) =>
        LockspaceGates.Judge(told, told, () => view ?? s_view, policy ?? Parameters.Defaults, mode);

    private static string[] Ids(Told told, DrainMode mode = DrainMode.Standby, Policy? policy = null) => [.. Judge(told, mode, policy).Select(r => r.Id)];

    private static string[] Left(Told told, DrainMode mode, params string[] before) => [.. LockspaceGates.JudgeLeft(told, told, s_view, mode, before).Select(r => r.Id)];

    /// <summary>Tells what it was given, by itself a file system of the cluster's; of one call that it failed. Nothing else is to be asked of it.</summary>
    private sealed record Told : ILockspaces, IForesight
    {
        public string Silent { get; init; } = "";

        public LocksView Seen { get; init; } = s_managed;

        public IReadOnlyList<LockUser> Users { get; init; } = [s_user];

        public LocksView See() => Silent == nameof(See) ? throw Sorry() : Seen;

        public IReadOnlyList<LockUser> LockUsers() => Silent == nameof(LockUsers) ? throw Sorry() : Users;

        public LossTimes Times { get; init; } = new() { Noticed = Fact.Known(TimeSpan.FromMilliseconds(6640)), Fenced = Fact.Known(TimeSpan.FromSeconds(75)) };

        public LossTimes LossTimes(string node) => node == "a" ? Times : throw new AssertionException(node);

        public string? Write(SharedMount mount, string node) => throw new AssertionException(nameof(Write));

        public FencingView Fencing(string node) => throw new AssertionException(nameof(Fencing));

        public VotesView Votes() => throw new AssertionException(nameof(Votes));

        public Forecast Drain(string node, DrainMode mode) => throw new AssertionException(nameof(Drain));

        public Forecast Loss(string node) => throw new AssertionException(nameof(Loss));

        public IReadOnlyList<LeftOver> LeftOvers() => throw new AssertionException(nameof(LeftOvers));

        public IReadOnlyList<FailCount> FailCounts() => throw new AssertionException(nameof(FailCounts));

        public HealthRules HealthRules() => throw new AssertionException(nameof(HealthRules));

        private static ToolFailedException Sorry() => new("/sys/kernel/dlm", null, "sorry");
    }
}
