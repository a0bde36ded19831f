namespace PcmkKpatch.Core.Rollout;

/// <summary>
/// What a run is about to try. The journal names it before it is tried, so a run that was killed starts again right there: every
/// phase may be tried twice and makes at most one change. The picture is in docs/design.md.
/// </summary>
public enum Phase
{
    /// <summary>Wait for a whole cluster and a free token, then take it.</summary>
    Acquire,

    /// <summary>With the token: is everything still as it must be? What was active before?</summary>
    Gate,

    /// <summary>Mark this node as one to be drained: our transient standby, or our health attribute. Not where nothing is drained.</summary>
    Standby,

    /// <summary>Wait until nothing is active here any more that has to go.</summary>
    Drain,

    /// <summary>Install the package that holds the patch, where it comes from one.</summary>
    Install,

    /// <summary>Load the patch and wait for its patch transition.</summary>
    Load,

    /// <summary>Turn back a patch transition that does not end.</summary>
    Reverse,

    /// <summary>Is the very patch in force, everywhere that it should be?</summary>
    Verify,

    /// <summary>Watch the patched node for a while, before anything comes back to it.</summary>
    Soak,

    /// <summary>The node is not well: reboot it, or take the patch out again, as the administrator chose.</summary>
    Rollback,

    /// <summary>Delete our mark. The failed run comes this way too.</summary>
    Unstandby,

    /// <summary>Wait until everything that was active before is active again.</summary>
    Confirm,

    /// <summary>Home and patched: watch the node for a while before the next one may begin.</summary>
    Pause,

    /// <summary>Have the patch that was found good loaded at boot from now on.</summary>
    Persist,

    /// <summary>Give the token back: free after a good run, halted after a failed one.</summary>
    Release,

    /// <summary>The kernel is uncertain: stay drained where it was, keep the token, wait for a person's abort or a reboot.</summary>
    Parked,
}
