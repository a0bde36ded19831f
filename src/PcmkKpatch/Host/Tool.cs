using System.ComponentModel;
using System.Globalization;
using System.Text;
using CliWrap;
using CliWrap.Exceptions;
using PcmkKpatch.Core;

namespace PcmkKpatch.Host;

/// <summary>What a tool answered.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
internal sealed record ToolAnswer(int ExitCode, string Output, string Errors)
{
    /// <summary>The last line of what it said, errors first: enough for a sentence.</summary>
    public string Words
    {
        get
        {
            var text = string.IsNullOrWhiteSpace(Errors) ? Output : Errors;
            return text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";
        }
    }
}

/// <summary>What a tool answered that may say much: kept as the bytes that came, and read as a stream.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
internal sealed record LongAnswer(int ExitCode, ArraySegment<byte> Output, string Errors)
{
    /// <summary>Its standard output, to be read.</summary>
    public TextReader Open() => new StreamReader(new MemoryStream(Output.Array!, Output.Offset, Output.Count, writable: false), Encoding.UTF8);

    /// <summary>The same as text.</summary>
    public ToolAnswer AsText()
    {
        using var reader = Open();
        return new ToolAnswer(ExitCode, reader.ReadToEnd(), Errors);
    }
}

/// <summary>
/// The only place that starts a process: found in fixed folders, without a shell, in an environment of its own, in the folder /, standard
/// input closed, killed with its children at the deadline, and not waited for where that does not end it. What goes wrong is a <see cref="ToolFailedException"/>.
/// </summary>
internal static class Tool
{
    private const string SearchPath = "/usr/sbin:/usr/bin:/sbin:/bin";
    private const int LongestOutput = 64 * 1024 * 1024;
    // By these people point Pacemaker's own tools at a file, and let them take a large CIB. Nothing else of our environment reaches a tool: it may
    // come from whoever called sudo, or from the cluster's configuration.
    private static readonly string[] s_passedOn = ["CIB_file", "PCMK_ipc_buffer"];
    private static readonly TimeSpan s_usualDeadline = TimeSpan.FromSeconds(30);

    // A process that was killed is gone in milliseconds, or is inside the kernel, as who writes to a file system that stands still, and goes when that lets it.
    private static readonly TimeSpan s_untilGone = TimeSpan.FromSeconds(5);

    /// <summary>The tool's full path, or null where it is not installed.</summary>
    public static string? Find(string name) =>
        SearchPath.Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Runs a tool and gives back what it answered, whatever its exit code.</summary>
    /// <param name="name">The tool, or the path of a program.</param>
    /// <param name="arguments">What it is asked.</param>
    /// <param name="deadline">How long it may take.</param>
    /// <param name="about">What else it has in its environment.</param>
    /// <exception cref="ToolFailedException">Missing, too slow, killed, or talking without end.</exception>
    public static ToolAnswer Ask(string name, IReadOnlyList<string> arguments, TimeSpan? deadline = null, IReadOnlyDictionary<string, string>? about = null) =>
        Execute(name, arguments, deadline, into: null, about).AsText();

    /// <summary>The same for a tool that may say much.</summary>
    /// <exception cref="ToolFailedException">As for <see cref="Ask"/>.</exception>
    public static LongAnswer AskLong(string name, IReadOnlyList<string> arguments, TimeSpan? deadline = null) => Execute(name, arguments, deadline, into: null, about: null);

    /// <summary>Runs a tool that must succeed.</summary>
    /// <exception cref="ToolFailedException">As for <see cref="Ask"/>, and for any exit code but 0.</exception>
    public static string Run(string name, IReadOnlyList<string> arguments, TimeSpan? deadline = null)
    {
        var answer = Ask(name, arguments, deadline);
        return answer.ExitCode == 0 ? answer.Output : throw Failed(name, arguments, answer);
    }

