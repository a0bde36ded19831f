using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>
/// The published binary as people and systemd call it, where no cluster runs and where tools misbehave. "status" with a cluster needs
/// crm_node and crmadmin, which answer from a live one only: it is in the node lab, as is a run from end to end.
/// </summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class CommandLineTests : IDisposable
{
    private static readonly string[][] s_verbs = [["status"], ["status", "--json"], ["report"], ["report", "--html", "-"], ["plan"], ["plan", "--node", "n1", "--json"], ["hold"], ["hold", "n1"], ["hold", "--clear"], ["hold", "--list"], ["resume"], ["abort"], ["release"], ["release", "--confirm", "n1"], ["quarantine"], ["quarantine", "--clear"], ["run"]];
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [TestCase]
    [TestCase("")]
    [TestCase("stauts")]
    [TestCase("Status")]
    [TestCase("status", "--jso")]
    [TestCase("status", "--json", "--json")]
    [TestCase("--json", "status")]
    [TestCase("report", "")]
    [TestCase("report", "run-1", "run-2")]
    [TestCase("report", "--last", "run-1")]
    [TestCase("report", "--last", "--since", "3d")]
    [TestCase("report", "--since")]
    [TestCase("report", "--since", "--json")]
    [TestCase("report", "--html")]
    [TestCase("report", "--html", "--json")]
    [TestCase("report", "--html", "-", "--json")]
    [TestCase("report", "--json", "--json")]
    [TestCase("plan", "n1")]
    [TestCase("plan", "--node")]
    [TestCase("plan", "--node", "")]
    [TestCase("plan", "--node", "--json")]
    [TestCase("plan", "--json", "--json")]
    [TestCase("hold", "")]
    [TestCase("hold", "n1", "n2")]
    [TestCase("hold", "--all")]
    [TestCase("hold", "--until")]
    [TestCase("hold", "--until", "")]
    [TestCase("hold", "--until", "--reason", "x")]
    [TestCase("hold", "--until", "2h", "--until", "3h")]
    [TestCase("hold", "n1", "--reason")]
    [TestCase("hold", "--until=2h")]
    [TestCase("hold", "--list", "n1")]
    [TestCase("hold", "--list", "--clear")]
    [TestCase("hold", "--list", "--list")]
    [TestCase("hold", "--clear", "--reason", "x")]
    [TestCase("hold", "--clear", "n1", "--until", "2h")]
    [TestCase("resume", "n1")]
    [TestCase("abort", "--force")]
    [TestCase("release", "n1")]
    [TestCase("release", "--confirm")]
    [TestCase("release", "--confirm", "")]
    [TestCase("release", "--confirm", "--force")]
    [TestCase("release", "--confirm", "n1", "n2")]
    [TestCase("quarantine", "-clear")]
    [TestCase("inspect")]
    [TestCase("inspect", "--json")]
    [TestCase("inspect", "")]
    [TestCase("inspect", "a.ko", "b.ko")]
    [TestCase("metrics", "file")]
    [TestCase("metrics", "--json")]
    [TestCase("metrics", "--textfile", "")]
    [TestCase("metrics", "--textfile", "--json")]
    [TestCase("metrics", "--textfile", "a", "b")]
    [TestCase("run", "now")]
    [TestCase("--version", "x")]
    [TestCase("start")]
    [TestCase("meta-data")]
    public void Usage_that_is_wrong_is_told_on_standard_error(params string[] arguments)
    {
        var answer = _box.Verb(arguments);
        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((64, "")), answer.ToString());
        Assert.That(answer.Errors, Does.Contain("pcmk-kpatch status").And.Contain("pcmk-kpatch abort"));
        Assert.That(_box.Left(), Is.Empty);
    }

    [TestCase("--help")]
    [TestCase("-h")]
    [TestCase("help")]
    public void Help_tells_of_every_verb_on_standard_output(string option)
    {
        var answer = _box.Run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", _box.Program, option]);
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        foreach (var verb in s_verbs)
            Assert.That(answer.Output, Does.Contain($"pcmk-kpatch {verb[0]}"));
        Assert.That(answer.Output, Does.Contain("pcmk-kpatch inspect"));
    }

    [Test]
    public void The_version_is_a_version_and_nothing_more() => Assert.That(_box.Verb("--version").Output, Does.Match(@"^\d+\.\d+\.\d+\n$"));

    [TestCaseSource(nameof(s_verbs))]
    public void Without_root_nothing_is_done(params string[] verb)
    {
        var answer = _box.Run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", _box.Program, .. verb]);
        Assert.That((answer.ExitCode, answer.Output, answer.Errors), Is.EqualTo((1, "", "pcmk-kpatch: only root may do this: run it as root\n")), answer.ToString());
        Assert.That(_box.Left(), Is.Empty);
    }

    [TestCase("status", "--")]
    [TestCase("status", "--json")]
    [TestCase("resume", "--")]
    [TestCase("abort", "--")]
    [TestCase("release", "--")]
    [TestCase("hold", "--")]
    [TestCase("hold", "n1")]
    [TestCase("hold", "--clear")]
    [TestCase("hold", "--list")]
    [TestCase("rehearse", "--")]
    [TestCase("rehearse", "--follow")]
    [TestCase("rehearse", "--cancel")]
    public void Without_a_cluster_the_sentence_says_so_and_nothing_changes(string verb, string option)
    {
        var answer = _box.Verb(option == "--" ? [verb] : [verb, option]);
        AssertOneSentence(answer, "exit code 102: .*([Cc]onnect|[Cc]luster|Init failed)");
        Assert.That(_box.Left(), Is.Empty);
    }

    [TestCase("head -c 700 GOLDEN", "does not parse")]
    [TestCase("cat GOLDEN; exit 1", "exit code 1")]
    [TestCase("echo '<html>busy</html>'", "its output is not whole")]
    [TestCase("exit 0", "does not parse")]
    [TestCase("echo 'crm_mon: Connection to cluster failed' >&2; exit 102", "exit code 102: crm_mon: Connection to cluster failed")]
    [TestCase("kill -9 $$", "killed by signal 9")]
    [TestCase("kill -SEGV $$", "killed by signal 11")]
    [TestCase("yes '<pacemaker-result>'", "more output than can be true")]
    public void Whatever_crm_mon_does_status_ends_with_a_sentence(string script, string why)
    {
        var golden = Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", "3.0.0", "golden.crm_mon.xml");
        _box.Tool("crm_mon", script.Replace("GOLDEN", golden));
        AssertOneSentence(_box.Verb("status"), why);
        Assert.That(_box.Left(), Is.Empty);
    }

    [Test]
    public void A_tool_that_is_there_but_cannot_be_run_is_a_sentence_too()
    {
        _box.Mounts = "rm /usr/sbin/crm_mon; echo x >/usr/sbin/crm_mon; chmod 644 /usr/sbin/crm_mon";
        AssertOneSentence(_box.Verb("status"), "crm_mon");
        _box.Mounts = "chmod 755 /usr/sbin/crm_mon; printf '\\177ELF' >/usr/sbin/crm_mon";
        AssertOneSentence(_box.Verb("status"), "crm_mon");
        _box.Without("crm_mon");
        _box.Mounts = ":";
        AssertOneSentence(_box.Verb("status"), "crm_mon: not installed on this node");
    }

    // The worker never gives up: systemd ends it.
    [Test]
    public void The_worker_without_a_cluster_tries_again_until_it_is_asked_to_stop()
    {
        _box.Lay(_box.Runtime("wanted"), """{"patch":"installed","drain_timeout":"00:10:00","transition_timeout":"00:01:00","confirm_timeout":"00:10:00","retry_delay":"00:15:00"}""");
        var answer = _box.Run(["timeout", "-s", "TERM", "2.5", _box.Program, "run"]);
        // timeout(1) itself exits with 124 where it had to end the program.
        Assert.That(answer.ExitCode, Is.EqualTo(124), answer.ToString());
        var lines = answer.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.All.Match("^<[346]>"), "every line has its priority for systemd's journal");
        Assert.That(lines.Count(line => line.Contains("a tool failed, trying again in")), Is.InRange(2, 4), "one try, one a second later, one two seconds after that");
        Assert.That(lines[^1], Does.Contain("the journal says where to go on"));
        Assert.That(File.ReadAllText(_box.Runtime("progress")), Does.Contain("trying again"));
        Assert.That(File.Exists(_box.State("run.journal")), Is.False, "nothing was begun");
    }

    [Test]
    public void A_second_worker_leaves_at_once()
    {
        _box.Lay(_box.Runtime("lock"), "");
        using var held = new FileStream(_box.Runtime("lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var answer = _box.Verb("run");
        Assert.That(answer.ExitCode, Is.Zero);
        Assert.That(answer.Errors, Does.Contain("another worker"));
    }

    [Test]
    public void An_abort_asks_the_worker_and_a_worker_that_cannot_be_started_is_told()
    {
        Directory.CreateDirectory(_box.State(""));
        new JournalFile(_box.State("")).Write(Runs.InPhase(Phase.Drain));
        _box.Tool("systemd-run", "echo 'Failed to connect to bus' >&2; exit 1");
        AssertOneSentence(_box.Verb("abort"), "systemd-run .*Failed to connect to bus");
        Assert.That(File.Exists(_box.State("abort")), "the next worker will find it");
    }

    [Test]
    public void An_abort_shows_what_the_worker_says_until_it_is_home()
    {
        Directory.CreateDirectory(_box.State(""));
        new JournalFile(_box.State("")).Write(Runs.InPhase(Phase.Drain));
        _box.Tool("systemd-run", "mkdir -p /run/pcmk-kpatch; echo 'n1: unstandby' >/run/pcmk-kpatch/progress; rm /var/lib/pcmk-kpatch/run.journal");
        var answer = _box.Verb("abort");
        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((0, "n1: unstandby\n")), answer.ToString());
    }

    private static void AssertOneSentence(Answer answer, string pattern)
    {
        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Errors, Does.Match($"^pcmk-kpatch: .*{pattern}").And.Not.Contain("   at "));
        Assert.That(answer.Errors.TrimEnd('\n'), Does.Not.Contain("\n"), "one sentence");
    }
}
