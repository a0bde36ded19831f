using System.Text.Json;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>What the plan says of a node whose kernel locks something together with others.</summary>
internal sealed partial class PlanTests
{
    private const string MakeLockspace = "\nmkdir -p \"$fake/sys/kernel/dlm/mine\"\n";

    [Test]
    public void A_lockspace_that_the_cluster_does_not_manage_is_told_of_the_node_that_has_it()
    {
        _box.Mounts += MakeLockspace;
        var answer = Plan("--node", "n1");
        Assert.That(answer.ExitCode, Is.EqualTo(1), answer.ToString());
        Assert.That(answer.Output, Does.Contain(
            "  Refused  the lockspace mine is here, and no resource that is active on n1 accounts for it: it would keep dlm_controld from being stopped, and n1 would be fenced for that (dlm.unmanaged)\n"
            + "    To do  see what uses it: dlm_tool lockdebug mine;"));
        Assert.That(Ids(Json("--node", "n2"), 0), Is.Empty, "of others it is not known");
    }

    [TestCase("", 1, "  Refused  mine is locked together with other nodes: if n1 died in a load without a drain, ")]
    [TestCase("gates=dlm.drain=warn\n", 0, "  Warning  mine is locked together with other nodes: if n1 died in a load without a drain, ")]
    [TestCase("gates=dlm.drain=off\n", 0, null)]
    public void Where_nothing_is_drained_others_would_wait_for_it(string gates, int exitCode, string? told)
    {
        _box.Mounts += MakeLockspace;
        Want(Parameters + "drain=none\n" + gates);
        var answer = Plan("--node", "n1");
        Assert.That(answer.ExitCode, Is.EqualTo(exitCode), answer.ToString());
        Assert.That(answer.Output, told is null ? Does.Not.Contain("mine") : Does.Contain(told));
        Assert.That(answer.Output, Does.Not.Contain("dlm.unmanaged"));
    }

    [TestCase("case $2 in *token) echo \"$2 (u32) = 3650\";; *) echo \"$2 (u32) = 4380\";; esac", "would stand still for 8.03 s until n1 was noticed, ")]
    [TestCase("echo \"$2 (u32) = soon\"", "would stand still for a time that is not known (corosync-cmapctl -g runtime.config.totem.token: ")]
    [TestCase("exit 1", "would stand still for a time that is not known (corosync-cmapctl -g runtime.config.totem.token: ")]
    [TestCase("case $2 in *token) echo \"$2 (u32) = 3650\";; *) exit 1;; esac", "would stand still for a time that is not known (corosync-cmapctl -g runtime.config.totem.consensus: ")]
    public void How_long_they_would_wait_is_told_by_the_clusters_own_times(string cmapctl, string told)
    {
        _box.Mounts += MakeLockspace;
        _box.Tool("corosync-cmapctl", cmapctl);
        Want(Parameters + "drain=none\n");
        var answer = Plan("--node", "n1");
        Assert.That(answer.Output, Does.Contain(told).And.Contain(" until it was fenced, and then until its journal was replayed, for how long cannot be told (dlm.drain)"), answer.ToString());
    }

    [Test]
    public void Locks_that_cannot_be_read_are_unknown()
    {
        _box.Mounts += "\nmkdir -p \"$fake/sys/kernel\"; echo >\"$fake/sys/kernel/dlm\"\n";
        Assert.That(Ids(Json("--node", "n1"), 1), Is.EqualTo((string[])["dlm.unknown"]));
    }

    [Test]
    public void Where_a_load_without_a_drain_may_be_followed_by_a_reboot_all_is_told_that_this_would_do()
    {
        Want("drain=none\nrollback=reboot\n");
        var answer = Plan("--node", "n1");
        Assert.That(answer.ExitCode, Is.EqualTo(1), answer.ToString());
        Assert.That(answer.Output, Does.Contain("(drain.stranded)").And.Contain("\n  Drain    none: ").And.Contain(
            "\n  Reboot   web to n2; disk, address to n3; vm to n2 without a stop; db promoted on n2; pinned nowhere; its instances of lock, db stop; where the node is not well after the load (rollback=reboot)\n"));
        Want(Parameters + "drain=none\nrollback=reboot\n");
        using var report = Json("--node", "n1");
        Assert.That(Node(report.RootElement, "n1").GetProperty("reboot").GetProperty("moves").GetArrayLength(), Is.EqualTo(3));
        Want(Parameters + "rollback=reboot\n");
        Assert.That(Node(Json("--node", "n1").RootElement, "n1").GetProperty("reboot").ValueKind, Is.EqualTo(JsonValueKind.Null), "a drained node has nothing to stop");
    }
}
