using System.Globalization;

namespace PcmkKpatch.Host;

/// <summary>How long this process, and the tools that it has waited for, had a processor.</summary>
internal static class ProcessorTime
{
    // What the kernel counts in for programs, on every machine that this runs on: sysconf(_SC_CLK_TCK).
    private const double TicksASecond = 100;

    /// <summary>All of it since this process began.</summary>
    public static TimeSpan Spent()
    {
        // Behind the name in parentheses: state, ten others, then user and system time of its own and of its children, proc(5).
        var words = File.ReadAllText("/proc/self/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return TimeSpan.FromSeconds(words[11..15].Sum(word => long.Parse(word, CultureInfo.InvariantCulture)) / TicksASecond);
    }
}
