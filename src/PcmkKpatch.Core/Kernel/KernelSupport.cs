namespace PcmkKpatch.Core.Kernel;

/// <summary>What is known of a vendor's support for live patching a kernel in a High Availability cluster.</summary>
public enum SupportState
{
    /// <summary>It is not known.</summary>
    Unknown,

    /// <summary>The vendor supports it.</summary>
    Supported,

    /// <summary>The vendor does not.</summary>
    Unsupported,
}

/// <summary>Whether the vendor supports live patching that kernel in a High Availability cluster.</summary>
/// <param name="State">Whether.</param>
/// <param name="Why">By what, or why not, or why that is not known: half a sentence.</param>
public sealed record KernelSupport(SupportState State, string Why)
{
    /// <summary>The oldest patch that the vendor supports for the first of its kernels, by its module's name; null where it names none.</summary>
    public string? FirstPatch { get; init; }

    /// <summary>Nobody looked.</summary>
    public static KernelSupport NotLookedFor { get; } = new(SupportState.Unknown, "it was not looked for");
}

/// <summary>One line of the table: a vendor's kernels from one on.</summary>
/// <param name="Distribution">The word in the kernel's release that tells whose it is, such as el9.</param>
/// <param name="First">The first kernel that is supported.</param>
/// <param name="Architectures">For these.</param>
/// <param name="FirstPatch">The first patch of that kernel that is, by its module's name; null where all are.</param>
/// <param name="Vendor">Whose, and from which release on, for people.</param>
public sealed record SupportedKernels(string Distribution, KernelRelease First, IReadOnlyList<string> Architectures, string? FirstPatch, string Vendor);

/// <summary>
/// The kernels that vendors support for live patching in a High Availability cluster. Data, not code: a file of the product's, in whose place an administrator
/// may put one. A form that is not known is refused whole, so that no half of a list is taken for all of it.
/// </summary>
public sealed class SupportTable
{
    /// <summary>The first line that is no comment: the form of the file.</summary>
    public const string Head = "supported-kernels 1";

    private readonly IReadOnlyList<SupportedKernels> _lines;

    private SupportTable(IReadOnlyList<SupportedKernels> lines) => _lines = lines;

    /// <summary>Reads the table.</summary>
    /// <param name="text">The file.</param>
    /// <param name="error">What is wrong with which line, and what to write; null where nothing is.</param>
    public static SupportTable? Parse(string text, out string? error)
    {
        var lines = new List<SupportedKernels>();
        error = TableText.Problem(text, Head, words => Add(words, lines));
        return error is null ? new SupportTable(lines) : null;
    }

    /// <summary>What the table says of a kernel.</summary>
    public KernelSupport Of(string release)
    {
        if (KernelRelease.Parse(release) is not { } kernel)
            return new(SupportState.Unknown, $"{release} is no kernel's release that is understood");
        if (_lines.FirstOrDefault(l => kernel.IsOf(l.Distribution)) is not { } line)
            return new(SupportState.Unknown, $"no vendor's list has kernels such as {release}");
        return !line.Architectures.Contains(kernel.Architecture) ? new(SupportState.Unsupported, $"{line.Vendor}: not for {kernel.Architecture}, only for {string.Join(", ", line.Architectures)}")
            : line.First.IsNewerThan(kernel) ? new(SupportState.Unsupported, $"{line.Vendor}: {release} is older than the first kernel that is")
            : new(SupportState.Supported, line.Vendor) { FirstPatch = line.FirstPatch };
    }

    private static string? Add(string[] words, List<SupportedKernels> lines)
    {
        if (words.Length < 5)
            return "write a distribution's word, its first kernel, architectures with commas between them, its first patch or -, and the vendor: el9 5.14.0-70.13.1 x86_64 - RHEL 9";
        if (KernelRelease.Parse(words[1]) is not { Rest: "" } first)
            return $"{ListText.Quote(words[1])} is no kernel's version; write for example 5.14.0-70.13.1";
        if (lines.Exists(l => l.Distribution == words[0]))
            return $"{ListText.Quote(words[0])} is written twice";
        lines.Add(new(words[0], first, words[2].Split(','), words[3] == "-" ? null : words[3].Replace('-', '_'), string.Join(' ', words[4..])));
        return null;
    }
}
