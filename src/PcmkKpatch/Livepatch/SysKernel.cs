using PcmkKpatch.Core;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;

namespace PcmkKpatch.Livepatch;

/// <summary>
/// The running kernel through its own files (ABI: the kernel's Documentation/ABI/testing/sysfs-kernel-livepatch), the patch files on
/// this node, and whichever loader is asked for. The kernel may take any of its files away while they are read.
/// </summary>
/// <param name="root">The folder that holds sys and proc, with its slash.</param>
/// <param name="changeable">Who but root could change a file, so that it is not to be loaded; not asked where none is given, as a monitor need not.</param>
/// <param name="package">The newest patch for a kernel release where it comes from a package: dnf is not asked where none is given.</param>
internal sealed class SysKernel(string root = "/", Func<string, PatchChoice>? package = null, Func<string, string?>? changeable = null) : IKernel
{
    /// <summary>The refusal of a file that is not there.</summary>
    public const string Missing = "patch.missing";

    private readonly string _livepatch = $"{root}sys/kernel/livepatch";
    private readonly string _modules = $"{root}sys/module";
    private readonly string _sysctl = $"{root}proc/sys/kernel";

    /// <summary>
    /// Which patches are in force and nothing else, for the agent's monitor: that is all it needs to say whether one is due, and what only
    /// gates and verdicts ask for would be read in vain every time.
    /// </summary>
    public KernelView Glance() => Look(withObjects: false);

    /// <inheritdoc/>
    public KernelView See() => Look(withObjects: true) with
    {
        Modules = FoldersIn(_modules).Select(folder => Path.GetFileName(folder)).ToHashSet(),
        Taint = SysFile.Number($"{_sysctl}/tainted"),
        // The file comes with dynamic ftrace, which live patching needs: where it is not there, CanLivePatch says all there is to say.
        FtraceEnabled = SysFile.LineIfThere($"{_sysctl}/ftrace_enabled") != "0",
        // Not there where the kernel has no modules at all.
        ModulesDisabled = SysFile.LineIfThere($"{_sysctl}/modules_disabled") == "1",
        SignatureWanted = SignatureWanted(),
        Support = SupportFile.Of(SysFile.Line($"{_sysctl}/osrelease")),
        Kprobes = KprobeFile.See(root),
    };

    /// <inheritdoc/>
    public PatchTransition SeeTransition() =>
        Glance().Patches.FirstOrDefault(p => p.InTransition) is { } patch ? TaskStates.See(root, patch.Enabled ? 1 : 0) : new PatchTransition(0, []);

    /// <inheritdoc/>
    public PatchChoice Choose(string patch, KernelView kernel)
    {
        var choice = Parameters.IsPackage(patch) ? (package ?? Packages.Known)(kernel.Release)
            : Parameters.PatchPath(patch, kernel.Release) is { } path ? Open(path)
            : PatchFolders.Newest(kernel.Release);
        // One that comes in a package is not there yet, and is looked at when it is.
        return choice is PatchChoice.Found { Module: { Package: null } module } && changeable?.Invoke(module.Path) is { } who ? new PatchChoice.Unusable(Changeable(who)) : choice;
    }

