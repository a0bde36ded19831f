using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Host;

namespace PcmkKpatch.Livepatch;

/// <summary>
/// The kernel's list of kprobes, in debugfs. That of tracefs has those only which were made through it, and so cannot tell that there are no others.
/// </summary>
internal static class KprobeFile
{
    /// <summary>Those that are at work.</summary>
    /// <param name="root">The folder that holds sys, with its slash.</param>
    public static Fact<IReadOnlyList<Kprobe>> See(string root)
    {
        var debug = $"{root}sys/kernel/debug";
        var list = $"{debug}/kprobes/list";
        return Looked.At(() =>
            File.Exists(list) ? Kprobe.List(File.ReadAllText(list))
            // debugfs is mounted, and has no kprobes: the kernel was built without them.
            : Directory.Exists(debug) && Directory.EnumerateFileSystemEntries(debug).Any() && !Directory.Exists($"{debug}/kprobes") ? []
            : throw new ToolFailedException(list, null, "is not there: debugfs is not mounted, or not to be read"));
    }
}
