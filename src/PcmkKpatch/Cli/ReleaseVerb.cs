using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Notices;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Cli;

/// <summary>
/// pcmk-kpatch release [--confirm NODE]: a person takes the token from a holder that is down. The rollout is halted then, not free: what the
/// holder left behind is looked at first, and "resume" is a second decision.
/// </summary>
internal sealed class ReleaseVerb(ICluster cluster, IToken tokens, IHost host)
{
    // Of what the token says, which anybody may have written who may write to the CIB.
    private const int LongestLine = 2000;

    /// <summary>Releases the token. Returns 0 where it is released.</summary>
    /// <param name="confirmed">The node of which the person says that it is down; null where the cluster is to know it.</param>
    public int Execute(string? confirmed)
    {
        // The token before the cluster: what is judged of the holder is no older than the text from which the token is changed.
        var token = tokens.Read();
        var view = cluster.See();
        if (ReleaseGates.Judge(token, view, confirmed).FirstOrDefault() is { } refusal)
            return Refuse($"{refusal.Why}. What to do: {refusal.Remedy}");
        var who = $"{(Caller.BySudo is { } user ? $"{user} (sudo)" : "root")} on {view.LocalNode}, {(confirmed is null ? $"for {token!.Node} is down" : $"who says that {confirmed} is down")}";
        if (!tokens.Swap(token!, Token.Released(token!, who, DateTimeOffset.UtcNow)))
            return Refuse("the token changed in this moment: look at pcmk-kpatch status, and try again");
        Deed.Tell(host, Event.Released, $"the token is taken from {token!.Node}, and the rollout is halted: {who}");
        Console.Out.WriteLine($"the token is taken from {token!.Node}, and the rollout is halted");
        Console.Out.WriteLine($"If {token.Node} comes back it puts its own run in order, and leaves the token alone.");
        Console.Out.WriteLine($"When it is back, or removed from the cluster, let the rollout go on: pcmk-kpatch resume");
        return 0;
    }

    private static int Refuse(string why)
    {
        Console.Error.WriteLine($"pcmk-kpatch: {PlainText.Of(why, LongestLine)}");
        return 1;
    }
}
