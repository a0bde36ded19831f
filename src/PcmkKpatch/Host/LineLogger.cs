using Microsoft.Extensions.Logging;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Host;

/// <summary>
/// Writes each message as one line. A provider of our own because the console provider takes longer to start than the whole monitor.
/// </summary>
/// <param name="write">Takes a level and a line.</param>
internal sealed class LineLoggerProvider(Action<LogLevel, string> write) : ILoggerProvider, ILogger
{
    // A tool may say anything, and so may the CIB.
    private const int LongestLine = 4000;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            write(logLevel, PlainText.Of(formatter(state, exception).ReplaceLineEndings(" "), LongestLine));
    }

    /// <summary>Lines for a person at a terminal, or for Pacemaker's log.</summary>
    public static void ToStandardError(LogLevel level, string line) => Console.Error.WriteLine(line);

    /// <summary>Lines for systemd's journal, each with its priority in front (sd-daemon(3)).</summary>
    public static void ToJournal(LogLevel level, string line)
    {
        var priority = level switch { LogLevel.Error or LogLevel.Critical => 3, LogLevel.Warning => 4, _ => 6 };
        Console.Error.WriteLine($"<{priority}>{line}");
    }

    /// <summary>Lines for who follows the worker. They are a convenience: what cannot be written is let go.</summary>
    public static void ToProgress(LogLevel level, string line)
    {
        try
        {
            OurFile.Append(Paths.Progress, $"{DateTimeOffset.Now:HH:mm:ss} {line}\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
