namespace PcmkKpatch.Core.Kernel;

/// <summary>The mark, on disk, of a patch that is on trial: from before its load until it has proved itself.</summary>
/// <param name="Boot">The boot in which the load was tried.</param>
/// <param name="Patch">The module's name.</param>
/// <param name="BuildId">The module's build id.</param>
public sealed record Attempt(string Boot, string Patch, string BuildId)
{
    /// <summary>The form of the record. A reader refuses one that it does not know; one that says none is of this first one.</summary>
    public const int KnownFormat = 1;

    /// <summary>The form of this record. The generated reader gives 0 where none is said.</summary>
    public int Format
    {
        get;
        init => field = value == 0 ? KnownFormat : value;
    } = KnownFormat;

    /// <summary>The run has ended well, and at that time since boot the patch counts as proved; null while the run goes on.</summary>
    public TimeSpan? ProvedAt { get; init; }
}

/// <summary>
/// What this node remembers about patches that were on trial when it went down. Every call may throw
/// <see cref="ToolFailedException"/>; what is written is on the disk when the call returns.
/// </summary>
public interface IAttempts
{
    /// <summary>The mark of an attempt, or null.</summary>
    Attempt? Read();

    /// <summary>Marks an attempt; replaces the mark that is there.</summary>
    void Mark(Attempt attempt);

    /// <summary>
    /// The run has ended and the patch stays in force: it is on probation from now on. The mark says until when; an orderly shutdown
    /// clears it before.
    /// </summary>
    void Probation(Attempt attempt, TimeSpan lasts, TimeSpan uptime);

    /// <summary>Clears the mark.</summary>
    void Clear();

    /// <summary>Remembers that this patch took the node down. Stays until a person clears it.</summary>
    void Quarantine(Attempt attempt);

    /// <summary>The build ids that must not be loaded here.</summary>
    IReadOnlyCollection<string> Quarantined();
}
