using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Host;

namespace PcmkKpatch.Livepatch;

/// <summary>
/// /var/lib/kpatch/KERNEL, from where kpatch.service loads every *.ko at boot. "kpatch install" is not used for it: it copies in place, so
/// that a full disk or a power cut leaves half a module there.
/// </summary>
internal sealed class BootFolder : IBootStore
{
    private const string Root = "/var/lib/kpatch";
    private const string Service = "kpatch.service";
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public BootView See(PatchModule module)
    {
        var file = FileOf(module);
        var folder = Path.GetDirectoryName(file)!;
        // Its word for how the unit stands: enabled, disabled, … One that an administrator masked shall load nothing; that is theirs to say.
        var answer = Tool.Ask("systemctl", ["is-enabled", Service], s_deadline);
        try
        {
            return new BootView(
                ServiceInstalled: answer.Output.Trim() is not ("" or "not-found" or "masked" or "masked-runtime"),
                ServiceEnabled: answer.ExitCode == 0,
                Modules: Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.ko").Order(StringComparer.Ordinal)] : [],
                Staged: IsCopy(module, StagedOf(module)),
                Holds: IsCopy(module, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(folder, null, e.Message);
        }
    }

    /// <inheritdoc/>
    public string? Stage(PatchModule module) => Try(() =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FileOf(module))!);
        Posix.Write(StagedOf(module), File.ReadAllBytes(module.Path), Posix.ForAllToRead);
    });

    /// <inheritdoc/>
    public string? Remove(string path) => Try(() => Posix.Delete(path));

    /// <inheritdoc/>
    public string? Commit(PatchModule module) => Try(() =>
    {
        var file = FileOf(module);
        // kpatch_var_lib_t, which the folder's own label gives it already where the policy is as shipped. Before it has its name: a copy that
        // has it counts as done, and a rename keeps the label.
        if (Tool.Find("restorecon") is not null)
            Tool.Run("restorecon", [StagedOf(module)], s_deadline);
        Posix.Rename(StagedOf(module), file);
    });

    /// <inheritdoc/>
    public string? Enable() => Try(() => Tool.Run("systemctl", ["enable", Service], s_deadline));

    // Null, or why it did not work.
    private static string? Try(Action change)
    {
        try
        {
            change();
            return null;
        }
        catch (Exception e) when (e is ToolFailedException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static string FileOf(PatchModule module) => $"{Root}/{module.Release}/{Path.GetFileName(module.Path)}";

    // kpatch.service takes *.ko only.
    private static string StagedOf(PatchModule module) => FileOf(module) + ".new";

    private static bool IsCopy(PatchModule module, string path) =>
        // Where the patch itself was taken away meanwhile nothing can be a copy of it, and the copying says so.
        path == module.Path || (File.Exists(path) && File.Exists(module.Path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(module.Path)));
}
