namespace PcmkKpatch.ToolTests.Published;

/// <summary>What "plan" tells of the administrator's own gate.</summary>
internal sealed partial class PlanTests
{
    [TestCase("exit 0", null)]
    [TestCase("echo looking; echo 'the backup is running' >&2; exit 3", "exit code 3: the backup is running")]
    [TestCase("exec kill -KILL $$", "killed by signal 9")]
    [TestCase("env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= | sort | tr '\\n' ' ' ; exit 1",
        "exit code 1: CIB_file=CIB LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin PCMK_KPATCH_BUILD=[0-9a-f]{40} PCMK_KPATCH_KERNEL=5.14.0-1 PCMK_KPATCH_NODE=n1 PCMK_KPATCH_PATCH=kpatch_1_2")]
    public void The_administrators_own_gate_is_asked_for_this_node_and_told_what_it_is_about(string script, string? says)
    {
        Want(Parameters + "gate_command=/var/lib/may-i\n");
        _box.Lay(_box.Library("may-i"), $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(_box.Library("may-i"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var report = Json();
        var told = Node(report.RootElement, "n1").GetProperty("refused").EnumerateArray().Where(r => Text(r, "id") == "gate.command").Select(r => Text(r, "why")).ToList();
        if (says is null)
        {
            Assert.That(told, Is.Empty);
            return;
        }

        says = says.Replace("=CIB ", $"={_cib.Path} ", StringComparison.Ordinal);
        Assert.That(told.Single(), Does.Match($"^/var/lib/may-i does not let a run begin: (.*: )?{says}$"));
    }

    [Test]
    public void A_gate_of_the_administrators_that_is_missing_or_could_be_changed_by_others_refuses()
    {
        Want(Parameters + "gate_command=/var/lib/may-i\n");
        Assert.That(Plan().Output, Does.Contain("/var/lib/may-i does not let a run begin: ").And.Contain("not installed on this node (gate.command)"));
        _box.Lay(_box.Library("may-i"), "#!/bin/sh\ntouch /var/lib/was-run\n");
        File.SetUnixFileMode(_box.Library("may-i"), (UnixFileMode)0b111_111_111);
        Assert.That(Plan().Output, Does.Contain("not run: /var/lib/may-i can be changed by others than root (mode 777) (gate.command)"));
        Assert.That(File.Exists(_box.Library("was-run")), Is.False);
    }
}
