using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Core.Gates;

/// <summary>Is a rehearsal under way? No patch is loaded anywhere before every node has gone through it: it would be loaded under the name of a rehearsal.</summary>
public static class RehearsalGates
{
    /// <summary>The node attribute in which a node publishes how the rehearsal that is wished ended there, or else the last one, as <see cref="RehearsalOutcome"/> reads it.</summary>
    public const string Attribute = "kpatch-rehearsed";

    /// <summary>What speaks against a real run.</summary>
    public static IEnumerable<Refusal> Judge(RehearsalWish? wish, ClusterView view, DateTimeOffset now)
    {
        if (wish is not null && !wish.IsStale(now) && Open(wish, view) is { Count: > 0 } open)
            yield return new("rehearsal.under-way", $"a rehearsal goes on since {wish.Since} by {wish.By}; to go through it: {string.Join(", ", open)}", "wait; see pcmk-kpatch rehearse --follow. Or call it off: pcmk-kpatch rehearse --cancel");
    }

    /// <summary>The nodes that have not gone through that rehearsal, by what they publish. One that the cluster does not know any more is not waited for.</summary>
    public static IReadOnlyList<string> Open(RehearsalWish wish, ClusterView view) =>
        [.. wish.Nodes.Where(name => view.Node(name) is { } node && OutcomeOf(node)?.Id != wish.Id)];

    /// <summary>How the rehearsal that it tells of ended on that node, or null where it tells of none.</summary>
    public static RehearsalOutcome? OutcomeOf(NodeView node) => RehearsalOutcome.Parse(node.Attributes.GetValueOrDefault(Attribute, ""));
}
