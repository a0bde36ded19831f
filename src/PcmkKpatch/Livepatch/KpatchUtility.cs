using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Host;

namespace PcmkKpatch.Livepatch;

/// <summary>The kpatch utility. It exits with 0 or 1 only; what it did is read from the kernel, not from its words.</summary>
internal static class KpatchUtility
{
    // Its own worst case is about 200 s: waiting, reversing, unloading, and retries where the kernel is busy.
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(300);

    /// <summary>The utility is there.</summary>
    public static bool IsInstalled => Tool.Find("kpatch") is not null;

    /// <summary>kpatch load FILE, which waits for the patch transition and reverses one that does not end.</summary>
    public static LoadAnswer Load(string path)
    {
        var answer = Kmod.Answer("kpatch", ["load", path], s_deadline);
        // "module … did not complete its transition, unloading...": only to name the failure; what happened is read from the kernel.
        return answer with { Stalled = !answer.Accepted && answer.Words.Contains("transition", StringComparison.Ordinal) };
    }
}
