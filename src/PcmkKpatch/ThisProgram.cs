using PcmkKpatch.Host;

namespace PcmkKpatch;

/// <summary>This program about itself.</summary>
internal static partial class ThisProgram
{
    /// <summary>
    /// Called as the agent: by the name under which it lies in the OCF folder. The runtime hides the name a program was called by; the
    /// kernel does not.
    /// </summary>
    public static bool IsAgent => Path.GetFileName(SmallFile.Text("/proc/self/cmdline").Split('\0')[0]) == "kpatch";
}
