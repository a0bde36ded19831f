using System.Text.Json;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Host;

namespace PcmkKpatch.Livepatch;

/// <summary>What came of asking dnf, kept in memory of the node, for asking is slow. Times are since boot.</summary>
/// <param name="Kernel">The kernel release it was asked for.</param>
internal sealed record PackageLook(string Kernel)
{
    /// <summary>When dnf last answered; null where it never did.</summary>
    public TimeSpan? Answered { get; init; }

    /// <summary>When asking failed after that; null where it did not.</summary>
    public TimeSpan? Failed { get; init; }

    /// <summary>Why it failed.</summary>
    public string Problem { get; init; } = "";

    /// <summary>The module in the package that dnf offers and that is not installed; null where what is installed is to be taken.</summary>
    public PatchModule? Module { get; init; }

    /// <summary>Why what dnf offers cannot be used; null where it can.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>The newest package is installed: this one; null otherwise.</summary>
    public string? Installed { get; init; }

    /// <summary>What dnf said, where it offers nothing to be loaded.</summary>
    public string Nothing { get; init; } = "";

    /// <summary>The patch that follows from it, with what is installed in this moment.</summary>
    public PatchChoice Choice()
    {
        if (Refusal is not null)
            return new PatchChoice.Unusable(Refusal);
        if (Module is not null)
            return new PatchChoice.Found(Module);
        var installed = PatchFolders.Newest(Kernel);
        return installed is not PatchChoice.None ? installed
            : Installed is null ? new PatchChoice.None(Nothing)
            : new PatchChoice.Unusable(new Refusal(
                "patch.gone", $"{Installed} is installed, but no module of it is there for {Kernel}", $"dnf --setopt=tsflags=noscripts reinstall {Installed}"));
    }

    /// <summary>The last look; null where there was none since the boot.</summary>
    public static PackageLook? Read(string path)
    {
        try
        {
            return Records.ReadPackageLook(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            // One that cannot be read is made anew.
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(path, null, e.Message);
        }
    }

    /// <summary>Keeps it.</summary>
    public void Write(string path) => Posix.Replace(path, JsonSerializer.SerializeToUtf8Bytes(this, Records.Default.PackageLook));
}
