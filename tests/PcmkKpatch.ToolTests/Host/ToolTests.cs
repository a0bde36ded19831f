using System.Diagnostics;
using PcmkKpatch.Core;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Host;

/// <summary>The one place that starts processes, with programs that behave badly. They are this machine's own: Tool looks into fixed folders only.</summary>
internal sealed class ToolTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_late = TimeSpan.FromSeconds(20);
    private TempFolder _folder = null!;

    [SetUp]
    public void Begin() => _folder = new TempFolder();

    [TearDown]
    public void End() => _folder.Dispose();

    [Test]
    public void The_answer_has_the_exit_code_and_both_outputs()
    {
        Assert.That(Sh("echo out; echo err >&2; exit 7"), Is.EqualTo(new ToolAnswer(7, "out\n", "err\n")));
        Assert.That(Tool.Run("true", []), Is.Empty);
    }

    [Test]
    public void Every_exit_code_up_to_128_comes_through()
    {
        foreach (var code in (int[])[0, 1, 2, 64, 66, 70, 78, 102, 105, 108, 124, 127, 128])
            Assert.That(Sh($"exit {code}").ExitCode, Is.EqualTo(code));
    }

    [Test]
    public void Run_fails_for_every_exit_code_but_0_with_the_last_words_of_the_tool()
    {
        var failure = Assert.Throws<ToolFailedException>(() => Tool.Run("sh", ["-c", "echo noise; echo first >&2; echo '  the reason  ' >&2; echo >&2; exit 3"]))!;
        Assert.That((failure.ExitCode, failure.Reason), Is.EqualTo((3, "the reason")));
        Assert.That(failure.Command, Does.StartWith("sh -c "));
        Assert.That(Assert.Throws<ToolFailedException>(() => Tool.Run("sh", ["-c", "echo to standard output; exit 3"]))!.Reason, Is.EqualTo("to standard output"));
        Assert.That(Assert.Throws<ToolFailedException>(() => Tool.Run("sh", ["-c", "exit 3"]))!.Reason, Is.EqualTo("it said nothing"));
    }

    [Test]
    public void A_tool_that_is_not_installed_is_named()
    {
        Assert.That(Tool.Find("no-such-tool"), Is.Null);
        var failure = Assert.Throws<ToolFailedException>(() => Tool.Ask("no-such-tool", ["--option"]))!;
        Assert.That((failure.Command, failure.ExitCode), Is.EqualTo(("no-such-tool", (int?)null)));
        Assert.That(failure.Reason, Does.Contain("not installed"));
    }

    [Test]
    public void Tools_are_found_in_the_system_folders_alone_whatever_PATH_says()
    {
        var path = Environment.GetEnvironmentVariable("PATH");
        File.WriteAllText(_folder.At("a-tool-of-nobody"), "#!/bin/sh\n");
        File.SetUnixFileMode(_folder.At("a-tool-of-nobody"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Environment.SetEnvironmentVariable("PATH", _folder.Path);
        try
        {
            Assert.That(Tool.Find("a-tool-of-nobody"), Is.Null);
            Assert.That(Tool.Find("sh"), Does.StartWith("/usr/bin/").Or.StartWith("/bin/"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }

    [Test]
    public void A_tool_runs_in_the_C_locale_with_the_system_folders_as_PATH()
    {
        Environment.SetEnvironmentVariable("LC_ALL", "de_DE.UTF-8");
        try
        {
            Assert.That(Sh("echo $LC_ALL $PATH").Output, Is.EqualTo("C /usr/sbin:/usr/bin:/sbin:/bin\n"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("LC_ALL", null);
        }
    }

    [Test]
    public void Nothing_else_of_our_environment_or_folder_reaches_a_tool()
    {
        string[] hostile = ["LD_PRELOAD_NOT", "BASH_ENV", "PYTHONPATH", "HOME", "DBUS_SYSTEM_BUS_ADDRESS", "http_proxy", "OCF_RESKEY_patch", "IFS"];
        var (before, folder) = (hostile.Append("CIB_file").ToDictionary(name => name, Environment.GetEnvironmentVariable), Environment.CurrentDirectory);
        try
        {
            foreach (var name in before.Keys)
                Environment.SetEnvironmentVariable(name, "/tmp/evil");
            Environment.CurrentDirectory = _folder.Path;
            // What a shell sets by itself is not shown by env where the shell did not export it.
            Assert.That(Tool.Run("env", []).Split('\n', StringSplitOptions.RemoveEmptyEntries),
                Is.EquivalentTo((string[])["LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "CIB_file=/tmp/evil"]));
            Assert.That(Tool.Run("pwd", []), Is.EqualTo("/\n"));
        }
        finally
        {
            Environment.CurrentDirectory = folder;
            foreach (var (name, value) in before)
                Environment.SetEnvironmentVariable(name, value);
        }
    }

    [Test]
    public void Standard_input_is_at_its_end()
    {
        var clock = Stopwatch.StartNew();
        Assert.That(Tool.Run("cat", []), Is.Empty);
        Assert.That(clock.Elapsed, Is.LessThan(s_late));
    }

    [Test]
    public void Arguments_arrive_as_they_are()
    {
        string[] hostile = ["", "two words", "$(id)", "`id`", "a'b\"c\\d", "*", "--", "-x", "new\nline", "Müller 東京", "a;b|c&d>e<f", "%s%n"];
        Assert.That(Tool.Run("sh", ["-c", "for a; do printf '[%s]' \"$a\"; done", "sh", .. hostile]), Is.EqualTo(string.Concat(hostile.Select(a => $"[{a}]"))));
    }

    [Test]
    public void A_tool_that_is_too_slow_is_killed_with_its_children()
    {
        var clock = Stopwatch.StartNew();
        var failure = Assert.Throws<ToolFailedException>(() => Tool.Ask("sh", ["-c", $"echo $$ >>{Pids}; sleep 300 & echo $! >>{Pids}; sh -c 'echo $$ >>{Pids}; sleep 301; true'; true"], s_soon))!;
        Assert.That((failure.ExitCode, failure.Reason), Is.EqualTo(((int?)null, "no answer in 0.5 s")));
        Assert.That(clock.Elapsed, Is.LessThan(s_late));
        Assert.That(File.ReadAllLines(Pids), Has.Length.EqualTo(3));
        AssertGone();
    }

    [Test]
    public void A_tool_that_ignores_signals_is_killed_all_the_same()
    {
        Assert.That(() => Tool.Ask("sh", ["-c", $"trap '' INT TERM HUP; echo $$ >>{Pids}; while :; do sleep 0.1; done"], s_soon), Throws.TypeOf<ToolFailedException>());
        AssertGone();
    }

    [Test]
    public void A_tool_killed_by_a_signal_is_a_failure_that_names_the_signal()
    {
        foreach (var (signal, number) in ((string, int)[])[("KILL", 9), ("SEGV", 11), ("TERM", 15)])
        {
            var failure = Assert.Throws<ToolFailedException>(() => Sh($"kill -{signal} $$"))!;
            Assert.That(failure.Reason, Is.EqualTo($"killed by signal {number}"));
        }
    }

    [TestCase("yes", "")]
    [TestCase("sh", "exec yes >&2")]
    public void A_tool_that_talks_without_end_is_stopped_before_it_fills_the_memory(string tool, string script)
    {
        var clock = Stopwatch.StartNew();
        // Forgets the most memory that this process has ever had (proc(5)).
        File.WriteAllText("/proc/self/clear_refs", "5");
        var before = Megabytes("VmHWM");
        var failure = Assert.Throws<ToolFailedException>(() => Tool.Ask(tool, script.Length > 0 ? ["-c", script] : [], s_late))!;
        Assert.That(failure.Reason, Is.EqualTo("more output than can be true"));
        Assert.That(clock.Elapsed, Is.LessThan(s_late));
        Assert.That(Megabytes("VmHWM") - before, Is.LessThan(600));
        Assert.That(Children(), Is.Empty, "yes is gone");
    }

    [Test]
    public void Megabytes_of_output_arrive_whole_and_do_not_block_the_other_stream() =>
        Assert.That(Sh("head -c 3000000 /dev/zero | tr '\\0' e >&2; head -c 3000000 /dev/zero | tr '\\0' o") is { ExitCode: 0, Output.Length: 3000000, Errors.Length: 3000000 });

    [Test]
    public void Bytes_that_are_no_text_do_not_disturb() => Assert.That(Sh("head -c 4096 /dev/urandom; printf '\\377\\376\\000end'").Output, Does.EndWith("\0end"));

    // Who waits inside the kernel for a file system that stands still is not ended by SIGKILL. Here it is ended and cannot be seen to be: another process traces it, keeps its output open, and never takes
    // note of its end.
    [Test]
    public void A_tool_that_cannot_be_killed_is_not_waited_for()
    {
        const string Traced = """
            import ctypes, os, sys, time
            ready = os.pipe()
            child = os.getpid()
            tracer = os.fork()
            if tracer == 0:
                os.setsid()
                if os.fork():
                    os._exit(0)
                open(sys.argv[1], "w").write(f"{os.getpid()}")
                libc = ctypes.CDLL(None, use_errno=True)
                libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
                os.write(ready[1], b"y" if libc.ptrace(0x4206, child, None, None) == 0 else b"n")
                time.sleep(60)
                os._exit(0)
            os.waitpid(tracer, 0)
            if os.read(ready[0], 1) != b"y":
                sys.exit("not traced")
            while True:
                time.sleep(1)
            """;
        var clock = Stopwatch.StartNew();
        var failure = Assert.Throws<ToolFailedException>(() => Tool.Ask("python3", ["-c", Traced, Pids], TimeSpan.FromSeconds(2)))!;
        Shell.Script("kill \"$1\"", File.ReadAllText(Pids));
        Assert.That((failure.ExitCode, failure.Reason), Is.EqualTo(((int?)null, "no answer in 2 s, and it cannot be killed")));
        Assert.That(clock.Elapsed, Is.LessThan(s_late));
        AssertGone();
        Assert.That(Children, Is.Empty.After(5000, 50), "its end is taken note of when it comes");
    }

    // A daemon that a tool left behind keeps the output open. What the tool said cannot be known to be whole until then.
    [Test]
    public void A_grandchild_that_keeps_the_output_open_makes_the_deadline_count()
    {
        var clock = Stopwatch.StartNew();
        Assert.That(() => Sh($"sleep 60 & echo $! >>{Pids}; echo said", s_soon), Throws.TypeOf<ToolFailedException>().With.Message.Contains("no answer in 0.5 s"));
        Assert.That(clock.Elapsed, Is.LessThan(s_late));
        Shell.Script("kill \"$1\"", File.ReadAllText(Pids).Trim());
    }

    [Test]
    public void A_tool_that_leaves_a_daemon_with_its_own_output_is_not_waited_for()
    {
        var clock = Stopwatch.StartNew();
        Assert.That(Sh($"sleep 60 >/dev/null 2>&1 & echo $! >>{Pids}; echo said").Output, Is.EqualTo("said\n"));
        Assert.That(clock.Elapsed, Is.LessThan(s_late));
        Shell.Script("kill \"$1\"", File.ReadAllText(Pids).Trim());
    }

    [Test]
    public void A_tool_that_closes_its_output_and_goes_on_is_waited_for()
    {
        var clock = Stopwatch.StartNew();
        Assert.That(Sh("exec >&- 2>&-; sleep 0.5; exit 9").ExitCode, Is.EqualTo(9));
        Assert.That(clock.Elapsed, Is.GreaterThan(TimeSpan.FromMilliseconds(400)));
    }

    [Test]
    public void Hundreds_of_calls_leave_no_process_and_no_open_file_behind()
    {
        Tool.Run("true", []);
        var before = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        for (var i = 0; i < 100; i++)
            Tool.Run("true", []);
        Assert.That(Directory.GetFileSystemEntries("/proc/self/fd"), Has.Length.LessThan(before + 20));
        Assert.That(Children(), Is.Empty);
    }

    private string Pids => _folder.At("pids");

    private static ToolAnswer Sh(string script, TimeSpan? deadline = null) => Tool.Ask("sh", ["-c", script], deadline);

    // The processes, dead ones not yet collected among them, that this one started and that are still there.
    private static string[] Children() =>
        [.. Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])).Select(Stat).Where(stat => stat.Split(')')[^1].Split(' ') is [_, _, var parent, ..] && parent == $"{Environment.ProcessId}")];

    private static int Megabytes(string line) =>
        int.Parse(File.ReadLines("/proc/self/status").Single(l => l.StartsWith(line, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) / 1024;

    private static string Stat(string folder)
    {
        try
        {
            return File.ReadAllText($"{folder}/stat");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private void AssertGone()
    {
        foreach (var pid in File.ReadAllLines(Pids))
            Assert.That(() => IsRunning(pid), Is.False.After(5000, 50), $"process {pid} is still there");
    }

    // Behind the name in parentheses stands the state; a zombie is dead.
    private static bool IsRunning(string pid) => Stat($"/proc/{pid}") is { Length: > 0 } stat && !stat.Split(')')[^1].TrimStart().StartsWith('Z');
}
