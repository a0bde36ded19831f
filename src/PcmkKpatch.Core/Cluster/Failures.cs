using System.Globalization;

namespace PcmkKpatch.Core.Cluster;

/// <summary>How often a node's load of one build failed since a person last resumed the rollout.</summary>
/// <param name="Node">The node.</param>
/// <param name="Build">The patch's build id.</param>
/// <param name="Times">How often.</param>
public sealed record Failure(string Node, string Build, int Times);

/// <summary>
/// The failures that the rollout has gone on after. They stand in the token's own text: so the same compare-and-set that gives the token back counts the
/// failure, once, and nobody takes a token without having read the count.
/// </summary>
public sealed record Failures
{
    private const string Key = "failed=";

    // What counts higher was not counted by this program: one a day for a quarter of a century.
    private const int MostTimes = 9999;

    private Failures(IReadOnlyList<Failure> list) => List = list;

    /// <summary>No failure.</summary>
    public static Failures None { get; } = new([]);

    /// <summary>Each node with a failure, once, in the order of their names.</summary>
    public IReadOnlyList<Failure> List { get; }

    /// <summary>How often that build failed, on all nodes.</summary>
    public int Of(string build) => List.Where(f => IsSame(f.Build, build)).Sum(f => f.Times);

    /// <summary>How often that build failed on that node.</summary>
    public int Of(string node, string build) => List.Where(f => f.Node == node && IsSame(f.Build, build)).Sum(f => f.Times);

    /// <summary>With one more of that build on that node. What failed there of another build counts no more.</summary>
    public Failures With(string node, string build) =>
        new([.. List.Where(f => f.Node != node).Append(new Failure(node, build, Math.Min(Of(node, build) + 1, MostTimes))).OrderBy(f => f.Node, StringComparer.Ordinal)]);

    /// <summary>The words at the end of a token's text, each with a blank before it.</summary>
    public string Text => string.Concat(List.Select(f => string.Create(CultureInfo.InvariantCulture, $" {Key}{f.Times}:{CibText.Escape(f.Build)}:{CibText.Escape(f.Node)}")));

    /// <summary>Reads such words; null where one of them is none.</summary>
    public static Failures? Parse(IReadOnlyList<string> words)
    {
        var list = new List<Failure>();
        foreach (var word in words)
        {
            var parts = word.StartsWith(Key, StringComparison.Ordinal) ? word[Key.Length..].Split(':', 3) : [];
            if (parts.Length != 3 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var times) || times is < 1 or > MostTimes
                || parts[1].Length == 0 || !parts[1].All(char.IsAsciiHexDigit) || Uri.UnescapeDataString(parts[2]) is not { Length: > 0 } node || list.Exists(f => f.Node == node))
                return null;
            list.Add(new Failure(node, parts[1], times));
        }

        return new Failures(list);
    }

    /// <inheritdoc/>
    public bool Equals(Failures? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    private static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
