using PcmkKpatch.Host;

namespace PcmkKpatch.Cli;

/// <summary>pcmk-kpatch quarantine [--clear]: the patches that took this node down.</summary>
internal static class QuarantineVerb
{
    /// <summary>Lists or clears them.</summary>
    public static int Execute(bool clear)
    {
        var attempts = AttemptFiles.List();
        if (clear)
            AttemptFiles.Release();
        foreach (var attempt in attempts)
            Console.Out.WriteLine($"{attempt.Patch} (build {attempt.BuildId}), in the boot {attempt.Boot}{(clear ? ": may be loaded again" : "")}");
        if (attempts.Count == 0)
            Console.Out.WriteLine("nothing is quarantined on this node");
        return 0;
    }
}
