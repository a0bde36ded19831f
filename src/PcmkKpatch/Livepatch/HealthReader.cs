using System.Globalization;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Host;

namespace PcmkKpatch.Livepatch;

/// <summary>How this node is, read from the kernel, systemd and corosync.</summary>
internal sealed class HealthReader : IHealth
{
    private static readonly TimeSpan s_toolDeadline = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public HealthMark Mark() => new()
    {
        Taint = Taint(),
        Warnings = Count("/sys/kernel/warn_count"),
        Oopses = Count("/sys/kernel/oops_count"),
        KernelLogSequence = KernelLogFile.ReadAfter(-1).LastSequence,
        FailedUnits = FailedUnits(),
        LastCorosyncPause = CorosyncPauses().Select(p => p.At).DefaultIfEmpty(0UL).Max(),
    };

    /// <inheritdoc/>
    public HealthView Since(HealthMark mark)
    {
        var unknown = new List<string>();
        T Try<T>(Func<T> read, T otherwise)
        {
            try
            {
                return read();
            }
            catch (ToolFailedException e)
            {
                unknown.Add(e.Message);
                return otherwise;
            }
        }

        var log = Try(() => KernelLogFile.ReadAfter(mark.KernelLogSequence), new KernelLogRead(mark.KernelLogSequence, [], Overrun: false));
        return new HealthView
        {
            Taint = Try(Taint, mark.Taint),
            Warnings = Try(() => Count("/sys/kernel/warn_count"), mark.Warnings),
            Oopses = Try(() => Count("/sys/kernel/oops_count"), mark.Oopses),
            KernelLog = log.Lines,
            KernelLogOverrun = log.Overrun,
            FailedUnits = Try(FailedUnits, mark.FailedUnits),
            CorosyncPauses = Try(() => CorosyncPauses().Where(p => p.At > mark.LastCorosyncPause).Select(p => p.Lasted).ToList(), []),
            Unknown = unknown,
        };
    }

    /// <inheritdoc/>
    public string? Ask(string command) => OwnProgram.Ask(command);

    private static ulong Taint() => SysFile.Number("/proc/sys/kernel/tainted");

    // The counters came with Linux 6.2.
    private static long? Count(string file) => File.Exists(file) ? (long)SysFile.Number(file) : null;

    // Our own units are none of the node's health: a worker that is killed is started again.
    private static List<string> FailedUnits() =>
        [.. Tool.Run("systemctl", ["list-units", "--state=failed", "--plain", "--no-legend", "--no-pager"], s_toolDeadline)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(' ')[0])
            .Where(unit => !unit.StartsWith("pcmk-kpatch", StringComparison.Ordinal))];

    // stats.schedmiss.N.timestamp and .delay (milliseconds), N from 0 to 9: corosync's own list of the times when it was kept from
    // running for more than 80 % of its token timeout (cmap_keys(7); since corosync 3.0.4). Without any, the tool says nothing and exits with 1.
    private static List<(ulong At, TimeSpan Lasted)> CorosyncPauses()
    {
        string[] arguments = ["-m", "stats", "stats.schedmiss"];
        var answer = Tool.Ask("corosync-cmapctl", arguments, s_toolDeadline);
        if (answer.ExitCode != 0 && (answer.ExitCode != 1 || answer.Words.Length > 0))
            throw Tool.Failed("corosync-cmapctl", arguments, answer);
        var values = answer.Output.Split('\n').Select(line => line.Split([" (", ") = "], StringSplitOptions.None)).Where(words => words.Length == 3)
            .ToDictionary(words => words[0], words => words[2], StringComparer.Ordinal);
        var pauses = new List<(ulong At, TimeSpan Lasted)>();
        foreach (var (key, value) in values.Where(v => v.Key.EndsWith(".timestamp", StringComparison.Ordinal)))
        {
            if (!ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
                || !values.TryGetValue(key.Replace(".timestamp", ".delay", StringComparison.Ordinal), out var delay)
                || !double.TryParse(delay, NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds))
                throw new ToolFailedException("corosync-cmapctl", 0, $"{key} is not understood: {answer.Words}");
            pauses.Add((at, TimeSpan.FromMilliseconds(milliseconds)));
        }

        return pauses;
    }
}
