using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Core.Rollout;

/// <summary>Whether a patch that has proved itself is loaded at boot from then on.</summary>
public enum Persist
{
    /// <summary>Where kpatch.service is installed, which does so.</summary>
    Auto,

    /// <summary>Always; a node without kpatch.service refuses to be patched.</summary>
    Yes,

    /// <summary>Never: it is loaded by a run after each boot.</summary>
    No,
}

/// <summary>What is done, before it goes home, about a node that is not well since the load.</summary>
public enum Rollback
{
    /// <summary>Nothing: it stays as it is, drained where it was, and parked for a person to look at.</summary>
    None,

    /// <summary>It is rebooted, and comes home without the patch.</summary>
    Reboot,

    /// <summary>The patch is taken out of the running kernel. Vendors do not support that.</summary>
    Unload,
}

/// <summary>Which nodes refuse a patch that took one of them down.</summary>
public enum QuarantineScope
{
    /// <summary>Every node of the cluster.</summary>
    Cluster,

    /// <summary>That node alone.</summary>
    Node,
}

/// <summary>What the administrator wants: the agent's parameters.</summary>
public sealed record Policy
{
    /// <summary>"installed" for the newest installed patch, "package" for the newest packaged one, or a path in which %k stands for the kernel's release.</summary>
    public required string Patch { get; init; }

    /// <summary>Through what it is loaded.</summary>
    public Loader Loader { get; init; }

    /// <summary>How long the node may take to be drained.</summary>
    public required TimeSpan DrainTimeout { get; init; }

    /// <summary>How long a patch transition may take before it is turned back.</summary>
    public required TimeSpan TransitionTimeout { get; init; }

    /// <summary>How long the patched node is watched before it goes home.</summary>
    public TimeSpan Soak { get; init; }

    /// <summary>The administrator's own check of the node's health, the path of a program; null for none.</summary>
    public string? HealthCheck { get; init; }

    /// <summary>What is done where the node is not well.</summary>
    public Rollback Rollback { get; init; }

    /// <summary>How long the resources may take to be active again.</summary>
    public required TimeSpan ConfirmTimeout { get; init; }

    /// <summary>A small file is written to each shared file system that is mounted again, before the token goes.</summary>
    public bool WriteProbe { get; init; }

    /// <summary>Whether the patch is loaded at boot from then on.</summary>
    public Persist Persist { get; init; }

    /// <summary>How long after the run's end a crash of the node is still held against the patch.</summary>
    public TimeSpan Probation { get; init; }

    /// <summary>Who refuses a patch that took a node down.</summary>
    public QuarantineScope QuarantineScope { get; init; }

    /// <summary>How long the patched node is watched at home before the next one may begin.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>
    /// Longer than any run may take that nothing is wrong with: each phase's own limit, the package manager's and the loader's deadlines, and some to
    /// spare. Past this the holder's worker hangs, and cannot say so itself: the agent is stopped on a node in standby.
    /// </summary>
    public TimeSpan LongestRun => LongestAtWork + Pause;

    // The pause is not counted where it is asked whether a run would end in time: the node is home, and nothing is moved any more.
    private TimeSpan LongestAtWork => (2 * DrainTimeout) + TransitionTimeout + Soak + (2 * ConfirmTimeout) + TimeSpan.FromMinutes(30);

    /// <summary>How long a node waits after a first run that was refused, drained too slowly, or failed and was tolerated.</summary>
    public required TimeSpan RetryDelay { get; init; }

    /// <summary>How many failed loads of a patch, on all nodes, do not halt the rollout where they left the kernel as it was.</summary>
    public int MaxFailures { get; init; }

    /// <summary>How long a node waits after so many runs that came to nothing: twice as long each time, a day at most.</summary>
    public TimeSpan RetryAfter(int times)
    {
        var longest = TimeSpan.FromHours(24);
        var seconds = RetryDelay.TotalSeconds * Math.Pow(2, times - 1);
        return seconds < longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : longest;
    }

    /// <summary>The weekly windows in which runs may begin, as <see cref="Windows.Parse"/> reads them; empty for always.</summary>
    public string Window { get; init; } = "";

    /// <summary>The days on which none may, as <see cref="Schedule.Blackout.Parse"/> reads them; empty for none.</summary>
    public string Blackout { get; init; } = "";

    /// <summary>The zone in whose time both are written, by its IANA name; empty for the node's own.</summary>
    public string TimeZone { get; init; } = "";

    /// <summary>Who goes first, as <see cref="Schedule.Order.Parse"/> reads it; empty for whoever is first.</summary>
    public string Order { get; init; } = "";

    /// <summary>For how long after a fence no run begins.</summary>
    public TimeSpan FenceQuiet { get; init; }

    /// <summary>The ids of the resources that may be without a home while a node is drained, with commas between them; * for all.</summary>
    public string AllowStranded { get; init; } = "";

    /// <summary>How much each gate weighs, as <see cref="GateLevels.Parse"/> reads it; empty for what is sane.</summary>
    public string Gates { get; init; } = "";

    /// <summary>For how long the nodes may differ in kernel, patch or version; zero for ever.</summary>
    public TimeSpan MaxSkew { get; init; }

    /// <summary>The administrator's own gate, the path of a program; null for none.</summary>
    public string? GateCommand { get; init; }

    /// <summary>The administrator's own program that is told of each event, its path; null for none.</summary>
    public string? Notify { get; init; }

    /// <summary>How the node is drained.</summary>
    public DrainMode Drain { get; init; }

    /// <summary>When runs may begin. The texts are those that were found right when the parameters were read.</summary>
    public Timetable Timetable() => new(
        Windows.Parse(Window, out _)!, Schedule.Blackout.Parse(Blackout, out _)!, TimeZone.Length > 0 ? TimeZoneInfo.FindSystemTimeZoneById(TimeZone) : TimeZoneInfo.Local);

    /// <summary>How much each gate weighs. What is not known to this version weighs as by itself.</summary>
    public GateLevels Levels() => GateLevels.Parse(Gates, out _) ?? GateLevels.Default;

    /// <summary>The ids in <see cref="AllowStranded"/>.</summary>
    public IReadOnlyCollection<string> Stranded() => AllowStranded.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>
    /// How long the next run on this node may take, but for its pause, by the last one that went well here, but no less than it is watched and no more than any may take (the
    /// clock may have been set in between); where there was none, what is watched and waited for, and ten minutes.
    /// </summary>
    public TimeSpan Estimate(Run? last) =>
        Took(last) is { } took ? TimeSpan.FromTicks(Math.Clamp(took.Ticks, Soak.Ticks, LongestAtWork.Ticks)) : TransitionTimeout + Soak + TimeSpan.FromMinutes(10);

    /// <summary>How long that run took, but for its pause, where it went well; null otherwise.</summary>
    public static TimeSpan? Took(Run? last) =>
        last is { Verdict: Verdict.Patched, Taken: { } taken, Ended: { } ended } && ended - taken > last.Paused ? ended - taken - last.Paused : null;
}
