namespace PcmkKpatch.Core.Ocf;

/// <summary>What an agent's operation may answer: OCF Resource Agent API 1.1, and Pacemaker's 190.</summary>
public enum ExitCode
{
    /// <summary>It worked; for monitor: the resource is active here.</summary>
    Success = 0,

    /// <summary>It failed.</summary>
    Generic = 1,

    /// <summary>The action does not exist.</summary>
    Unimplemented = 3,

    /// <summary>Not enough rights: this program must be root.</summary>
    Permission = 4,

    /// <summary>Something that must be installed on this node is not.</summary>
    NotInstalled = 5,

    /// <summary>The configuration is wrong, on every node alike.</summary>
    NotConfigured = 6,

    /// <summary>The resource is not active here.</summary>
    NotRunning = 7,

    /// <summary>Active, and a person must look. Honoured since Pacemaker 2.0.5: no recovery, shown with its reason.</summary>
    Degraded = 190,
}