    /// <inheritdoc/>
    public Fact<IReadOnlyList<string>> Functions(PatchModule module)
    {
        try
        {
            using var file = new FileStream(module.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return ModuleFunctions.Read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fact.Unknown<IReadOnlyList<string>>(module.Package is null ? e.Message : "its package is not installed yet");
        }
    }

    /// <inheritdoc/>
    public LoadAnswer Load(PatchModule module, Loader loader) => loader switch
    {
        Loader.Kernel => Kmod.Insert(module.Path),
        Loader.Auto when KpatchUtility.Missing is not null => Kmod.Insert(module.Path),
        _ when KpatchUtility.Missing is { } missing => new LoadAnswer(false, $"loader=kpatch, and {missing} is not installed on this node"),
        _ => KpatchUtility.Load(module.Path, SeeBlocked),
    };

    /// <inheritdoc/>
    public void Disable(string name)
    {
        var file = $"{_livepatch}/{name}/enabled";
        try
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.Write(handle, "0"u8, fileOffset: 0);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException || (e is IOException && !File.Exists(file)))
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

    /// <summary>The refusal of a file that others than root could change.</summary>
    public static Refusal Changeable(string who) => new("patch.changeable", who, "see where the file comes from; then make it and its folders root's own: chown root:root, chmod go-w");

    /// <summary>Reads a module file without loading it.</summary>
    public static PatchChoice Open(string path) => Open(path, out _);

    /// <summary>Reads a module file without loading it, and gives what it says of itself where it is a module.</summary>
    public static PatchChoice Open(string path, out ModuleContent? content)
    {
        content = null;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return ModuleReader.Read(file, path, out content);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new PatchChoice.Unusable(new Refusal(Missing, $"{path} is not there", "install the patch on this node, or correct the parameter patch"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return new PatchChoice.Unusable(new Refusal("patch.unreadable", $"{path} cannot be read: {e.Message}", "look at the file and its folder"));
        }
    }

    // Who keeps a patch from being in force; null where none is on its way there. A patch on its way back blocks nobody's load.
    private PatchTransition? SeeBlocked() => Glance().Patches.Any(p => p is { InTransition: true, Enabled: true }) ? TaskStates.See(root, target: 1) : null;

    private KernelView Look(bool withObjects) => new()
    {
        Release = SysFile.Line($"{_sysctl}/osrelease"),
        CanLivePatch = Directory.Exists(_livepatch),
        Patches = [.. FoldersIn(_livepatch).Select(folder => ReadPatch(folder, withObjects)).OfType<LivePatch>()],
        Modules = new HashSet<string>(),
        Taint = 0,
    };

    private LivePatch? ReadPatch(string folder, bool withObjects)
    {
        var name = Path.GetFileName(folder);
        try
        {
            var enabled = Flag($"{folder}/enabled");
            var transition = Flag($"{folder}/transition");
            // Both or nothing (every kernel that live patches without help has both, since 4.12): one without the other goes away just now,
            // also where there is a folder of that name again.
            return enabled is null || transition is null ? null
                : new LivePatch(name, enabled.Value, transition.Value, BuildId(name)) { Objects = withObjects ? ReadObjects(folder) : [] };
        }
        catch (ToolFailedException) when (!Directory.Exists(folder))
        {
            // What is opened just before it goes away fails otherwise (ENODEV).
            return null;
        }
    }

    // Kernels before 6.1 do not tell.
    private static Dictionary<string, bool> ReadObjects(string folder)
    {
        var objects = new Dictionary<string, bool>();
        foreach (var at in FoldersIn(folder))
        {
            if (Flag($"{at}/patched") is { } patched)
                objects.Add(Path.GetFileName(at), patched);
        }

        return objects;
    }

    private string? BuildId(string module)
    {
        var notes = SysFile.BytesIfThere($"{_modules}/{module}/notes/.note.gnu.build-id");
        return notes is null ? null : ModuleReader.BuildIdIn(notes);
    }

    // "none [integrity] confidentiality": both take signed modules only. Not there on kernels without lockdown.
    private string? SignatureWanted()
    {
        var file = $"{root}sys/kernel/security/lockdown";
        var lockdown = SysFile.LineIfThere(file);
        if (lockdown is not null && !lockdown.Contains('[', StringComparison.Ordinal))
            throw new ToolFailedException(file, null, $"is not understood: {lockdown}");
        return lockdown is not null && !lockdown.Contains("[none]", StringComparison.Ordinal) ? "lockdown"
            : SysFile.LineIfThere($"{_modules}/module/parameters/sig_enforce") == "Y" ? "module.sig_enforce"
            : null;
    }

    private static bool? Flag(string file) => SysFile.LineIfThere(file) switch
    {
        null => null,
        "0" => false,
        "1" => true,
        var other => throw new ToolFailedException(file, null, $"is neither 0 nor 1: {other}"),
    };

    private static IEnumerable<string> FoldersIn(string folder)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(folder)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(folder, null, e.Message);
        }
    }
}
