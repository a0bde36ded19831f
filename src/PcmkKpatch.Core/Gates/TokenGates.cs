using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Core.Gates;

/// <summary>Is the token free to be taken? Whether it still is in the moment after, the compare-and-set of the take tells.</summary>
public static class TokenGates
{
    /// <summary>What speaks against taking it.</summary>
    /// <param name="token">The token; null where there is none yet, which is no hindrance.</param>
    /// <param name="policy">What the administrator wants.</param>
    /// <param name="now">This moment.</param>
    public static IEnumerable<Refusal> Judge(Token? token, Policy policy, Moment now)
    {
        switch (token?.State)
        {
            case null or TokenState.Free:
                break;
            case TokenState.Held when token.IsOlderThan(policy.LongestRun, now.Wall):
                yield return new("token.held", $"{token.Node} has the token since {token.Since}, longer than a run takes", $"see what its worker waits for: pcmk-kpatch status on {token.Node}");
                break;
            case TokenState.Held:
                yield return new("token.held", $"{token.Node} has the token since {token.Since}", "wait until its run has ended; see pcmk-kpatch status");
                break;
            case TokenState.Parked:
                yield return new("token.parked", $"{token.Node} is parked since {token.Since}: {token.Why}", $"look at {token.Node}; then reboot it, or bring it home: run pcmk-kpatch abort on {token.Node}");
                break;
            case TokenState.Halted:
                yield return new("token.halted", $"the rollout is halted by {token.Node} since {token.Since}: {token.Why}", "mend that; then: pcmk-kpatch resume");
                break;
            default:
                yield return new("token.unreadable", $"the token says what this version does not know: {token.Text}", "use the newest version that is installed in the cluster");
                break;
        }
    }
}
