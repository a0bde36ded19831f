using System.Globalization;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Gates;

/// <summary>
/// What a mixture of Pacemaker's releases, as there is one while a cluster is upgraded node by node, means for a node that goes down. A DC lets a node join whose feature set has
/// the same major number as its own, and a minor one that is not lower. So the last node of the oldest release comes back to nobody: those that are left have a DC that is newer.
/// </summary>
public static class MixtureGates
{
    /// <summary>The node is the only one of its release, and all others are newer.</summary>
    public const string OldestAlone = "fleet.oldest-alone";

    /// <summary>What speaks against risking that node; nothing where no release is known.</summary>
    /// <param name="node">The node.</param>
    /// <param name="view">The cluster as seen in this moment.</param>
    public static IEnumerable<Refusal> Judge(string node, ClusterView view)
    {
        var members = view.Nodes.Where(n => n is { IsMember: true, Online: true }).ToList();
        var others = members.Where(n => n.Name != node).ToList();
        if (members.Find(n => n.Name == node) is { } own && others.Count > 0 && (AllNewer(own, others, FeatureSet) ?? AllNewer(own, others, Installed)) == true)
        {
            yield return new(
                OldestAlone, $"{node} is the last node with its release of Pacemaker, and all others have newer ones: if it goes down they do not let it join again before it is upgraded, too",
                $"upgrade Pacemaker on {node} first");
        }
    }

    // Null where one of them does not say.
    private static bool? AllNewer(NodeView own, List<NodeView> others, Func<NodeView, Version?> of) =>
        of(own) is { } mine && others.ConvertAll(n => of(n)) is var theirs && !theirs.Contains(null) ? theirs.TrueForAll(version => version! > mine) : null;

    // The third number is of no matter to who may join. Of a node that does not say its own, as those before 2.1 do not, newer ones say "<3.15.1".
    private static Version? FeatureSet(NodeView node) => Numbers(node.FeatureSet?.TrimStart('<'), parts: 2);

    // As published, "pacemaker 2.0.5 corosync 3.1.2": where no feature set is to be had it stands for it.
    private static Version? Installed(NodeView node) =>
        node.Attributes.GetValueOrDefault(DriftGates.VersionAttribute, "").Split(' ') is ["pacemaker", var release, ..] ? Numbers(release, parts: 3) : null;

    private static Version? Numbers(string? text, int parts)
    {
        var numbers = (text ?? "").Split('.', '-', '~', '+');
        return numbers.Length >= parts && numbers[..parts].All(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out _)) ? Version.Parse(string.Join('.', numbers[..parts])) : null;
    }
}
