using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Livepatch;

/// <summary>dnf.</summary>
internal sealed class Packages : IPackages
{
    /// <inheritdoc/>
    public string? Install(string package) => throw new ToolFailedException("dnf", null, $"{package} cannot be installed yet");
}
