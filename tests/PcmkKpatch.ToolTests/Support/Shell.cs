using System.Diagnostics;

namespace PcmkKpatch.ToolTests.Support;

/// <summary>What a program answered.</summary>
internal sealed record Answer(int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"exit code {ExitCode}\n--- output\n{Output}\n--- errors\n{Errors}";
}

/// <summary>
/// Starts programs for a test: the tools that judge, and the published binary. Not the product's own Tool, which is under test here.
/// </summary>
internal static class Shell
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program with this environment alone, or with the test's own where none is given.</summary>
    public static Answer Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Installed(program)) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (environment is not null)
        {
            start.Environment.Clear();
            foreach (var (name, value) in environment)
                start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_limit) || !Task.WhenAll(output, errors).Wait(s_limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)}: not done after {s_limit.TotalSeconds} s");
        }

        return new Answer(process.ExitCode, output.Result, errors.Result);
    }

    /// <summary>Runs a script of the shell; what follows it are its $1, $2 …</summary>
    public static Answer Script(string script, params string[] arguments) => Run("sh", ["-c", script, "sh", .. arguments]);

    /// <summary>The full path of a program. One that is missing fails the test: nothing is skipped.</summary>
    public static string Installed(string program)
    {
        if (program.Contains('/'))
            return program;
        var path = ((string[])["/usr/sbin", "/usr/bin"]).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        return path ?? throw new AssertionException($"{program} is not installed on this machine: make deps");
    }
}
