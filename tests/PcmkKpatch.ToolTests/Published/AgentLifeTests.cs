using System.Diagnostics;
using System.Text.RegularExpressions;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>What start, monitor and stop of the published binary do, leave, and never do.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class AgentLifeTests : IDisposable
{
    private const string Nothing = "mkdir -p $box/empty; mount --bind $box/empty /usr/sbin; mount --bind $box/empty /usr/bin";
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Test]
    public void A_start_hands_over_to_a_worker_that_systemd_keeps_alive()
    {
        Assert.That(_box.Act("start").ExitCode, Is.Zero);
        var arguments = _box.Started().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(arguments, Is.SupersetOf((string[])
            ["--no-block", "--collect", "--unit=pcmk-kpatch-run.service", "--property=Restart=on-failure", "--property=StartLimitIntervalSec=0", "--property=KillMode=mixed"]));
        Assert.That(arguments[^2..], Is.EqualTo((string[])[_box.Program, "run"]), "the real file, not the agent's link to it");
    }

    [Test]
    public void What_it_writes_is_for_root_alone()
    {
        _box.Act("start");
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        foreach (var folder in (string[])[_box.State(""), _box.Runtime("")])
            Assert.That(File.GetUnixFileMode(folder) & Others, Is.EqualTo(UnixFileMode.None), folder);
        Assert.That(File.Exists(_box.Runtime("wanted")));
    }

    [Test]
    public void A_monitor_in_the_steady_state_changes_nothing_on_disk_and_starts_nothing()
    {
        _box.Act("start");
        _box.Act("monitor");
        _box.Started();
        var before = Stamps();
        Assert.That(_box.Act("monitor").ExitCode, Is.Zero);
        Assert.That(Stamps(), Is.EqualTo(before));
        Assert.That(_box.Started(), Is.Empty);
    }

    [Test]
    public void What_the_node_runs_and_since_when_is_published_and_kept_through_a_restart()
    {
        _box.Tool("attrd_updater", "echo \"$@\" >>/run/attributes");
        _box.Tool("corosync", "echo \"Corosync Cluster Engine, version '3.1.7'\"; echo Copyright 2.0");
        _box.Act("start");
        Assert.That(Published("kpatch-version"), Does.Match("^pacemaker [0-9.]+.* corosync 3\\.1\\.7$"));
        Assert.That(Published("kpatch-since"), Does.Match("^kernel=[^ ]+Z patch=[^ ]+Z version=[^ ]+Z$"));

        var kept = File.ReadAllText(_box.State("since"));
        File.WriteAllText(_box.State("since"), Regex.Replace(kept, "[0-9]{4}-[0-9-]+T[0-9:]+Z", "2026-01-02T03:04:05Z"));
        _box.Act("stop");
        _box.Tool("corosync", "echo \"Corosync Cluster Engine, version '3.1.8'\"");
        _box.Act("start");
        Assert.That(Published("kpatch-since"), Does.Match("^kernel=2026-01-02T03:04:05Z patch=2026-01-02T03:04:05Z version=.*Z$").And.Not.Contain("version=2026-01-02T03:04:05Z"));

        _box.Without("corosync");
        _box.Act("start");
        Assert.That(Published("kpatch-version"), Is.EqualTo("--delete"), "what is not known is not said");
        File.Delete(_box.State("since"));
        Directory.CreateDirectory(_box.State("since"));
        Assert.That(_box.Act("monitor").ExitCode, Is.Zero, "and nothing depends on it");
        Assert.That(Published("kpatch-kernel"), Is.Not.Empty);

        string Published(string attribute) => File.ReadAllLines(Path.Combine(_box.Runtime(""), "..", "attributes")).Last(line => line.StartsWith($"--name {attribute} ", StringComparison.Ordinal))[$"--name {attribute} ".Length..]
            .Replace("--update ", "", StringComparison.Ordinal);
    }

    [Test]
    public void A_monitor_with_new_parameters_keeps_them()
    {
        _box.Act("start");
        var before = File.ReadAllText(_box.Runtime("wanted"));
        _box.Act("monitor", ("OCF_RESKEY_drain_timeout", "77s"));
        Assert.That(File.ReadAllText(_box.Runtime("wanted")), Is.Not.EqualTo(before).And.Contain("drain_timeout=77s"));
    }

    [Test]
    public void A_monitor_starts_the_worker_where_a_run_is_unfinished()
    {
        _box.Act("start");
        _box.Started();
        _box.Lay(_box.State("run.journal"), "whatever it says");
        Assert.That(_box.Act("monitor").ExitCode, Is.Zero);
        Assert.That(_box.Started(), Does.Contain("run"));
    }

    [TestCase("held node=n1 run=r boot=b since=2026-01-31T22:15:00Z why=", true)]
    [TestCase("parked node=n1 run=r boot=b since=2026-01-31T22:15:00Z why=stuck", true)]
    [TestCase("held node=n2 run=r boot=b since=2026-01-31T22:15:00Z why=", false)]
    [TestCase("halted node=n1 run=r boot=b since=2026-01-31T22:15:00Z why=failed", false)]
    [TestCase("free", false)]
    [TestCase("held by whom it may concern", false)]
    public void A_monitor_starts_the_worker_where_the_token_names_this_node_without_a_run(string token, bool starts)
    {
        _box.Act("start");
        _box.Started();
        _box.Lay(_box.Library("pacemaker/cib/cib.xml"), $"<cib><nvpair id=\"pcmk-kpatch-token\" name=\"pcmk-kpatch-token\" value=\"{token}\"/></cib>");
        Assert.That(_box.Act("monitor", ("OCF_RESKEY_CRM_meta_on_node", "n1")).ExitCode, Is.Zero);
        Assert.That(_box.Started().Contains("run", StringComparison.Ordinal), Is.EqualTo(starts));
    }

    [TestCase("rehearsal v1 id=3f2a nodes=n1,n2 by=anna since=now", true)]
    [TestCase("rehearsal v1 id=3f2a nodes=n1,n2 by=anna since=2026-01-31T22:15:00Z", false)]
    [TestCase("rehearsal v1 id=gone nodes=n1,n2 by=anna since=now", false)]
    [TestCase("rehearsal v1 id=3f2a nodes=n2 by=anna since=now", false)]
    [TestCase("rehearsal v2 of n1", false)]
    public void A_monitor_starts_the_worker_where_a_rehearsal_is_wished_that_this_node_did_not_go_through(string wish, bool starts)
    {
        // One that is too old is nobody's any more.
        wish = wish.Replace("=now", $"={DateTimeOffset.UtcNow:yyyy-MM-dd'T'HH:mm:ss'Z'}", StringComparison.Ordinal);
        var gone = Runs.Full with { Taken = DateTimeOffset.UnixEpoch, Verdict = Verdict.Rehearsed, Rehearsal = new RehearsalNotes { Id = "gone" } };
        Directory.CreateDirectory(_box.State(""));
        new JournalFile(_box.State("")).Close(gone);
        _box.Act("start");
        _box.Started();
        _box.Lay(_box.Library("pacemaker/cib/cib.xml"), $"<cib><nvpair id=\"pcmk-kpatch-token\" name=\"pcmk-kpatch-token\" value=\"free\"/><nvpair id=\"pcmk-kpatch-rehearsal\" name=\"pcmk-kpatch-rehearsal\" value=\"{wish}\"/></cib>");
        Assert.That(_box.Act("monitor", ("OCF_RESKEY_CRM_meta_on_node", "n1")).ExitCode, Is.Zero);
        Assert.That(_box.Started().Contains("run", StringComparison.Ordinal), Is.EqualTo(starts));
    }

    [Test]
    public void How_the_last_rehearsal_ended_is_published_at_the_start_and_stays_when_the_agent_stops()
    {
        _box.Tool("attrd_updater", "echo \"$@\" >>/run/attributes");
        Directory.CreateDirectory(_box.State(""));
        new JournalFile(_box.State("")).Close(
            Runs.Full with { Taken = DateTimeOffset.UnixEpoch, Verdict = Verdict.Rehearsed, Why = "well", Rehearsal = new RehearsalNotes { Id = "3f2a" } });
        _box.Act("start");
        _box.Act("stop");
        var told = File.ReadAllLines(Path.Combine(_box.Runtime(".."), "attributes"));
        Assert.That(told, Does.Contain("--name kpatch-rehearsed --update 3f2a rehearsed drain= home= moved= stopped= back= why=well warnings="));
        Assert.That(told, Has.None.Contain("kpatch-rehearsed --delete").And.Some.EqualTo("--name kpatch-state --delete"));
    }

    [Test]
    public void A_monitor_starts_the_worker_where_the_patch_cannot_be_used_so_that_somebody_says_so()
    {
        _box.Act("start");
        _box.Started();
        _box.Act("monitor", ("OCF_RESKEY_patch", "/no/such/patch.ko"));
        Assert.That(_box.Started(), Does.Contain("run"));
    }

    [Test]
    public void Where_a_worker_is_alive_no_other_is_started_and_a_stop_leaves_its_marks()
    {
        _box.Act("start");
        _box.Started();
        _box.Lay(_box.State("run.journal"), "a run");
        _box.Lay(_box.Runtime("attention"), "look at it");
        using (new FileStream(_box.Runtime("lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            foreach (var action in (string[])["monitor", "stop", "start"])
                Assert.That(_box.Act(action).ExitCode, Is.Zero.Or.EqualTo((int)ExitCode.Degraded), action);
            Assert.That(_box.Started(), Is.Empty);
            Assert.That(File.Exists(_box.Runtime("attention")));
        }
    }

    [Test]
    public void Where_a_person_must_look_the_monitor_is_degraded_and_says_why()
    {
        _box.Act("start");
        _box.Lay(_box.Runtime("attention"), "first line\nsecond line");
        var answer = _box.Act("monitor");
        Assert.That(answer.ExitCode, Is.EqualTo((int)ExitCode.Degraded));
        Assert.That(answer.Errors, Does.EndWith("ocf-exit-reason:first line second line\n"));
        _box.Act("stop");
        Assert.That(File.Exists(_box.Runtime("attention")), Is.False, "a stop clears it");
    }

    [Test]
    public void A_worker_that_cannot_be_started_fails_the_start_and_degrades_the_monitor()
    {
        _box.Tool("systemd-run", "echo 'Failed to connect to bus: Host is down' >&2; exit 1");
        var start = _box.Act("start");
        Assert.That((start.ExitCode, start.Errors), Is.EqualTo(((int)ExitCode.Generic, start.Errors)));
        Assert.That(start.Errors, Does.Contain("ocf-exit-reason:systemd-run ").And.Contain("Host is down"));
        _box.Lay(_box.State("run.journal"), "a run");
        Assert.That(_box.Act("monitor").ExitCode, Is.EqualTo((int)ExitCode.Degraded));
    }

    [TestCase("Failed to start transient service unit: Unit pcmk-kpatch-run.service already exists.")]
    [TestCase("Failed to start transient service unit: Unit pcmk-kpatch-run.service was already loaded or has a fragment file.")]
    public void A_worker_that_is_there_already_is_as_good(string words)
    {
        _box.Tool("systemd-run", $"echo '{words}' >&2; exit 1");
        Assert.That(_box.Act("start").ExitCode, Is.Zero);
    }

    [Test]
    public void Without_a_cluster_to_tell_it_says_that_nothing_was_published_and_goes_on()
    {
        var answer = _box.Act("start");
        Assert.That(answer.ExitCode, Is.Zero);
        Assert.That(answer.Errors, Does.Contain("not published").And.Contain("attrd_updater"));
    }

    [Test]
    public void A_stop_succeeds_with_bad_parameters_without_tools_libraries_or_rights()
    {
        _box.Act("start");
        Assert.That(_box.Act("stop", ("OCF_RESKEY_patch", "bad")).ExitCode, Is.Zero, "bad parameters");
        Assert.That(_box.Act("stop").ExitCode, Is.Zero, "stopped already");
        _box.Act("start");
        Assert.That(_box.Run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", _box.Agent, "stop"]).ExitCode, Is.Zero, "as nobody");
        _box.Mounts = "mount --bind /dev/null $box/libexec/libMonoPosixHelper.so; " + Nothing;
        var bare = _box.Act("stop");
        Assert.That((bare.ExitCode, bare.Errors), Is.EqualTo((0, "")), "nothing installed");
        Assert.That(File.Exists(_box.Runtime("wanted")), Is.False);
    }

    [TestCase("mount --bind $box/run /run && mount -o remount,bind,ro /run && mount --bind $box/lib /var/lib && mount -o remount,bind,ro /var/lib")]
    [TestCase("rm -r /run/pcmk-kpatch; mkdir /run/pcmk-kpatch; mkdir /run/pcmk-kpatch/wanted")]
    [TestCase("rm -f /run/pcmk-kpatch/lock; mkdir /run/pcmk-kpatch/lock")]
    [TestCase("rm -rf /run/pcmk-kpatch; touch /run/pcmk-kpatch")]
    [TestCase("rm -f /usr/sbin/attrd_updater; printf '#!/bin/sh\\nkill -9 $$' >/usr/sbin/attrd_updater; chmod +x /usr/sbin/attrd_updater")]
    public void A_stop_succeeds_whatever_became_of_its_files(string trouble)
    {
        _box.Act("start");
        _box.Mounts = trouble;
        var answer = _box.Run(["sh", "-c", "\"$0\" stop <&- >&- 2>&-", _box.Agent]);
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
    }

    [TestCase("start")]
    [TestCase("monitor")]
    [TestCase("validate-all")]
    public void With_every_stream_closed_the_code_is_the_same(string action)
    {
        var open = _box.Act(action, ("OCF_RESKEY_patch", "bad")).ExitCode;
        Assert.That(_box.Run(["sh", "-c", "OCF_RESKEY_patch=bad \"$0\" \"$1\" <&- >&- 2>&-", _box.Agent, action]).ExitCode, Is.EqualTo(open).And.EqualTo((int)ExitCode.NotConfigured));
    }

    // A start that failed moves nothing but bans the agent from the node; a monitor that failed would have it restarted for nothing.
    [TestCase("start", ExitCode.Generic)]
    [TestCase("monitor", ExitCode.Degraded)]
    public void A_disk_that_is_read_only_is_a_failure_that_says_so(string action, ExitCode expected)
    {
        if (action == "monitor")
            _box.Lay(_box.Runtime("wanted"), "{}");
        _box.Mounts = "mount -o remount,bind,ro /run; mount -o remount,bind,ro /var/lib";
        var answer = _box.Act(action);
        Assert.That(answer.ExitCode, Is.EqualTo((int)expected), answer.ToString());
        Assert.That(answer.Errors, Does.Match("ocf-exit-reason:.*(/run|/var/lib)").And.Not.Contain("   at "));
        Assert.That(_box.Started(), Is.Empty);
    }

    [Test]
    public void A_full_disk_is_a_failure_that_says_so_and_leaves_no_half_file()
    {
        _box.Mounts = "mkdir /run/pcmk-kpatch; mount -t tmpfs -o size=4k full /run/pcmk-kpatch; cat /dev/zero >/run/pcmk-kpatch/ballast || :";
        var answer = _box.Run(["sh", "-c", "\"$0\" start; code=$?; ls /run/pcmk-kpatch; exit $code", _box.Agent]);
        Assert.That(answer.ExitCode, Is.EqualTo((int)ExitCode.Generic), answer.ToString());
        Assert.That(answer.Errors, Does.EndWith("ocf-exit-reason:/run/pcmk-kpatch/wanted.new: No space left on device\n"));
        Assert.That(answer.Output, Is.EqualTo("ballast\n"));
    }

    // Pacemaker waits for 60 s at most. attrd_updater hangs where pacemaker-attrd does.
    [TestCase("start")]
    [TestCase("monitor")]
    [TestCase("stop")]
    public void An_operation_ends_in_time_where_Pacemaker_hangs(string action)
    {
        _box.Act("start");
        _box.Tool("attrd_updater", "exec sleep 300");
        var clock = Stopwatch.StartNew();
        var answer = _box.Act(action);
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
        if (action != "stop")
            Assert.That(answer.Errors, Does.Contain("no answer in 10 s"));
    }

    // debug-start: the person sees what the worker says, and the operation's time is not overrun.
    [Test]
    public void By_hand_a_start_shows_what_the_worker_says_and_ends_with_it()
    {
        _box.Tool("systemd-run", "echo 'n1: drain' >>/run/pcmk-kpatch/progress");
        var answer = _box.Act("start", ("PCMK_service", "crm_resource"), ("OCF_RESKEY_CRM_meta_timeout", "20000"));
        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((0, "n1: drain\n")), answer.ToString());
    }

    [Test]
    public void By_hand_a_start_ends_before_the_operations_time_is_over_and_the_worker_goes_on()
    {
        _box.Lay(_box.State("run.journal"), "a run that takes longer");
        var clock = Stopwatch.StartNew();
        var answer = _box.Act("start", ("PCMK_service", "crm_resource"), ("OCF_RESKEY_CRM_meta_timeout", "3000"));
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(3)));
        Assert.That(answer.ExitCode, Is.Zero);
        Assert.That(answer.Output, Does.Contain("goes on by itself"));
    }

    [Test]
    public void By_hand_a_start_fails_with_the_reason_of_a_run_that_failed()
    {
        _box.Act("start");
        var ended = Runs.Full with { Verdict = Verdict.Unhealthy, Why = "oops (D)", Ended = DateTimeOffset.UtcNow.AddMinutes(1) };
        new JournalFile(_box.State("")).Close(ended);
        var answer = _box.Act("start", ("PCMK_service", "crm_resource"), ("OCF_RESKEY_CRM_meta_timeout", "20000"));
        Assert.That(answer.ExitCode, Is.EqualTo((int)ExitCode.Generic), answer.ToString());
        Assert.That(answer.Errors, Does.EndWith("ocf-exit-reason:oops (D)\n"));
    }

    private string[] Stamps() =>
        [.. ((string[])[_box.State(""), _box.Runtime("")]).SelectMany(Directory.GetFileSystemEntries).Select(f => $"{f} {File.GetLastWriteTimeUtc(f):O} {new FileInfo(f).Length}")];
}
