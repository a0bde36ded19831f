using System.Globalization;

namespace PcmkKpatch.Cli;

/// <summary>How often "status --watch" looks.</summary>
internal static class WatchArguments
{
    private static readonly TimeSpan s_usual = TimeSpan.FromSeconds(2);

    /// <summary>Reads the words behind --watch: none, or seconds from 1 to 3600; null where they are others.</summary>
    public static TimeSpan? Read(IReadOnlyList<string> words) => words switch
    {
        [] => s_usual,
        [var seconds] when int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var every) && every is >= 1 and <= 3600 => TimeSpan.FromSeconds(every),
        _ => null,
    };
}
