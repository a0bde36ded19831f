using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Host;

namespace PcmkKpatch.Livepatch;

/// <summary>The kernels that vendors support: the administrator's file where there is one, else the list that came with this program.</summary>
internal static class SupportFile
{
    private const string Own = "supported-kernels";

    /// <summary>What the list says of a kernel. One that cannot be read, or is not understood, says nothing of any.</summary>
    public static KernelSupport Of(string release) => Read().IsKnown(out var table, out var unknown) ? table.Of(release) : new KernelSupport(SupportState.Unknown, unknown);

    private static Fact<SupportTable> Read() => OurTable.Read(Paths.SupportedKernels, SupportTable.Parse) ?? Fact.Known(s_own.Value);

    private static readonly Lazy<SupportTable> s_own = new(() =>
    {
        using var stream = typeof(SupportFile).Assembly.GetManifestResourceStream(Own)!;
        using var reader = new StreamReader(stream);
        return SupportTable.Parse(reader.ReadToEnd(), out var error) ?? throw new InvalidOperationException($"{Own}: {error}");
    });
}
