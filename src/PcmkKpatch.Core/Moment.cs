namespace PcmkKpatch.Core;

/// <summary>A point in time by two clocks, passed in because Core has none of its own.</summary>
/// <param name="Wall">The calendar's clock, for people and records. It may jump; no deadline is judged by it.</param>
/// <param name="Uptime">Time since boot. It never jumps and starts anew at each boot: deadlines are judged by it.</param>
public readonly record struct Moment(DateTimeOffset Wall, TimeSpan Uptime);
