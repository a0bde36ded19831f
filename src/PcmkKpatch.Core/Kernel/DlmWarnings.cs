namespace PcmkKpatch.Core.Kernel;

/// <summary>
/// A warning that the kernel's distributed lock manager gives of itself, with no patch in it: when members join a lockspace some kernels (6.1 is one) find that
/// fs/dlm copies a message over a field's end, as it is meant to, and warn of it once in a boot. It comes when a patched node mounts its GFS2 again, or another node does.
/// </summary>
public static class DlmWarnings
{
    private const string Spanning = "memcpy: detected field-spanning write";
    private const string Begin = "[ cut here ]";
    private const string End = "---[ end trace ";
    private static readonly string[] s_objects = ["dlm", "gfs2"];

    /// <summary>Whether it is worth to look for one: it needs the patch as the kernel has it.</summary>
    public static bool MayBeIn(IReadOnlyList<string> log) => log.Any(line => line.StartsWith(Spanning, StringComparison.Ordinal));

    /// <summary>Takes such warnings out of what the kernel logged.</summary>
    /// <param name="log">What the kernel logged, oldest first.</param>
    /// <param name="patch">The patch that was loaded; null where none is. One that patches these modules, or that shows in the warning's stack, answers for it itself; so does one whose objects the kernel does not tell.</param>
    /// <returns>The other lines, and of each warning that was taken out the line that names it.</returns>
    public static (IReadOnlyList<string> Others, IReadOnlyList<string> Warnings) Apart(IReadOnlyList<string> log, LivePatch? patch)
    {
        if (patch is not null && (patch.Objects.Count == 0 || s_objects.Any(patch.Objects.ContainsKey)))
            return (log, []);
        var others = new List<string>();
        var warnings = new List<string>();
        for (var at = 0; at < log.Count; at++)
        {
            var end = log[at].Contains(Begin, StringComparison.Ordinal) ? EndOf(log, at) : -1;
            var block = end < 0 ? [] : log.Skip(at).Take(end - at + 1).ToList();
            if (block.Where(KernelLog.IsTrouble).ToList() is [var warning] && IsOfDlm(block, warning) && (patch is null || !block.Exists(line => line.Contains($"[{patch.Name}]", StringComparison.Ordinal))))
            {
                warnings.Add(warning);
                at = end;
            }
            else
            {
                others.Add(log[at]);
            }
        }

        return (others, warnings);
    }

    // A warning that does not end, or in which another one begins, is not one that is known.
    private static int EndOf(IReadOnlyList<string> log, int begin)
    {
        for (var at = begin + 1; at < log.Count && !log[at].Contains(Begin, StringComparison.Ordinal); at++)
        {
            if (log[at].Contains(End, StringComparison.Ordinal))
                return at;
        }

        return -1;
    }

    private static bool IsOfDlm(List<string> block, string warning) =>
        warning.Contains("WARNING: ", StringComparison.Ordinal) && warning.Contains(" fs/dlm/", StringComparison.Ordinal) && block.Exists(line => line.StartsWith(Spanning, StringComparison.Ordinal));
}
