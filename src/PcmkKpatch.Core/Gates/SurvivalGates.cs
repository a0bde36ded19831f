using System.Globalization;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Gates;

/// <summary>If this node died now, would the others go on?</summary>
public static class SurvivalGates
{
    /// <summary>What speaks against risking this node now.</summary>
    /// <param name="votes">The votes as seen in this moment; null where they are not known.</param>
    public static IEnumerable<Refusal> Judge(VotesView? votes)
    {
        if (votes is not { IsPlausible: true })
            yield return new("survivable.unknown", "it is not known whether the others would keep quorum without this node", "see corosync-quorumtool -s");
        else if (votes.Left < votes.Quorum)
            yield return new("survivable.quorum", Outlook(votes), "bring the missing nodes back; a cluster that lacks a vote by design wants a quorum device (pcs quorum device add), or two_node where it has two nodes");
    }

    /// <summary>What the loss of this node would mean for quorum, a sentence for people: also where nothing speaks against it.</summary>
    public static string Outlook(VotesView votes) => string.Create(
        CultureInfo.InvariantCulture,
        $"if this node died now, {votes.Left} of {votes.Total} votes would be left, and quorum takes {votes.Quorum}{Device(votes)}{Modes(votes)}");

    private static string Device(VotesView votes) => votes.Device switch
    {
        null => "",
        0 => "; the quorum device gives no vote now",
        1 => "; 1 of those left is the quorum device's, which it must give to the others",
        var many => string.Create(CultureInfo.InvariantCulture, $"; {many} of those left are the quorum device's, which it must give to the others"),
    };

    private static string Modes(VotesView votes) => votes switch
    {
        { TwoNode: true, WaitForAll: true } => "; the survivor keeps quorum (two_node), but does not get it back by itself once it is restarted (wait_for_all)",
        { TwoNode: true } => "; the survivor keeps quorum (two_node)",
        { AutoTieBreaker: true } when votes.Left < votes.Quorum => "; auto_tie_breaker may help them, which is not counted on",
        _ => "",
    };
}
