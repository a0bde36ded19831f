using System.Globalization;

namespace PcmkKpatch.Core.Kernel;

/// <summary>A kprobe that is at work: somebody (SystemTap, bpftrace, perf, a module) watches a function of the kernel.</summary>
/// <param name="Function">The function in which it is.</param>
/// <param name="InItsCode">It works by ftrace, as a live patch does, or was made a jump in the function's code. A breakpoint is neither.</param>
public sealed record Kprobe(string Function, bool InItsCode)
{
    /// <summary>
    /// Reads the kernel's list: "ffffffff81a0b2c3  k  vfs_read+0x0  [module]  [FTRACE]", where the module's name and the flags may be missing. Those that are
    /// switched off, or whose module is gone, are left out.
    /// </summary>
    /// <exception cref="FormatException">A line is not understood.</exception>
    public static IReadOnlyList<Kprobe> List(string text)
    {
        var probes = new List<Kprobe>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 3 || words[1] is not ("k" or "r") || !ulong.TryParse(words[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _))
                throw new FormatException($"the line \"{PlainText.Of(line, 80)}\" is not understood");
            if (!line.Contains("[GONE]", StringComparison.Ordinal) && !line.Contains("[DISABLED]", StringComparison.Ordinal))
                probes.Add(new Kprobe(words[2].Split('+')[0], line.Contains("[FTRACE]", StringComparison.Ordinal) || line.Contains("[OPTIMIZED]", StringComparison.Ordinal)));
        }

        return probes;
    }
}
