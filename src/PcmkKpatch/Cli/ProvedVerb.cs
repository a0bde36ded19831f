using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;

namespace PcmkKpatch.Cli;

/// <summary>pcmk-kpatch proved: what an orderly shutdown says. A patch that is on probation after its run did not take this node down.</summary>
internal static class ProvedVerb
{
    /// <summary>
    /// Ends the probation. The mark of a run that goes on stays: that run was not finished in this boot. So does one of an earlier boot, which the
    /// node did not end in good order.
    /// </summary>
    public static int Execute(IHost host)
    {
        var attempts = new AttemptFiles();
        if (attempts.Read() is { ProvedAt: not null } mark && mark.Boot == host.BootId)
            attempts.Clear();
        return 0;
    }
}
