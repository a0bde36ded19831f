using PcmkKpatch.Core.Kernel;

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

/// <summary>What is done, still drained, about a node that is not well since the load.</summary>
public enum Rollback
{
    /// <summary>Nothing: it stays drained and parked for a person to look at.</summary>
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

    /// <summary>How long the patched node is watched while it is still drained.</summary>
    public TimeSpan Soak { get; init; }

    /// <summary>The administrator's own check of the node's health, the path of a program; null for none.</summary>
    public string? HealthCheck { get; init; }

    /// <summary>What is done where the node is not well.</summary>
    public Rollback Rollback { get; init; }

    /// <summary>How long the resources may take to be active again.</summary>
    public required TimeSpan ConfirmTimeout { get; init; }

    /// <summary>Whether the patch is loaded at boot from then on.</summary>
    public Persist Persist { get; init; }

    /// <summary>How long after the run's end a crash of the node is still held against the patch.</summary>
    public TimeSpan Probation { get; init; }

    /// <summary>Who refuses a patch that took a node down.</summary>
    public QuarantineScope QuarantineScope { get; init; }

    /// <summary>
    /// Longer than any run may take that nothing is wrong with: each phase's own limit, the package manager's and the loader's deadlines, and some to
    /// spare. Past this the holder's worker hangs, and cannot say so itself: the agent is stopped on a node in standby.
    /// </summary>
    public TimeSpan LongestRun => (2 * DrainTimeout) + TransitionTimeout + Soak + (2 * ConfirmTimeout) + TimeSpan.FromMinutes(30);

    /// <summary>How long a node waits after a run that was refused or drained too slowly.</summary>
    public required TimeSpan RetryDelay { get; init; }
}
