using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Schedule;

/// <summary>
/// A person's word that no run is to begin, on one node or on all: one value in the CIB. Like the token's, its text has only characters that need no quoting in
/// XPath, XML or a shell.
/// </summary>
public sealed record Hold
{
    private const int LongestText = 4000;
    private const int LongestReason = 160;
    private const int LongestBy = 60;

    private Hold(string text) => Text = text;

    /// <summary>The exact text in the CIB: two holds are the same where their texts are.</summary>
    public string Text { get; }

    /// <summary>The text is none that this version knows. It counts as a hold of every node that is never over.</summary>
    public bool IsUnreadable { get; private init; } = true;

    /// <summary>The node; null for all.</summary>
    public string? Node { get; private init; }

    /// <summary>When it is over; null where a person has to take it away.</summary>
    public DateTimeOffset? Until { get; private init; }

    /// <summary>Who wants it; null where nobody said.</summary>
    public string? By { get; private init; }

    /// <summary>Why, for people.</summary>
    public string Reason { get; private init; } = "";

    /// <summary>A hold.</summary>
    /// <param name="node">The node; null or empty for all.</param>
    /// <param name="until">When it is over, to the second; null where a person has to take it away.</param>
    /// <param name="reason">Why. It is cut after 160 characters.</param>
    /// <param name="by">Who wants it, or null. It is cut after 60 characters.</param>
    public static Hold Of(string? node, DateTimeOffset? until, string reason, string? by)
    {
        var over = until is { } moment ? CibText.Of(moment) : "";
        var (person, why) = (CibText.Clip(by ?? "", LongestBy), CibText.Clip(reason, LongestReason));
        return Parse($"hold node={CibText.Escape(node ?? "")} until={over} by={CibText.Escape(person)} why={CibText.Escape(why)}");
    }

    /// <summary>Reads a hold's text. Text of an unknown form gives one that <see cref="IsUnreadable"/>, never an exception.</summary>
    public static Hold Parse(string text)
    {
        var words = text.Split(' ');
        if (text.Length > LongestText || !CibText.IsPlain(text) || words.Length != 5 || words[0] != "hold" || CibText.Field(words[1], "node") is not { } node
            || CibText.Field(words[2], "until") is not { } until || CibText.Field(words[3], "by") is not { } by || CibText.Field(words[4], "why") is not { } why)
            return new Hold(text);
        var over = CibText.Moment(until);
        return new Hold(text) { IsUnreadable = over is null && until.Length > 0, Node = OrNull(node), Until = over, By = OrNull(by), Reason = why };
    }

    /// <summary>It is about that node.</summary>
    public bool Concerns(string node) => IsUnreadable || Node is null || Node == node;

    /// <summary>It is not over.</summary>
    public bool InForce(DateTimeOffset now) => Until is not { } until || now < until;

    /// <inheritdoc/>
    public bool Equals(Hold? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static string? OrNull(string value) => value.Length > 0 ? value : null;
}
