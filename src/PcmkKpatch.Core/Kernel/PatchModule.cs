namespace PcmkKpatch.Core.Kernel;

/// <summary>A live patch module in a file, known without loading it.</summary>
/// <param name="Path">The file.</param>
/// <param name="Name">The module's name as the kernel will show it.</param>
/// <param name="BuildId">The build id in hexadecimal.</param>
/// <param name="Release">The kernel release it was built for: the first word of its vermagic.</param>
/// <param name="IsLivePatch">Its .modinfo says livepatch=Y.</param>
public sealed record PatchModule(string Path, string Name, string BuildId, string Release, bool IsLivePatch)
{
    /// <summary>Who signed it, as the signature itself says; null where it bears none.</summary>
    public string? Signer { get; init; }

    /// <summary>The package that is to be installed before the file is there; null where it is.</summary>
    public string? Package { get; init; }

    /// <summary>True where that build id is this file's.</summary>
    public bool IsBuild(string? buildId) => string.Equals(BuildId, buildId, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What a look for the patch to load found: a module, or why there is none.</summary>
public abstract record PatchChoice
{
    private PatchChoice()
    {
    }

    /// <summary>This one.</summary>
    public sealed record Found(PatchModule Module) : PatchChoice;

    /// <summary>No patch is there for this kernel. Nothing is wrong.</summary>
    public sealed record None(string Where) : PatchChoice;

    /// <summary>Something is there that cannot be used; a person must look.</summary>
    public sealed record Unusable(Gates.Refusal Why) : PatchChoice;
}
