namespace PcmkKpatch.Core.Kernel;

/// <summary>The kernel's taint mask, bits as in the kernel's Documentation/admin-guide/tainted-kernels.rst.</summary>
public static class Taint
{
    /// <summary>The kernel has warned (W).</summary>
    public const ulong Warning = 1 << 9;

    private static readonly (int Bit, string Meaning)[] s_serious =
    [
        (4, "machine check (M)"), (5, "bad page (B)"), (7, "oops (D)"), (9, "kernel warning (W)"), (14, "lockup (L)"),
    ];

    /// <summary>Signs of trouble that are set now and were not before. A live patch's own bits (O, E, K) are none.</summary>
    public static IReadOnlyList<string> NewTrouble(ulong before, ulong now) =>
        [.. s_serious.Where(s => ((now & ~before) >> s.Bit & 1) == 1).Select(s => s.Meaning)];
}
