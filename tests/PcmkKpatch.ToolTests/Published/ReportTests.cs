using System.Text.Json;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Report;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>"report" of the published binary, with the real cibadmin and crm_mon on a CIB file of three nodes, asked on the first one.</summary>
internal sealed class ReportTests
{
    private Sandbox _box = null!;
    private CibFile _cib = null!;

    [SetUp]
    public void Begin()
    {
        (_box, _cib) = (new Sandbox(), new CibFile("three-nodes"));
        _box.ThreeNodes();
        Directory.CreateDirectory(_box.State(""));
        new CibToken().Create();
    }

    [TearDown]
    public void End()
    {
        _cib.Dispose();
        _box.Dispose();
    }

    // A rollout in which n2 fails, as each node's worker leaves it: n1's records here, what the others told in the CIB.
    private void Rolled()
    {
        Keep(Reports.Run("n1", Reports.Begin, Verdict.Patched, "run-1", "n2"));
        Tell("n1", Reports.Run("n1", Reports.Begin, Verdict.Patched, "run-1", "n2"));
        Tell("n2", Reports.Run("n2", Reports.Begin.AddMinutes(2), Verdict.Stalled, "run-2", "n3"));
    }

    [Test]
    public void The_whole_rollout_is_told_and_nothing_is_changed()
    {
        Rolled();
        var (before, left) = (_cib.Text, _box.Left());
        var answer = Report();
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        var words = Words(answer.Output);
        foreach (var part in (string[])[
            "Report the last rollout, as n1 knows it; times are in UTC, by each node's own clock",
            "Rollout kpatch_5_14_0_362_8_1_1_3: patched on n1; stalled on n2 ",
            "Began 2026-01-27 21:58:04 UTC Took 3 min 36 s ",
            "Patch kpatch_5_14_0_362_8_1_1_3 for kernel 5.14.0-362.8.1.el9_3.x86_64, build ab03, of kpatch-patch-5_14_0-362_8_1-1-3.el9_3.x86_64; on n1, n2 Before kpatch_5_14_0_362_8_1_1_2 ",
            "No run on n3: it does not say what it does",
            "n1: patched; took 97 s, away for 85 s (run run-1) ",
            "n2: stalled; took 96 s, away for 87 s (run run-2) Why on n2: it did not end By the agent ",
            "Phases gate 0.6 s, standby 0.5 s, drain 22 s, load 60 s, reverse 4.0 s, unstandby 0.3 s, confirm 8.6 s, release 0.0 s ",
            "Moved vip to n3, web to n3 Stopped pinned Back vip, pinned Found 1234 n2: Found [<0>] do_wait+0x5a/0x1b0 ",
            "Note of other nodes their last 3 runs are known here, in short"])
            Assert.That(words, Does.Contain(part));
        Assert.That(answer.Output.Split('\n').Where(line => line.Length > 80 && !line.StartsWith("  Found", StringComparison.Ordinal)), Is.Empty, "80 columns");
        Assert.That((_cib.Text, _box.Left()), Is.EqualTo((before, left)));
        Assert.That(Report("--last").Output, Is.EqualTo(answer.Output));
    }

