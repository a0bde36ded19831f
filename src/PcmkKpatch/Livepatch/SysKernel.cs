using PcmkKpatch.Core;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;

namespace PcmkKpatch.Livepatch;

/// <summary>
/// The running kernel through its own files (ABI: the kernel's Documentation/ABI/testing/sysfs-kernel-livepatch), the patch files on
/// this node, and whichever loader is installed.
/// </summary>
internal sealed class SysKernel : IKernel
{
    private const string Livepatch = "/sys/kernel/livepatch";
    private const string Modules = "/sys/module";

    /// <inheritdoc/>
    public KernelView See() => new()
    {
        Release = SysFile.Line("/proc/sys/kernel/osrelease"),
        CanLivePatch = Directory.Exists(Livepatch),
        Patches = Directory.Exists(Livepatch) ? [.. Directory.EnumerateDirectories(Livepatch).Select(ReadPatch).OfType<LivePatch>()] : [],
        Modules = Directory.Exists(Modules) ? Directory.EnumerateDirectories(Modules).Select(folder => Path.GetFileName(folder)).ToHashSet() : [],
        Taint = SysFile.Number("/proc/sys/kernel/tainted"),
    };

    /// <inheritdoc/>
    public PatchChoice Choose(string patch, KernelView kernel) =>
        Parameters.PatchPath(patch, kernel.Release) is { } path ? Open(path) : PatchFolders.Newest(kernel.Release);

    /// <inheritdoc/>
    public LoadAnswer Load(PatchModule module, Loader loader) =>
        loader == Loader.Kpatch || (loader == Loader.Auto && KpatchUtility.IsInstalled) ? KpatchUtility.Load(module.Path) : Kmod.Insert(module.Path);

    /// <inheritdoc/>
    public PatchTransition SeeTransition() => new(0, []);

    /// <inheritdoc/>
    public void Disable(string name)
    {
        var file = $"{Livepatch}/{name}/enabled";
        try
        {
            File.WriteAllText(file, "0");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Gone: it is turned back already.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(file, null, e.Message);
        }
    }

    /// <inheritdoc/>
    public void Remove(string name) => Kmod.Remove(name);

    /// <summary>Reads a module file without loading it.</summary>
    public static PatchChoice Open(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return ModuleReader.Read(file, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return new PatchChoice.Unusable(new Refusal("patch.unreadable", $"{path} cannot be read: {e.Message}", "install the patch on this node, or correct the parameter patch"));
        }
    }

    // The kernel may take a patch away while its files are read: then it is not there.
    private static LivePatch? ReadPatch(string folder)
    {
        var name = Path.GetFileName(folder);
        try
        {
            var enabled = File.ReadAllText($"{folder}/enabled").Trim() == "1";
            // Kernels before 4.12 have no consistency model, hence no transition.
            var transition = File.Exists($"{folder}/transition") && File.ReadAllText($"{folder}/transition").Trim() == "1";
            return new LivePatch(name, enabled, transition, BuildId(name));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException || (e is IOException && !Directory.Exists(folder)))
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(folder, null, e.Message);
        }
    }

    private static string? BuildId(string module)
    {
        var file = $"{Modules}/{module}/notes/.note.gnu.build-id";
        try
        {
            return ModuleReader.BuildIdIn(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