    /// <summary>Runs a tool that must succeed, and writes what it says into a file.</summary>
    /// <exception cref="ToolFailedException">As for <see cref="Run"/>, and where the file cannot be written. What is in it then is of no use.</exception>
    public static void RunInto(string path, string name, IReadOnlyList<string> arguments, TimeSpan? deadline = null)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
            var answer = Execute(name, arguments, deadline, file, about: null);
            if (answer.ExitCode != 0)
                throw Failed(name, arguments, answer.AsText());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(path, null, e.Message);
        }
    }

    /// <summary>The failure that this answer is.</summary>
    public static ToolFailedException Failed(string name, IReadOnlyList<string> arguments, ToolAnswer answer) =>
        new(Line(name, arguments), answer.ExitCode, answer.Words.Length > 0 ? answer.Words : "it said nothing");

    private static LongAnswer Execute(string name, IReadOnlyList<string> arguments, TimeSpan? deadline, FileStream? into, IReadOnlyDictionary<string, string>? about)
    {
        var path = Find(name) ?? throw new ToolFailedException(name, null, "not installed on this node");
        var limit = deadline ?? s_usualDeadline;
        using var clock = new CancellationTokenSource(limit);
        MemoryStream output = new(), errors = new();
        try
        {
            SignOfLife.Promise(limit);
            var result = CliWrap.Cli.Wrap(path).WithArguments(arguments).WithValidation(CommandResultValidation.None)
                .WithEnvironmentVariables(ToolEnvironment(about)).WithWorkingDirectory("/")
                .WithStandardOutputPipe(into is null ? Bounded(output, clock) : PipeTarget.ToStream(into))
                .WithStandardErrorPipe(Bounded(errors, clock))
                .ExecuteAsync(clock.Token).Task.WaitAsync(limit + s_untilGone).GetAwaiter().GetResult();
            // The runtime reports a death by signal as 128 + signal, which no tool used here means otherwise.
            if (result.ExitCode > 128 && result.ExitCode <= 128 + 64)
                throw new ToolFailedException(Line(name, arguments), result.ExitCode, $"killed by signal {result.ExitCode - 128}");
            return new LongAnswer(result.ExitCode, Bytes(output), new LongAnswer(result.ExitCode, Bytes(errors), "").AsText().Output);
        }
        catch (OperationCanceledException)
        {
            var why = output.Length + errors.Length >= LongestOutput ? "more output than can be true" : string.Create(CultureInfo.InvariantCulture, $"no answer in {limit.TotalSeconds:0.#} s");
            throw new ToolFailedException(Line(name, arguments), null, why);
        }
        catch (TimeoutException)
        {
            // CliWrap would wait for its end without one. Nobody does; what it says is not read any more.
            throw new ToolFailedException(Line(name, arguments), null, string.Create(CultureInfo.InvariantCulture, $"no answer in {limit.TotalSeconds:0.#} s, and it cannot be killed"));
        }
        catch (Exception e) when (e is Win32Exception or IOException or CliWrapException or InvalidOperationException)
        {
            throw new ToolFailedException(Line(name, arguments), null, e.Message);
        }
        finally
        {
            SignOfLife.Promise(TimeSpan.Zero);
        }
    }

    /// <summary>What every tool has in its environment, whoever started us, and what it is told besides.</summary>
    public static IReadOnlyDictionary<string, string> EnvironmentOf(IReadOnlyDictionary<string, string>? about) =>
        new Dictionary<string, string>(about ?? new Dictionary<string, string>(), StringComparer.Ordinal) { ["LC_ALL"] = "C", ["PATH"] = SearchPath };

    // A variable that is null is one that the tool does not have.
    private static Dictionary<string, string?> ToolEnvironment(IReadOnlyDictionary<string, string>? about)
    {
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (string name in Environment.GetEnvironmentVariables().Keys)
        {
            if (!s_passedOn.Contains(name))
                variables[name] = null;
        }

        foreach (var (name, value) in EnvironmentOf(about))
            variables[name] = value;
        return variables;
    }

    private static string Line(string name, IReadOnlyList<string> arguments) => $"{name} {string.Join(' ', arguments)}";

    private static ArraySegment<byte> Bytes(MemoryStream text) => new(text.GetBuffer(), 0, (int)text.Length);

    private static PipeTarget Bounded(MemoryStream text, CancellationTokenSource clock) => PipeTarget.Create(async (stream, stop) =>
    {
        var buffer = new byte[32 * 1024];
        while (await stream.ReadAsync(buffer.AsMemory(), stop).ConfigureAwait(false) is > 0 and var read)
        {
            await text.WriteAsync(buffer.AsMemory(0, read), stop).ConfigureAwait(false);
            if (text.Length >= LongestOutput)
                await clock.CancelAsync().ConfigureAwait(false);
        }
    });
}
