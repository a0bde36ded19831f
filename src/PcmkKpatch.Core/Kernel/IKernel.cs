namespace PcmkKpatch.Core.Kernel;

/// <summary>Through what a patch is loaded.</summary>
public enum Loader
{
    /// <summary>The kpatch utility where it is installed, insmod otherwise.</summary>
    Auto,

    /// <summary>kpatch load, which waits for the patch transition and turns back one that does not end.</summary>
    Kpatch,

    /// <summary>The kernel's own interface: insmod, and /sys/kernel/livepatch.</summary>
    Kernel,
}

/// <summary>What became of an attempt to load.</summary>
/// <param name="Accepted">The loader says that it worked. Believed only when read from the kernel.</param>
/// <param name="Words">What the loader said, for people.</param>
/// <param name="Stalled">The loader itself waited for the patch transition, in vain, and turned it back.</param>
public sealed record LoadAnswer(bool Accepted, string Words, bool Stalled = false)
{
    /// <summary>What kept the patch transition from ending while the loader waited, as last seen.</summary>
    public PatchTransition? Blocked { get; init; }
}

/// <summary>The running kernel and the patch files of this node. Every call may throw <see cref="ToolFailedException"/>.</summary>
public interface IKernel
{
    /// <summary>The kernel in this moment.</summary>
    KernelView See();

    /// <summary>How far the patch transition under way is; nobody left where there is none.</summary>
    PatchTransition SeeTransition();

    /// <summary>The patch that the parameter "patch" means on this node.</summary>
    PatchChoice Choose(string patch, KernelView kernel);

    /// <summary>The functions that the module replaces. Does not throw.</summary>
    Fact<IReadOnlyList<string>> Functions(PatchModule module);

    /// <summary>Loads the module. Blocks for as long as the loader does.</summary>
    LoadAnswer Load(PatchModule module, Loader loader);

    /// <summary>Writes 0 to the patch's file "enabled": turns an unfinished patch transition back, or begins to take a whole patch back.</summary>
    void Disable(string name);

    /// <summary>Removes a module that is no longer a patch in force. A module that is not there is no error.</summary>
    void Remove(string name);
}
