using Microsoft.Extensions.Logging;

namespace PcmkKpatch.Host;

/// <summary>Every sentence that the program logs of itself. What a run says comes from the run.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Node}: {Phase}{Detail}")]
    public static partial void Progress(this ILogger log, string node, string phase, string detail);

    [LoggerMessage(2, LogLevel.Warning, "{Node}: a tool failed, trying again in {Seconds:0} s: {Failure}")]
    public static partial void ToolFailed(this ILogger log, string node, double seconds, string failure);

    [LoggerMessage(3, LogLevel.Information, "{Node}: the run ended: {Outcome}")]
    public static partial void Ended(this ILogger log, string node, string outcome);

    [LoggerMessage(4, LogLevel.Information, "another worker is at work on this node")]
    public static partial void AlreadyAtWork(this ILogger log);

    [LoggerMessage(5, LogLevel.Warning, "node attributes not published: {Failure}")]
    public static partial void NotPublished(this ILogger log, string failure);

    [LoggerMessage(6, LogLevel.Error, "the worker was not started: {Failure}")]
    public static partial void WorkerNotStarted(this ILogger log, string failure);

    [LoggerMessage(7, LogLevel.Information, "asked to stop; the journal says where to go on")]
    public static partial void AskedToStop(this ILogger log);

    [LoggerMessage(8, LogLevel.Information, "{Node}: {Outcome}")]
    public static partial void NothingToDo(this ILogger log, string node, string outcome);

    [LoggerMessage(9, LogLevel.Error, "{Node}: a person must look: {Why}")]
    public static partial void NeedsPerson(this ILogger log, string node, string why);

    [LoggerMessage(10, LogLevel.Error, "{Failure}")]
    public static partial void Failed(this ILogger log, string failure);

    [LoggerMessage(11, LogLevel.Warning, "{Node}: {Evidence}")]
    public static partial void Found(this ILogger log, string node, string evidence);

    [LoggerMessage(12, LogLevel.Information, "{Node}: {What}")]
    public static partial void Tell(this ILogger log, string node, string what);

    [LoggerMessage(13, LogLevel.Warning, "{Node}: notify: {Failure}")]
    public static partial void NotNotified(this ILogger log, string node, string failure);

    [LoggerMessage(20, LogLevel.Warning, "it is not known which package is the newest: {Failure}")]
    public static partial void NoPackageNews(this ILogger log, string failure);

    [LoggerMessage(21, LogLevel.Warning, "{Warning}")]
    public static partial void Warn(this ILogger log, string warning);
}
