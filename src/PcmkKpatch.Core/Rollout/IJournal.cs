namespace PcmkKpatch.Core.Rollout;

/// <summary>What the journal says.</summary>
/// <param name="Run">The run that has not ended, or null.</param>
/// <param name="Damaged">What is wrong, where something is there that cannot be read; null otherwise.</param>
public sealed record JournalEntry(Run? Run, string? Damaged = null);

/// <summary>
/// This node's journal: the one run that has not ended, and the last one that has. Every call may throw
/// <see cref="ToolFailedException"/>; what is written is on the disk when the call returns.
/// </summary>
public interface IJournal
{
    /// <summary>The run that has not ended.</summary>
    JournalEntry Read();

    /// <summary>Journals the run. Once the first write of a run succeeded a full disk does not fail the next ones.</summary>
    void Write(Run run);

    /// <summary>The run has ended: keeps it as the last one and clears the journal. A damaged journal is set aside.</summary>
    void Close(Run? run);

    /// <summary>The last run that ended, or null.</summary>
    Run? Last();
}
