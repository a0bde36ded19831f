namespace PcmkKpatch.Core.Rollout;

/// <summary>What the journal says.</summary>
/// <param name="Run">The run that has not ended, or null.</param>
/// <param name="Damaged">What is wrong, where something is there that cannot be read; null otherwise.</param>
public sealed record JournalEntry(Run? Run, string? Damaged = null);

/// <summary>
/// This node's journal: the one run that has not ended, and the last ones that have. Every call may throw
/// <see cref="ToolFailedException"/>; what is written is on the disk when the call returns.
/// </summary>
public interface IJournal
{
    /// <summary>The run that has not ended.</summary>
    JournalEntry Read();

    /// <summary>Journals the run. Once the first write of a run succeeded a full disk does not fail the next ones.</summary>
    void Write(Run run);

    /// <summary>
    /// The run has ended: keeps it as the last one, or among the rehearsals, and clears the journal. A damaged journal is set aside. Where a
    /// rehearsal cannot be kept nothing is cleared: this node would go through it again and again.
    /// </summary>
    void Close(Run? run);

    /// <summary>The last run that ended and was no rehearsal; null where there was none, or where it is <see cref="Unknown"/>.</summary>
    Run? Last();

    /// <summary>The rehearsals that this node went through, the last one first; none where they are <see cref="Unknown"/>.</summary>
    IReadOnlyList<Run> Rehearsed();

    /// <summary>What is kept of runs that have ended and cannot be read, and why, a sentence; null where all of it can be.</summary>
    string? Unknown();
}

/// <summary>What is asked of any journal.</summary>
public static class Journals
{
    /// <summary>The run of that id, where it is one that ended and is still known; else null.</summary>
    public static Run? Ended(this IJournal journal, string id) =>
        journal.Last() is { } last && last.Id == id ? last : journal.Rehearsed().FirstOrDefault(run => run.Id == id);
}
