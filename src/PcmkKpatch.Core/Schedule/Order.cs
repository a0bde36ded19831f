using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Schedule;

/// <summary>Which node goes first: those that are named, in that order; then the one on which the fewest resources are active; the DC last.</summary>
public sealed record Order
{
    private const string Example = "\"fewest\", or names such as \"node3,node1\"";

    private readonly IReadOnlyList<string> _named;

    private Order(string text, IReadOnlyList<string> named) => (Text, _named) = (text, named);

    /// <summary>No node is named.</summary>
    public static Order Fewest { get; } = new("fewest", []);

    /// <summary>The text that it was read from.</summary>
    public string Text { get; }

    /// <summary>Reads the parameter "order": fewest, or names of nodes with commas between them.</summary>
    /// <param name="text">The parameter.</param>
    /// <param name="error">What is wrong with which part, and what to write; null where nothing is.</param>
    /// <returns>The order, or null where anything is wrong.</returns>
    public static Order? Parse(string text, out string? error)
    {
        var named = new List<string>();
        error = ListText.Problem(text, ',', Example, part => Add(part, named));
        if (error is null && named is [] or ["fewest"])
            return Fewest;
        if (error is null && named.Contains(Fewest.Text))
            error = $"fewest stands alone, not beside names; write for example {Example}";
        return error is null ? new Order(text.Trim(), named) : null;
    }

    /// <summary>The nodes in the order in which they go, each once.</summary>
    /// <param name="view">The cluster.</param>
    /// <param name="due">The nodes on which a run is due and could begin now: one that is held or offline would keep all others waiting.</param>
    public IReadOnlyList<string> Sequence(ClusterView view, IEnumerable<string> due) =>
        [.. due.Distinct().OrderBy(Place).ThenBy(node => node == view.Dc).ThenBy(node => view.ActiveOn(node).Count).ThenBy(node => node, StringComparer.Ordinal)];

    /// <summary>The node that goes next; null where none is due.</summary>
    /// <param name="view">The cluster.</param>
    /// <param name="due">The nodes on which a run is due and could begin now.</param>
    public string? Next(ClusterView view, IEnumerable<string> due) => Sequence(view, due) is [var first, ..] ? first : null;

    /// <summary>What is wrong with the names in this cluster, a sentence each.</summary>
    public IEnumerable<string> Problems(ClusterView view) =>
        _named.Where(name => view.Node(name) is not { IsMember: true })
            .Select(name => $"order={Text}: {ListText.Quote(name)} is no member of this cluster; write names as crm_node -l gives them");

    /// <inheritdoc/>
    public bool Equals(Order? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static string? Add(string name, List<string> named)
    {
        if (name.Any(c => char.IsWhiteSpace(c) || c == ';'))
            return $"{ListText.Quote(name)} is no name of a node: commas stand between names";
        if (named.Contains(name))
            return $"{ListText.Quote(name)} is named twice";
        named.Add(name);
        return null;
    }

    // Those that are not named share the place behind all that are.
    private int Place(string node) => _named.TakeWhile(name => name != node).Count();
}
