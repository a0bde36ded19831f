using Microsoft.Extensions.Logging;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Notices;

namespace PcmkKpatch.Host;

/// <summary>Takes a line of the log.</summary>
/// <param name="level">Its level.</param>
/// <param name="line">The line.</param>
/// <param name="notice">What it tells people, where it does.</param>
internal delegate void LineWriter(LogLevel level, string line, Notice? notice);

/// <summary>
/// Writes each message as one line; what is logged in the scope of a notice tells people of that. A provider of our own because the console provider takes longer to start than the whole monitor.
/// </summary>
/// <param name="write">Takes the lines.</param>
internal sealed class LineLoggerProvider(LineWriter write) : ILoggerProvider, ILogger
{
    // systemd sets it where it has connected standard error to the journal itself (systemd.exec(5)).
    private static readonly bool s_isReadByAPerson = Environment.GetEnvironmentVariable("JOURNAL_STREAM") is null;

    // A tool may say anything, and so may the CIB.
    private const int LongestLine = 4000;

    private Notice? _notice;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        _notice = state as Notice;
        return new Scope(this);
    }

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            write(logLevel, PlainText.Of(formatter(state, exception).ReplaceLineEndings(" "), LongestLine), _notice);
    }

    /// <summary>Lines for a person at a terminal, or for Pacemaker's log.</summary>
    public static void ToStandardError(LogLevel level, string line, Notice? notice) => Console.Error.WriteLine(line);

    /// <summary>Lines for systemd's journal: to its own socket, so that a notice keeps its fields and all lines their order; else each with its priority in front (sd-daemon(3)).</summary>
    public static void ToJournal(LogLevel level, string line, Notice? notice)
    {
        var weight = notice?.Entry.Weight ?? level switch { LogLevel.Error or LogLevel.Critical => Weight.Error, LogLevel.Warning => Weight.Warning, _ => Weight.Information };
        if (!JournalEntries.Write(line, weight, notice))
            Console.Error.WriteLine($"<{(int)weight}>{line}");
        else if (s_isReadByAPerson)
            Console.Error.WriteLine(line);
    }

    /// <summary>Lines for who follows the worker. They are a convenience: what cannot be written is let go.</summary>
    public static void ToProgress(LogLevel level, string line, Notice? notice)
    {
        try
        {
            OurFile.Append(Paths.Progress, $"{DateTimeOffset.Now:HH:mm:ss} {line}\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private sealed class Scope(LineLoggerProvider logger) : IDisposable
    {
        public void Dispose() => logger._notice = null;
    }
}
