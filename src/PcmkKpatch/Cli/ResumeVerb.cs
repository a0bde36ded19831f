using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Notices;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Cli;

/// <summary>pcmk-kpatch resume: a person lets a halted rollout go on.</summary>
internal sealed class ResumeVerb(IToken tokens, IHost host)
{
    // Of what the token says, which anybody may have written who may write to the CIB.
    private const int LongestLine = 2000;

    private const string Changed = "the token changed in this moment: look at pcmk-kpatch status, and try again";

    /// <summary>Frees the token where it is halted, and has failures counted anew. Returns 0 where the rollout may go on.</summary>
    public int Execute()
    {
        var token = tokens.Read();
        switch (token?.State)
        {
            case TokenState.Free when token.Failures != Failures.None && tokens.Swap(token, Token.Free):
                Deed.Tell(host, Event.Resumed, $"no longer counted as failed: {FailureStatus.Words(token.Failures)}");
                Console.Out.WriteLine(PlainText.Of($"the rollout is not halted. No longer counted as failed: {FailureStatus.Words(token.Failures)}", LongestLine));
                return 0;
            case TokenState.Free when token.Failures != Failures.None:
                return Refuse(Changed);
            case null or TokenState.Free:
                Console.Out.WriteLine("the rollout is not halted");
                return 0;
            case TokenState.Halted when tokens.Swap(token, Token.Free):
                Deed.Tell(host, Event.Resumed, $"the rollout goes on; it was halted since {token.Since}: {token.Why}");
                Console.Out.WriteLine(PlainText.Of($"the rollout goes on. It was halted since {token.Since}: {token.Why}", LongestLine));
                Console.Out.WriteLine("What the agent reported meanwhile stays in crm_mon until: pcs resource cleanup");
                return 0;
            case TokenState.Halted:
                return Refuse(Changed);
            case TokenState.Held:
                return Refuse($"the rollout is not halted: {token.Node} has the token since {token.Since}");
            case TokenState.Parked:
                return Refuse($"{token.Node} is parked: {token.Why}. Look at {token.Node}; then reboot it, or bring it home: run pcmk-kpatch abort on {token.Node}; then: pcmk-kpatch resume");
            default:
                return Refuse($"the token says what this version does not know: {token.Text}. Use the newest version that is installed in the cluster");
        }
    }

    private static int Refuse(string why)
    {
        Console.Error.WriteLine($"pcmk-kpatch: {PlainText.Of(why, LongestLine)}");
        return 1;
    }
}
