using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Schedule;

/// <summary>
/// A person's word that a rollout is to be rehearsed: one value in the CIB. Like the token's, its text has only characters that need no quoting in XPath, XML or a
/// shell; and it says of which form it is, for who does not know it leaves it alone.
/// </summary>
public sealed record RehearsalWish
{
    /// <summary>For so long nodes begin to go through it: longer than a week's windows and the blackout of a holiday, and shorter than people remember what they wished.</summary>
    public static readonly TimeSpan GoodFor = TimeSpan.FromDays(14);

    private const int LongestText = 8000;
    private const int LongestBy = 60;

    private RehearsalWish(string text) => Text = text;

    /// <summary>The exact text in the CIB: two wishes are the same where their texts are.</summary>
    public string Text { get; }

    /// <summary>The text is none that this version knows. It is shown, never changed, and nobody does anything for it, or leaves anything.</summary>
    public bool IsUnreadable { get; private init; } = true;

    /// <summary>The rehearsal's own id: a node goes through each only once.</summary>
    public string Id { get; private init; } = "";

    /// <summary>The nodes that are to go through it.</summary>
    public IReadOnlyList<string> Nodes { get; private init; } = [];

    /// <summary>Who wants it, for people.</summary>
    public string By { get; private init; } = "";

    /// <summary>When it was wished, by the clock of the node where it was, in the form 2026-01-31T22:15:00Z.</summary>
    public string Since { get; private init; } = "";

    /// <summary>A wish.</summary>
    /// <param name="id">The rehearsal's own id.</param>
    /// <param name="nodes">The nodes that are to go through it.</param>
    /// <param name="by">Who wants it. It is cut after 60 characters.</param>
    /// <param name="since">When.</param>
    public static RehearsalWish Of(string id, IEnumerable<string> nodes, string by, DateTimeOffset since) =>
        Parse($"rehearsal v1 id={CibText.Escape(id)} nodes={CibText.List(nodes)} by={CibText.Escape(CibText.Clip(by, LongestBy))} since={CibText.Of(since)}");

    /// <summary>Reads a wish's text. Text of an unknown form gives one that <see cref="IsUnreadable"/>, never an exception.</summary>
    public static RehearsalWish Parse(string text)
    {
        var words = text.Split(' ');
        if (text.Length > LongestText || words.Length != 6 || words[0] != "rehearsal" || words[1] != "v1" || !CibText.IsPlain(text.Replace(",", "", StringComparison.Ordinal))
            || CibText.Field(words[2], "id") is not { Length: > 0 } id || CibText.Items(words[3], "nodes") is not { Count: > 0 } nodes
            || CibText.Field(words[4], "by") is not { } by || CibText.Field(words[5], "since") is not { } since || CibText.Moment(since) is null)
            return new RehearsalWish(text);
        return new RehearsalWish(text) { IsUnreadable = false, Id = id, Nodes = nodes, By = by, Since = since };
    }

    /// <summary>
    /// It was wished too long ago, by the calendar, for any node to begin with it: a wish that was forgotten, or came back with an old configuration, drains no
    /// node, and keeps no patch from being loaded. A time that lies in the future says nothing.
    /// </summary>
    public bool IsStale(DateTimeOffset now) => CibText.Moment(Since) is { } since && now - since > GoodFor;

    /// <summary>That node is to go through it.</summary>
    public bool Concerns(string node) => Nodes.Contains(node);

    /// <inheritdoc/>
    public bool Equals(RehearsalWish? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
