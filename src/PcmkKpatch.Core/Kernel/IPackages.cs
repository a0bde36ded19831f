namespace PcmkKpatch.Core.Kernel;

/// <summary>The package manager, for patch=package.</summary>
public interface IPackages
{
    /// <summary>
    /// Installs that package alone, without its scriptlets, which would load and persist the patch at once. It was fetched before. One
    /// that is installed is well. Does not throw: believed only when the module's file is there.
    /// </summary>
    /// <returns>What the package manager said where it failed; null otherwise.</returns>
    string? Install(string package);
}
