using PcmkKpatch.Core;
using PcmkKpatch.Core.Notices;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>pcmk-kpatch quarantine [--clear]: the patches that took this node down.</summary>
internal static class QuarantineVerb
{
    /// <summary>Lists or clears them.</summary>
    /// <param name="host">This machine.</param>
    /// <param name="clear">They may be loaded again.</param>
    public static int Execute(IHost host, bool clear)
    {
        var attempts = AttemptFiles.List();
        if (clear)
        {
            AttemptFiles.Release();
            if (attempts.Count > 0)
            {
                Publish();
                Deed.Tell(host, Event.QuarantineCleared, $"may be loaded again: {string.Join(", ", attempts.Select(attempt => attempt.Patch))}");
            }
        }

        foreach (var attempt in attempts)
            Console.Out.WriteLine($"{attempt.Patch} (build {attempt.BuildId}), in the boot {attempt.Boot}{(clear ? ": may be loaded again" : "")}");
        if (attempts.Count == 0)
            Console.Out.WriteLine("nothing is quarantined on this node");
        return 0;
    }

    // The other nodes need not wait until the agent looks again. Where the cluster is down here there is nobody to tell.
    private static void Publish()
    {
        try
        {
            NodeAttributes.Publish(new Dictionary<string, string> { [NodeAttributes.Quarantine] = "" });
        }
        catch (ToolFailedException e)
        {
            Console.Error.WriteLine($"pcmk-kpatch: the other nodes do not know it yet: {e.Message}");
        }
    }
}
