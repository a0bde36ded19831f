using System.Text.Json;
using System.Xml.Linq;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>What the published binary tells people by the real journal, and how it has the administrator's own program run. That systemd does run it is in the node lab.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class NoticeTests : IDisposable
{
    private const string Program = "/var/lib/tell the team";
    private readonly Sandbox _box = new();
    private readonly TempFolder _folder = new();

    // They answer from a live cluster only.
    public NoticeTests()
    {
        _box.Tool("crm_node", "echo n1");
        _box.Tool("attrd_updater", "exit 0");
    }

    public void Dispose()
    {
        _box.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void What_the_worker_says_last_is_found_by_its_unit_when_it_has_long_ended()
    {
        Halted("no room");

        // As systemd starts it, with its standard error in the journal.
        var said = InJournal(["env", $"CIB_file={Cib}", "JOURNAL_STREAM=8:1", _box.Program, "run"], "journalctl -q --no-pager -o cat -u 'pcmk-kpatch-*'");

        Assert.That((said.Output, said.Errors), Is.EqualTo(("n1: the agent is stopped on this node: nothing to do\n", "")));
    }

    [Test]
    public void What_the_worker_says_is_told_to_a_person_who_starts_it_too()
    {
        Halted("no room");

        var said = InJournal(["env", "-u", "JOURNAL_STREAM", $"CIB_file={Cib}", _box.Program, "run"], "journalctl -q --no-pager -o cat -u 'pcmk-kpatch-*'");

        Assert.That((said.Output, said.Errors), Is.EqualTo(("n1: the agent is stopped on this node: nothing to do\n", "n1: the agent is stopped on this node: nothing to do\n")));
    }

    [Test]
    public void Without_a_journal_the_worker_s_lines_go_to_its_standard_error()
    {
        Halted("no room");

        var said = _box.Run([_box.Program, "run"], ("CIB_file", Cib));

        Assert.That((said.ExitCode, said.Output, said.Errors), Is.EqualTo((0, "", "<6>n1: the agent is stopped on this node: nothing to do\n")));
    }

    [Test]
    public void What_a_person_did_is_told_with_who_it_was_and_to_the_administrator_s_own_program()
    {
        Halted("no room\u001b[2J");
        Want(Program, "chmod 755");

        var said = InJournal(["env", $"CIB_file={Cib}", "SUDO_USER=anna", _box.Program, "resume"], "journalctl -q --no-pager -o json -t pcmk-kpatch");

        Assert.That(said.Errors, Is.Empty);
        var entry = JsonDocument.Parse(said.Output.Split('\n').First(line => line.StartsWith('{'))).RootElement;
        string Field(string name) => entry.GetProperty(name).GetString()!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Field("MESSAGE_ID"), Is.EqualTo("9cf5704a82764d4991abb9b2b37c58b0"));
            Assert.That((Field("PCMK_KPATCH_EVENT"), Field("PCMK_KPATCH_BY"), Field("PCMK_KPATCH_NODE"), Field("PRIORITY")), Is.EqualTo(("resumed", "anna", "n1", "5")));
            Assert.That(Field("PCMK_KPATCH_WHY"), Is.EqualTo("the rollout goes on; it was halted since 2026-01-31T22:15:00Z: no room?[2J"));
        }

        var started = _box.Started().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(started, Is.SupersetOf((string[])
        [
            "--no-block", "--collect", "--property=RuntimeMaxSec=30", "--property=TimeoutStopSec=5", "--setenv=PCMK_KPATCH_EVENT=resumed", "--setenv=PCMK_KPATCH_NODE=n1", "--setenv=PCMK_KPATCH_BY=anna",
            "--setenv=PCMK_KPATCH_WHY=the rollout goes on; it was halted since 2026-01-31T22:15:00Z: no room?[2J", "--setenv=LC_ALL=C", .. SystemdRun.Confinement.Select(property => $"--property={property}"),
        ]));
        Assert.That(started, Has.Exactly(1).Match("^--unit=pcmk-kpatch-notify-[0-9a-f]{8}[.]service$").And.Exactly(1).Match("^--setenv=PCMK_KPATCH_WHEN=20[0-9-]+T[0-9:]+Z$"));
        Assert.That(started[^1], Is.EqualTo(Program));
    }

    [TestCase("chmod 777", "can be changed by others than root")]
    [TestCase("chown nobody", "belongs to the user")]
    public void A_program_that_others_could_change_is_not_run_and_the_command_has_done_what_it_did(string make, string why)
    {
        Halted("no room");
        Want(Program, make);

        var answer = _box.Run([_box.Program, "resume"], ("CIB_file", Cib));

        Assert.That((answer.ExitCode, _box.Started()), Is.EqualTo((0, "")), answer.ToString());
        Assert.That(answer.Errors, Does.Match($"^pcmk-kpatch: notify: {Program} not run: {Program} {why}[^\n]*\n$"));
    }

    [Test]
    public void Where_systemd_does_not_take_it_the_command_has_done_what_it_did()
    {
        Halted("no room");
        Want(Program, "chmod 755");
        _box.Tool("systemd-run", "echo 'Failed to connect to bus' >&2; exit 1");

        var answer = _box.Run([_box.Program, "resume"], ("CIB_file", Cib));

        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        Assert.That(answer.Errors, Does.StartWith($"pcmk-kpatch: notify: {Program} not run: systemd-run ").And.Contain("Failed to connect to bus"));
    }

    [Test]
    public void A_worker_that_hangs_is_told_by_the_monitor_once()
    {
        (string, string) notify = ("OCF_RESKEY_notify", "/usr/bin/true");
        _box.Act("start", notify);
        _box.Started();
        using var held = new FileStream(_box.Runtime("lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        File.SetLastWriteTimeUtc(_box.Runtime("lock"), DateTime.UnixEpoch.AddSeconds(ThisHost.Now().Uptime.TotalSeconds - 90));

        Assert.That((_box.Act("monitor", notify).ExitCode, _box.Act("monitor", notify).ExitCode), Is.EqualTo((190, 190)));

        var started = _box.Started().Split('\n');
        Assert.That(started.Count(line => line == "--setenv=PCMK_KPATCH_EVENT=worker-stuck"), Is.EqualTo(1));
    }

    private string Cib => _folder.At("cib.xml");

    private void Halted(string why)
    {
        var document = XDocument.Load(Path.Combine(TestContext.CurrentContext.TestDirectory, "Cibs", "three-nodes.xml"));
        var token = Token.Halted("n1", "run-1", "boot", new DateTimeOffset(2026, 1, 31, 22, 15, 0, TimeSpan.Zero), why).Text;
        document.Descendants("crm_config").Single().Add(new XElement("cluster_property_set", new XAttribute("id", "pcmk-kpatch"),
            new XElement("nvpair", new XAttribute("id", "pcmk-kpatch-token"), new XAttribute("name", "pcmk-kpatch-token"), new XAttribute("value", token))));
        document.Save(Cib);
    }

    private void Want(string program, string make)
    {
        _box.Lay(_box.Runtime("wanted"), $"patch=installed\nnotify={program}\n");
        _box.Mounts = $"echo '#!/bin/sh' >'{program}'; chmod 755 '{program}'; {make} '{program}'";
    }

    // The command with the real journald beside it; then what is asked of that.
    private Answer InJournal(string[] command, string ask)
    {
        _box.Mounts += $"; mount -t tmpfs log /var/log\n{RealJournal.Begin}\nexport journald";
        return _box.Run(["sh", "-c", $"\"$@\" >/dev/null; journalctl --sync; {ask}; kill $journald", "sh", .. command]);
    }
}
