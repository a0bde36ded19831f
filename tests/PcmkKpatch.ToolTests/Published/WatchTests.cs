using System.Text.RegularExpressions;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>"status --watch" of the published binary, with and without a terminal (script(1) makes one), on a CIB in a file.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed partial class WatchTests : IDisposable
{
    private readonly Sandbox _box = new();
    private readonly TempFolder _folder = new();
    private readonly CibFile _cib = new();

    [SetUp]
    public void Begin()
    {
        _box.ThreeNodes();
        // From a live cluster only: here nobody has published anything.
        _box.Tool("attrd_updater", "exit 6");
    }

    public void Dispose()
    {
        _cib.Dispose();
        _box.Dispose();
        _folder.Dispose();
    }

    [TestCase("INT")]
    [TestCase("TERM")]
    [TestCase("HUP")]
    public void Where_there_is_no_terminal_lines_are_told_once_and_without_escapes(string signal)
    {
        var answer = Ask([], "sh", "-c", $"timeout --preserve-status -s {signal} 5 \"$1\" status --watch 1", "sh", _box.Program);

        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        Assert.That(answer.Output, Does.Not.Match("[\u0000-\u0009\u000b-\u001f]"));
        var lines = answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Is.All.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ "));
        foreach (var what in (string[])["Rollout: ", "Token: absent", "n1: ", "n2: ", "n3: "])
            Assert.That(lines.Count(l => l.Contains(what, StringComparison.Ordinal)), Is.EqualTo(1), what);
    }

    [Test]
    public void What_is_changed_meanwhile_is_a_line_of_its_own()
    {
        var script = $$"""
            timeout --preserve-status -s INT 9 "$1" status --watch 1 & sleep 2
            cibadmin --modify -o crm_config --xml-text '<cluster_property_set id="pcmk-kpatch"><nvpair id="pcmk-kpatch-token" name="pcmk-kpatch-token" value="halted node=n2 run=r1 boot=b since=2026-01-31T22:15:00Z why=%1B%5B2J"/></cluster_property_set>' --allow-create
            wait $!
            """;
        var answer = Ask([], "sh", "-c", script, "sh", _box.Program);

        Assert.That(answer.ExitCode, Is.EqualTo(2), "a person must look: " + answer);
        Assert.That(answer.Output, Does.Match("Token: absent\n(?s:.*)Z Rollout: halted by n2: \\?\\[2J\n").And.Match("Z To do: .*pcmk-kpatch resume\n").And.Match("Z Token: halted by n2 since "));
        Assert.That(answer.Output, Does.Not.Contain("\e"));
    }

    [Test]
    public void A_reader_that_goes_away_ends_it()
    {
        var answer = Ask([], "sh", "-c", "{ (\"$1\" status --watch 1; echo $? >\"$2\") | head -n 1 >/dev/null; } & i=0; until [ -s \"$2\" ]; do cibadmin --modify -o crm_config --xml-text '<cluster_property_set id=\"pcmk-kpatch\"><nvpair id=\"pcmk-kpatch-token\" name=\"pcmk-kpatch-token\" value=\"halted node=n'$((i=i+1))' run=r boot=b since=x why=y\"/></cluster_property_set>' --allow-create; sleep 1; done", "sh", _box.Program, _folder.At("code"));

        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        Assert.That(File.ReadAllText(_folder.At("code")), Is.EqualTo("1\n"));
    }

    [Test]
    public void On_a_terminal_it_is_drawn_on_the_other_screen_and_that_is_left_again([Values("INT", "TERM")] string signal, [Values] bool colour)
    {
        _cib.Add("configuration/crm_config", """<cluster_property_set id="pcmk-kpatch"><nvpair id="pcmk-kpatch-token" name="pcmk-kpatch-token" value="halted node=n2 run=r1 boot=b since=2026-01-31T22:15:00Z why=x"/></cluster_property_set>""");
        var shown = Terminal(colour ? [("TERM", "xterm")] : [("TERM", "xterm"), ("NO_COLOR", "1")], $"stty cols 60 rows 20; timeout --foreground --preserve-status -s {signal} 5 {_box.Program} status --watch 1; echo code $?");

        Assert.That(shown, Does.Contain("\e[?1049h\e[?25l").And.Match("\e\\[\\?25h\e\\[\\?1049l(\\^C)?code 2\r\n"));
        Assert.That(shown.Contains("\e[31m", StringComparison.Ordinal), Is.EqualTo(colour));
        var screens = shown.Split("\e[H")[1..];
        Assert.That(screens, Has.Length.GreaterThanOrEqualTo(2), "it was drawn again");
        foreach (var line in screens[0].Split("\e[J")[0].Split("\r\n"))
        {
            // The terminal itself makes two of the end of a line.
            Assert.That(line.TrimEnd('\r'), Does.EndWith("\e[K"));
            Assert.That(Escapes().Replace(line, "").TrimEnd('\r').Length, Is.LessThanOrEqualTo(60));
        }
    }

    [TestCase("dumb")]
    [TestCase("")]
    public void On_a_terminal_that_can_do_nothing_lines_are_told(string term)
    {
        var shown = Terminal([("TERM", term)], $"timeout --foreground --preserve-status -s INT 4 {_box.Program} status --watch 1; echo code $?");

        Assert.That(shown, Does.Not.Contain("\e").And.Contain("Token: absent\r\n").And.Contain("code 0\r\n"));
    }

    [Test]
    public void A_cluster_that_does_not_answer_is_waited_for()
    {
        _box.Tool("crm_mon", $"test -e {_folder.At("up")} || exit 102; exec /usr/sbin/crm_mon.real \"$@\"");
        _box.Mounts = "cp -P \"$box/real/crm_mon\" \"$box/tools/crm_mon.real\"";
        var answer = Ask([], "sh", "-c", "timeout --preserve-status -s INT 9 \"$1\" status --watch 1 & sleep 3; touch \"$2\"; wait $!", "sh", _box.Program, _folder.At("up"));

        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        Assert.That(answer.Output, Does.Match("Z not seen: crm_mon .*\n(?s:.*)Z seen again\n(?s:.*)Z n3: "));
    }

    [TestCase("0")]
    [TestCase("3601")]
    [TestCase("-1")]
    [TestCase("1.5")]
    [TestCase("x")]
    [TestCase("1", "2")]
    [TestCase("--json")]
    public void Intervals_that_are_none_are_refused(params string[] words) => Assert.That(_box.Verb(["status", "--watch", .. words]).ExitCode, Is.EqualTo(64));

    private string Terminal((string, string)[] environment, string command)
    {
        var answer = Ask([.. environment, ("SHELL", "/bin/sh")], "script", "--quiet", "--return", "--command", command, "/dev/null");
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        return answer.Output;
    }

    private Answer Ask((string, string)[] environment, params string[] command) => _box.Run(command, [.. environment, ("CIB_file", _cib.Path), ("PATH", "/usr/sbin:/usr/bin:/bin")]);

    [GeneratedRegex("\e\\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escapes();
}
