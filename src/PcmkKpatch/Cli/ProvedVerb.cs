using PcmkKpatch.Host;

namespace PcmkKpatch.Cli;

/// <summary>pcmk-kpatch proved: what an orderly shutdown says. A patch that is on probation after its run did not take this node down.</summary>
internal static class ProvedVerb
{
    /// <summary>Ends the probation. The mark of a run that goes on stays: that run was not finished in this boot.</summary>
    public static int Execute()
    {
        var attempts = new AttemptFiles();
        if (attempts.Read() is { ProvedAt: not null })
            attempts.Clear();
        return 0;
    }
}
