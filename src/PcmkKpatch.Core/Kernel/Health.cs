using System.Globalization;

namespace PcmkKpatch.Core.Kernel;

/// <summary>How this node was in the moment before the load: what is there already is not held against the patch.</summary>
public sealed record HealthMark
{
    /// <summary>The taint mask.</summary>
    public required ulong Taint { get; init; }

    /// <summary>/sys/kernel/warn_count; null where the kernel has none.</summary>
    public long? Warnings { get; init; }

    /// <summary>/sys/kernel/oops_count; null where the kernel has none.</summary>
    public long? Oopses { get; init; }

    /// <summary>The sequence number of the kernel log's last record.</summary>
    public required long KernelLogSequence { get; init; }

    /// <summary>systemd units that had failed.</summary>
    public required IReadOnlyList<string> FailedUnits { get; init; }

    /// <summary>When corosync was last kept from running, by its own clock; 0 where it never was.</summary>
    public required ulong LastCorosyncPause { get; init; }
}

/// <summary>How this node is now, and what its kernel said since the mark.</summary>
public sealed record HealthView
{
    /// <summary>The taint mask.</summary>
    public required ulong Taint { get; init; }

    /// <summary>/sys/kernel/warn_count; null where the kernel has none.</summary>
    public long? Warnings { get; init; }

    /// <summary>/sys/kernel/oops_count; null where the kernel has none.</summary>
    public long? Oopses { get; init; }

    /// <summary>What the kernel itself has logged since the mark, oldest first.</summary>
    public required IReadOnlyList<string> KernelLog { get; init; }

    /// <summary>The kernel log was overwritten before it was read: what it said is not known.</summary>
    public required bool KernelLogOverrun { get; init; }

    /// <summary>systemd units that have failed.</summary>
    public required IReadOnlyList<string> FailedUnits { get; init; }

    /// <summary>For how long, each time, corosync was kept from running since the mark: more than four fifths of its token timeout, or it would not tell.</summary>
    public required IReadOnlyList<TimeSpan> CorosyncPauses { get; init; }

    /// <summary>What could not be read, a sentence each: unknown is not healthy.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];
}

/// <summary>Something that is wrong since the load.</summary>
/// <param name="Why">What, half a sentence.</param>
/// <param name="InKernel">The kernel itself is uncertain: only a reboot makes it sure again.</param>
public sealed record Trouble(string Why, bool InKernel)
{
    /// <summary>The kernel's own lines, where it was the kernel's log that told.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];
}

/// <summary>Judges how a node is against how it was before the load.</summary>
public static class Health
{
    /// <summary>Everything that is wrong since the mark, but for what is known to be the kernel's own: <see cref="DlmWarnings"/>.</summary>
    /// <param name="before">How it was.</param>
    /// <param name="now">How it is.</param>
    /// <param name="patch">The patch that was loaded, as the kernel has it; null where it has none.</param>
    public static IReadOnlyList<Trouble> Judge(HealthMark before, HealthView now, LivePatch? patch = null)
    {
        var (log, ofDlm) = DlmWarnings.Apart(now.KernelLog, patch);
        // The most telling first: only some are quoted.
        var troubles = new List<Trouble>();
        if (KernelLog.Troubles(log) is { Count: > 0 } lines)
            troubles.Add(new($"the kernel's log says: {lines[0]}", InKernel: true) { Evidence = lines });
        // Every warning is logged: where those are all that was, the taint is theirs.
        var tainted = ofDlm.Count > 0 && troubles.Count == 0 && !now.KernelLogOverrun ? now.Taint & ~Taint.Warning : now.Taint;
        troubles.AddRange(Taint.NewTrouble(before.Taint, tainted).Select(sign => new Trouble(sign, InKernel: true)));
        // The taint is set once: what comes after a first warning or oops is counted only.
        if (now.Oopses > before.Oopses)
            troubles.Add(new(string.Create(CultureInfo.InvariantCulture, $"{now.Oopses - before.Oopses} oops counted"), InKernel: true));
        if (now.Warnings - ofDlm.Count > before.Warnings)
            troubles.Add(new(string.Create(CultureInfo.InvariantCulture, $"{now.Warnings - ofDlm.Count - before.Warnings} kernel warnings counted"), InKernel: true));
        if (now.KernelLogOverrun)
            troubles.Add(new("the kernel's log was overwritten before it could be read, so that it is not known what it said", InKernel: true));
        if (now.FailedUnits.Except(before.FailedUnits).ToList() is { Count: > 0 } failed)
            troubles.Add(new($"failed since: {string.Join(", ", failed)}", InKernel: false));
        if (now.CorosyncPauses.Count > 0)
            troubles.Add(new(string.Create(CultureInfo.InvariantCulture, $"corosync was kept from running for {now.CorosyncPauses.Max().TotalSeconds:0.0} s, nearly its token timeout"), InKernel: false));
        return troubles;
    }

    /// <summary>The first of them, in half a sentence.</summary>
    public static string Words(IReadOnlyList<Trouble> troubles) =>
        string.Join("; ", troubles.Take(2).Select(t => t.Why)) + (troubles.Count > 2 ? string.Create(CultureInfo.InvariantCulture, $"; and {troubles.Count - 2} more") : "");
}
