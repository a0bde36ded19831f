namespace PcmkKpatch.Core.Kernel;

/// <summary>What became of an attempt to load.</summary>
/// <param name="Accepted">The loader says that it worked. Believed only when read from the kernel.</param>
/// <param name="Words">What the loader said, for people.</param>
/// <param name="Stalled">The loader itself waited for the patch transition, in vain, and turned it back.</param>
public sealed record LoadAnswer(bool Accepted, string Words, bool Stalled = false);

/// <summary>The running kernel and the patch files of this node. Every call may throw <see cref="ToolFailedException"/>.</summary>
public interface IKernel
{
    /// <summary>The kernel in this moment.</summary>
    KernelView See();

    /// <summary>The patch that the parameter "patch" means on this node.</summary>
    PatchChoice Choose(string patch, KernelView kernel);

    /// <summary>Loads the module. Blocks for as long as the loader does.</summary>
    LoadAnswer Load(PatchModule module);

    /// <summary>Turns an unfinished patch transition back.</summary>
    void Reverse(string name);

    /// <summary>Removes a module that is no longer a patch in force. A module that is not there is no error.</summary>
    void Remove(string name);
}
