using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Gates;

/// <summary>
/// May a person take the token from its holder? Only where the holder is down for certain: the cluster says so, or the person does, by name.
/// A holder that is there, or on its way back, puts its own run in order.
/// </summary>
public static class ReleaseGates
{
    private const string Confirm = "see with your own eyes that it has no power; then: pcmk-kpatch release --confirm ";
    private static readonly string[] s_fromTheCluster = ["cluster.dc", "cluster.quorum", "cluster.quorum-membership"];

    /// <summary>What speaks against it.</summary>
    /// <param name="token">The token; it must be changed from this very text, or not at all.</param>
    /// <param name="view">The cluster as seen after the token was read.</param>
    /// <param name="confirmed">The node of which the person says that it is down; null where nothing is said.</param>
    public static IEnumerable<Refusal> Judge(Token? token, ClusterView view, string? confirmed)
    {
        switch (token?.State)
        {
            case null or TokenState.Free:
                return [new("release.free", "no node has the token", "there is nothing to release")];
            case TokenState.Halted:
                return [new("release.halted", $"the rollout is halted, and no node has the token: {token.Why}", "mend that; then: pcmk-kpatch resume")];
            case TokenState.Unreadable:
                return [new("release.unreadable", $"the token says what this version does not know: {token.Text}", "use the newest version that is installed in the cluster")];
            default:
                // Without quorum, or a DC, what is said of the holder may be long out of date.
                return [.. ClusterGates.Judge(view).Where(r => s_fromTheCluster.Contains(r.Id)), .. JudgeHolder(token.Node, view, confirmed)];
        }
    }

    private static IEnumerable<Refusal> JudgeHolder(string holder, ClusterView view, string? confirmed)
    {
        if (confirmed is not null && confirmed != holder)
            yield return new("release.other-node", $"{confirmed} does not have the token, {holder} has it", $"name {holder} where it is {holder} that is down");
        switch (view.Node(holder))
        {
            case { Online: true }:
                yield return new("release.online", $"{holder} is in the cluster", $"bring it home: run pcmk-kpatch abort on {holder}");
                break;
            case { Pending: true }:
                yield return new("release.pending", $"{holder} is on its way into the cluster", "wait: it puts its own run in order");
                break;
            case { Unclean: true } when confirmed is null:
                yield return new("release.unclean", $"{holder} is unclean: nobody knows yet whether it is down", $"wait for its fencing; see stonith_admin --history {holder}. Where that cannot work, {Confirm}{holder}");
                break;
            case null when confirmed is null:
                yield return new("release.unknown", $"the cluster does not know {holder} any more, nor whether it is down", Confirm + holder);
                break;
            case not null when confirmed is null && !view.FencingEnabled:
                yield return new("release.no-fencing", $"nodes are not fenced here: {holder} may be alive and only not be seen", Confirm + holder);
                break;
            default:
                break;
        }
    }
}
