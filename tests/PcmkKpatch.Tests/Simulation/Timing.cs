using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>How long things take in the simulated world. Only their order of size matters; short times keep a world cheap.</summary>
internal static class Timing
{
    /// <summary>Corosync's token timeout: a lost node is noticed by the membership only after this.</summary>
    public static readonly TimeSpan TokenTimeout = TimeSpan.FromSeconds(3);

    /// <summary>A side that lost its DC elects another one; until then its CIB tells of the cluster as it was.</summary>
    public static readonly TimeSpan Election = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan Fencing = TimeSpan.FromSeconds(4);
    public static readonly TimeSpan Reboot = TimeSpan.FromSeconds(10);

    /// <summary>A node that is down and that nobody fences stays down for so long.</summary>
    public static readonly TimeSpan SomebodyResetsIt = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan BootUnit = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan ClusterStart = TimeSpan.FromSeconds(3);
    public static readonly TimeSpan Join = TimeSpan.FromSeconds(2);

    /// <summary>One action of the DC's graph: a start, a stop or a promotion.</summary>
    public static readonly TimeSpan Action = TimeSpan.FromMilliseconds(400);

    public static readonly TimeSpan PatchTransition = TimeSpan.FromMilliseconds(1200);
    public static readonly TimeSpan Trouble = TimeSpan.FromMilliseconds(900);
    public static readonly TimeSpan TroubleInSoak = TimeSpan.FromSeconds(3);
    public static readonly TimeSpan TroubleLate = TimeSpan.FromSeconds(12);
    public static readonly TimeSpan Monitor = TimeSpan.FromSeconds(10);

    /// <summary>After so long a write to a shared file system is not waited for any more.</summary>
    public static readonly TimeSpan WriteDeadline = TimeSpan.FromSeconds(10);

    /// <summary>systemd starts a worker again that was killed.</summary>
    public static readonly TimeSpan WorkerRestart = TimeSpan.FromSeconds(1);

    /// <summary>The worker's loop comes back after a tool failed.</summary>
    public static readonly TimeSpan AfterToolFailed = TimeSpan.FromSeconds(1);

    /// <summary>What a tick costs: the least time between two of one worker, so that "at once" still lets others in between.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    /// <summary>The agent's parameters in these worlds.</summary>
    public static readonly Policy Policy = new()
    {
        Patch = "installed",
        DrainTimeout = TimeSpan.FromSeconds(30),
        TransitionTimeout = TimeSpan.FromSeconds(6),
        ConfirmTimeout = TimeSpan.FromSeconds(40),
        RetryDelay = TimeSpan.FromSeconds(15),
        Soak = TimeSpan.FromSeconds(4),
        Probation = TimeSpan.FromSeconds(10),
    };
}