    [Test]
    public void As_JSON_it_is_the_same()
    {
        Rolled();
        using var report = Json();
        var root = report.RootElement;
        Assert.That((Text(root, "local_node"), root.GetProperty("cluster_asked").GetBoolean(), Text(root, "version")), Is.EqualTo(("n1", true, Sandbox.Version)));
        var rollout = root.GetProperty("rollouts").EnumerateArray().Single();
        Assert.That((Text(rollout, "outcome"), Text(rollout, "began"), rollout.GetProperty("started_by")[0].GetString()), Is.EqualTo(("failed", "2026-01-27T21:58:04Z", "the agent")));
        Assert.That(rollout.GetProperty("nodes").EnumerateArray().Select(node => (Text(node, "name"), Text(node, "word"))), Is.EqualTo(((string?, string?)[])[("n1", "patched"), ("n2", "stalled"), ("n3", null)]));
        var run = rollout.GetProperty("runs")[1];
        Assert.That((Text(run, "id"), Text(run, "verdict"), run.GetProperty("is_whole").GetBoolean(), run.GetProperty("phases")[2].GetProperty("seconds").GetDouble()), Is.EqualTo(("run-2", "stalled", false, 22.0)));
        Assert.That(run.GetProperty("record").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void One_run_is_told_with_its_whole_record_where_that_is_here()
    {
        Rolled();
        using var report = Json("run-1");
        var record = report.RootElement.GetProperty("rollouts")[0].GetProperty("runs")[0].GetProperty("record");
        Assert.That((Text(record, "boot"), Text(record.GetProperty("patch"), "path")), Is.EqualTo(("11111111-1111-1111-1111-111111111111", "/usr/lib/kpatch/5.14.0-362.8.1.el9_3.x86_64/kpatch-5_14_0-362_8_1-1-3.ko")));
        var other = Report("run-2");
        Assert.That(Words(other.Output), Does.Contain("Note the whole record of this run is on n2: type pcmk-kpatch report run-2 there").And.Not.Contain("n1: patched"));
        Assert.That(Report("run-9").ToString(), Does.Contain("exit code 1").And.Contain("no run run-9 is known on this node"));
    }

    [Test]
    public void Where_the_cluster_is_down_this_node_s_own_runs_are_told()
    {
        Rolled();
        var answer = _box.Verb("report");
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        Assert.That(Words(answer.Output), Does.Contain("Note the cluster cannot be asked, so only this node's own runs are in here: cibadmin ").And.Contain("n1: patched").And.Not.Contain("n2: stalled"));
    }

    [Test]
    public void Where_there_is_no_history_that_is_said()
    {
        foreach (var options in (string[][])[[], ["--json"], ["--html", "/root/no.html"], ["--since", "3d"]])
        {
            var answer = Report(options);
            Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
            Assert.That(answer.Errors, Does.StartWith("pcmk-kpatch: no rollout is known"));
        }

        Assert.That(_box.Verb("report").Errors, Does.Contain("the cluster cannot be asked").And.Contain("no rollout is known: none has ended yet"));
    }

    [Test]
    public void Since_then_all_are_told()
    {
        Rolled();
        Keep(Reports.Run("n1", Reports.Begin.AddDays(-3), Verdict.Patched, "earlier", "n2") with { Patch = Runs.Full.Patch });
        Assert.That(Report("--since", "2026-01-01").Output, Does.Contain("(run earlier)").And.Contain("(run run-1)"));
        Assert.That(Report("--since", "2026-01-26T06:00Z").Output, Does.Not.Contain("(run earlier)").And.Contain("(run run-1)"));
        Assert.That(Report().Output, Does.Not.Contain("(run earlier)"));
        Assert.That(Report("--since", "2999-01-01").ToString(), Does.Contain("exit code 1").And.Contain("is still to come"));
        Assert.That(Report("--since", "yesterday").ToString(), Does.Contain("exit code 1").And.Contain("is no time"));
        Assert.That(Report("--since", "1s").ToString(), Does.Contain("exit code 1").And.Contain("no rollout is known since then"));
    }

    [Test]
    public void What_goes_on_here_or_is_parked_is_told_as_far_as_it_came()
    {
        Rolled();
        var parked = Reports.Run("n1", Reports.Begin.AddMinutes(10), Verdict.ReversalStalled, "run-3", "n2") with { Ended = null, Phase = Phase.Parked };
        new JournalFile(_box.State("")).Write(parked);
        Assert.That(Words(Report().Output), Does.Contain("parked, reversalstalled on n1; stalled on n2").And.Contain("(run run-3)"));
    }

    [Test]
    public void What_cannot_be_read_is_named_and_not_guessed()
    {
        Rolled();
        File.WriteAllText(Path.Combine(_box.State("history"), "20990101T000000Z-torn.json"), "{");
        CibAdmin.PutHistory(CibHistory.IdOf("n3"), "history v2 node=n3 all=new");
        var words = Words(Report().Output);
        Assert.That(words, Does.Contain("/var/lib/pcmk-kpatch/history/20990101T000000Z-torn.json cannot be read, or was written by a version that is not known").And.Contain("is not in here: history v2 node=n3 all=new"));
    }

    [Test]
    public void Names_and_words_of_others_make_no_line_and_move_no_cursor()
    {
        Rolled();
        Tell("n3", Reports.Run("n3\nNote     all is well\u001b[2J\u202e", Reports.Begin.AddMinutes(4), Verdict.Stalled, "run-3", "n1"));
        var answer = Report();
        Assert.That(answer.Errors, Is.Empty);
        Assert.That(answer.Output, Does.Not.Contain("\u001b").And.Not.Contain("\u202e").And.Not.Contain("\nNote     all is well"));
        Assert.That(Json().RootElement.GetProperty("rollouts").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public void A_page_is_written_to_a_file_or_to_standard_output()
    {
        Rolled();
        var folder = _box.State("");
        var answer = Report("--html", "/var/lib/pcmk-kpatch/page.html");
        Assert.That((answer.ExitCode, answer.Output, answer.Errors), Is.EqualTo((0, "", "")), answer.ToString());
        var page = File.ReadAllText(Path.Combine(folder, "page.html"));
        Assert.That(page, Does.StartWith("<!DOCTYPE html>").And.Contain("stalled on n2").And.Contain("</html>"));
        Assert.That(Report("--html", "-").Output, Does.StartWith("<!DOCTYPE html>").And.Contain("</html>"));
        File.WriteAllText(Path.Combine(folder, "page.html"), "mine");
        var refused = Report("--html", "/var/lib/pcmk-kpatch/page.html");
        Assert.That((refused.ExitCode, File.ReadAllText(Path.Combine(folder, "page.html"))), Is.EqualTo((1, "mine")), refused.ToString());
        Assert.That(refused.Errors, Does.Match("^pcmk-kpatch: .*page.html: is there already.*\n$"));
    }

    [Test]
    public void What_the_package_s_changelog_names_is_told()
    {
        Rolled();
        _box.Tool("rpm", "case $* in '-q --changelog kpatch-patch-5_14_0-362_8_1-1-3.el9_3.x86_64') printf '* Thu Jan 11 2024 A <a@b> [1-3.el9_3]\\n- x {CVE-2023-6817}\\n* Fri Dec 01 2023 A <a@b> [1-2.el9_3]\\n- y {CVE-2023-5178}\\n';; *) exit 1;; esac");
        Assert.That(Words(Report().Output), Does.Contain("Fixes CVE-2023-6817: what its package's changelog names since 1-2, which was in force before"));
    }

    private void Keep(Run run) => new HistoryFolder(_box.State("history")).Keep(run);

    private static void Tell(string node, Run run) => Assert.That(CibAdmin.PutHistory(CibHistory.IdOf(node), NodeHistory.Text(run.Node, [run])), Is.True);

    private Answer Report(params string[] options) => _box.Run([_box.Program, "report", .. options], ("CIB_file", _cib.Path));

    private JsonDocument Json(params string[] options)
    {
        var answer = Report([.. options, "--json"]);
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        return JsonDocument.Parse(answer.Output);
    }

    private static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
