namespace PcmkKpatch.Core.Gates;

/// <summary>One reason not to go on now.</summary>
/// <param name="Id">A stable name, family.reason: it does not change between releases.</param>
/// <param name="Why">What is the matter, a sentence for people.</param>
/// <param name="Remedy">What to do about it, a sentence for people.</param>
public sealed record Refusal(string Id, string Why, string Remedy)
{
    /// <summary>
    /// It will not pass by itself. What is wrong with the patch or the kernel does not, but for another patch's transition; what is wrong with
    /// the cluster or the hour may. Failures are counted until a person resumes, and a record that cannot be read stays there.
    /// </summary>
    public bool NeedsPerson => Id is "fleet.failures" or ScheduleGates.RecordUnknown || Id.StartsWith("patch.", StringComparison.Ordinal) || (Id.StartsWith("kernel.", StringComparison.Ordinal) && Id != "kernel.transition");

    /// <summary>It is another node's trouble, which that one tells people of itself: not each node that waits for its end is to do so.</summary>
    public bool IsToldByAnother => Id is "token.parked" or "token.halted" or "patch.quarantined-elsewhere";

    /// <inheritdoc/>
    public override string ToString() => $"{Why} ({Id})";
}
