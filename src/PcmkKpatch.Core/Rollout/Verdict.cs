namespace PcmkKpatch.Core.Rollout;

/// <summary>How a run ends, or will end.</summary>
public enum Verdict
{
    /// <summary>Still open.</summary>
    Undecided,

    /// <summary>The patch is in force and the kernel is well.</summary>
    Patched,

    /// <summary>A gate refused before the kernel was touched.</summary>
    Refused,

    /// <summary>The agent was stopped on this node before anything was changed.</summary>
    AgentStopped,

    /// <summary>The node was not drained in time.</summary>
    DrainTooSlow,

    /// <summary>The package that holds the patch was not installed; the kernel is as it was.</summary>
    InstallFailed,

    /// <summary>The patch was not taken; the kernel is as it was.</summary>
    LoadRefused,

    /// <summary>The patch transition did not end and was turned back; the kernel is as it was.</summary>
    Stalled,

    /// <summary>The patch transition did not end and could not be turned back.</summary>
    ReversalStalled,

    /// <summary>The node was not well since the load.</summary>
    Unhealthy,

    /// <summary>The patch is in force and the node is well, but the patch could not be put where it is loaded at boot.</summary>
    NotPersisted,

    /// <summary>The node went down in the run.</summary>
    NodeDown,

    /// <summary>The node came home, but not everything that was active before is active again.</summary>
    NotSettled,

    /// <summary>Somebody took the token, or the standby, away from the run.</summary>
    TakenAway,

    /// <summary>A person aborted the run.</summary>
    Aborted,

    /// <summary>The journal was lost or damaged, and this node was found holding the token or in our standby.</summary>
    JournalLost,

    /// <summary>A rehearsal went as a run would, and nothing was loaded.</summary>
    Rehearsed,

    /// <summary>The rehearsal was called off while this node was in it.</summary>
    Cancelled,
}

/// <summary>What follows from a verdict.</summary>
public static class Verdicts
{
    /// <summary>
    /// True where the rollout stops for every node until a person resumes it. Only what failed before the kernel was touched, and
    /// can be tried again later by itself, does not halt.
    /// </summary>
    public static bool Halts(this Verdict verdict) => verdict is not (Verdict.Patched or Verdict.Refused or Verdict.AgentStopped or Verdict.DrainTooSlow or Verdict.Rehearsed or Verdict.Cancelled);

    /// <summary>True for a failure that left kernel and workload as they were: the administrator may tolerate some of them (max_failures).</summary>
    public static bool LeftTheKernelAlone(this Verdict verdict) => verdict is Verdict.InstallFailed or Verdict.LoadRefused or Verdict.Stalled;

    /// <summary>
    /// True where the node waits for a while before it tries again. Not after the agent was stopped: when a person has it started
    /// again, and a changed parameter does as much, there is nothing to wait for.
    /// </summary>
    public static bool BacksOff(this Verdict verdict) => verdict is Verdict.Refused or Verdict.DrainTooSlow;
}
