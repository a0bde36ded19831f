namespace PcmkKpatch.Core.Kernel;

/// <summary>What in the kernel's log means trouble. The level does not tell: warnings and oopses come at the level of a notice.</summary>
public static class KernelLog
{
    private const int Most = 12;

    // As the kernel prints them: kernel/panic.c, lib/bug.c, arch/*/kernel/traps.c and dumpstack.c, mm/, kernel/hung_task.c,
    // kernel/rcu/tree_stall.h, kernel/watchdog.c.
    private static readonly string[] s_signs =
    [
        "kernel BUG at ", "Oops: ", "Oops - ", "general protection fault", "Unable to handle kernel ", "detected stall", "soft lockup", "hard LOCKUP",
        "Kernel panic", "Bad page state",
    ];

    /// <summary>The lines that tell of trouble, oldest first; of a flood only the first ones.</summary>
    public static IReadOnlyList<string> Troubles(IEnumerable<string> lines) => [.. lines.Where(IsTrouble).Take(Most)];

    /// <summary>True where a line of the kernel tells of trouble.</summary>
    public static bool IsTrouble(string line) =>
        s_signs.Any(sign => line.Contains(sign, StringComparison.Ordinal))
        // And not "DEBUG: ".
        || line.StartsWith("BUG: ", StringComparison.Ordinal) || line.Contains(" BUG: ", StringComparison.Ordinal)
        // WARN(): "WARNING: CPU: 1 PID: 2 at FILE:LINE", since 6.19 "WARNING: FILE:LINE at FUNCTION".
        || (line.Contains("WARNING: ", StringComparison.Ordinal) && line.Contains(" at ", StringComparison.Ordinal))
        || (line.Contains("INFO: task ", StringComparison.Ordinal) && line.Contains(" blocked for more than ", StringComparison.Ordinal));
}
