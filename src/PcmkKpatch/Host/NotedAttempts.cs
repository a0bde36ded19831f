using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Host;

/// <summary>The attempt mark and the quarantine, with a note of what was quarantined: by whichever step, people are told of it.</summary>
internal sealed class NotedAttempts(IAttempts attempts) : IAttempts
{
    private readonly List<Attempt> _quarantined = [];

    /// <inheritdoc/>
    public Attempt? Read() => attempts.Read();

    /// <inheritdoc/>
    public void Mark(Attempt attempt) => attempts.Mark(attempt);

    /// <inheritdoc/>
    public void Probation(Attempt attempt, TimeSpan lasts, TimeSpan uptime) => attempts.Probation(attempt, lasts, uptime);

    /// <inheritdoc/>
    public void Clear() => attempts.Clear();

    /// <inheritdoc/>
    public void Quarantine(Attempt attempt)
    {
        attempts.Quarantine(attempt);
        _quarantined.Add(attempt);
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Quarantined() => attempts.Quarantined();

    /// <summary>What was quarantined since this was asked last.</summary>
    public IReadOnlyList<Attempt> TakeNoted()
    {
        Attempt[] noted = [.. _quarantined.DistinctBy(attempt => attempt.BuildId)];
        _quarantined.Clear();
        return noted;
    }
}
