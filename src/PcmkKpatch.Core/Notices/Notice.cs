using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Core.Notices;

/// <summary>An event that happened: what, where and why. It goes to systemd's journal, and to the administrator's own program where there is one.</summary>
/// <param name="Entry">What happened.</param>
/// <param name="Node">The node on which it happened.</param>
/// <param name="Why">What there is to say of it, a sentence.</param>
public sealed record Notice(EventEntry Entry, string Node, string Why)
{
    // A tool may say anything, and so may the CIB.
    private const int Longest = 4000;

    /// <summary>So begin the names of all fields.</summary>
    public const string Prefix = "PCMK_KPATCH_";

    /// <summary>The names of all fields that a notice may have, without <see cref="Prefix"/>.</summary>
    public static IReadOnlyList<string> FieldNames { get; } = ["EVENT", "NODE", "RUN", "PHASE", "VERDICT", "PATCH", "REHEARSAL", "BY", "WHY"];

    /// <summary>A notice of that event.</summary>
    public Notice(Event which, string node, string why)
        : this(Events.Of(which), node, why)
    {
    }

    /// <summary>The run that it is about; null where it is about none.</summary>
    public Run? Run { get; init; }

    /// <summary>Who did it, where a person did.</summary>
    public string? By { get; init; }

    /// <summary>All of it as names and values, the names without <see cref="Prefix"/>. What is not known is not there; no value has a control character in it.</summary>
    public IEnumerable<(string Name, string Value)> Fields()
    {
        yield return ("EVENT", Entry.Name);
        yield return ("NODE", Plain(Node));
        if (Run is { } run)
        {
            yield return ("RUN", Plain(run.Id));
            yield return ("PHASE", run.Phase.ToString().ToLowerInvariant());
            yield return ("VERDICT", run.Verdict.ToString().ToLowerInvariant());
            if (run.Patch is { } patch)
                yield return ("PATCH", Plain(patch.Name));
            if (run.Rehearsal is { } rehearsal)
                yield return ("REHEARSAL", Plain(rehearsal.Id));
        }

        if (By is not null)
            yield return ("BY", Plain(By));
        yield return ("WHY", Plain(Why));
    }

    private static string Plain(string text) => PlainText.Of(text.ReplaceLineEndings(" "), Longest);
}
