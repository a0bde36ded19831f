namespace PcmkKpatch.Livepatch;

/// <summary>The kernels that are installed: RHEL's packages put the kernel beside its modules, Debian's into /boot.</summary>
internal static class InstalledKernels
{
    private const string Boot = "vmlinuz-";

    /// <summary>Their releases.</summary>
    public static IReadOnlyList<string> See(string root = "/")
    {
        var modules = $"{root}lib/modules";
        var boot = $"{root}boot";
        return
        [
            .. (Directory.Exists(modules) ? Directory.GetDirectories(modules) : []).Where(folder => File.Exists($"{folder}/vmlinuz")).Select(folder => Path.GetFileName(folder))
                .Union((Directory.Exists(boot) ? Directory.GetFiles(boot, $"{Boot}*") : []).Select(file => Path.GetFileName(file)[Boot.Length..])),
        ];
    }
}
