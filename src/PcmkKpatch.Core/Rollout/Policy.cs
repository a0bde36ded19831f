namespace PcmkKpatch.Core.Rollout;

/// <summary>What the administrator wants: the agent's parameters.</summary>
public sealed record Policy
{
    /// <summary>"installed" for the newest installed patch, or a path in which %k stands for the kernel's release.</summary>
    public required string Patch { get; init; }

    /// <summary>How long the node may take to be drained.</summary>
    public required TimeSpan DrainTimeout { get; init; }

    /// <summary>How long a patch transition may take before it is turned back.</summary>
    public required TimeSpan TransitionTimeout { get; init; }

    /// <summary>How long the resources may take to be active again.</summary>
    public required TimeSpan ConfirmTimeout { get; init; }

    /// <summary>How long a node waits after a run that was refused or drained too slowly.</summary>
    public required TimeSpan RetryDelay { get; init; }
}
