using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Livepatch;

/// <summary>Where patches are installed: RHEL's packages put them into the first folder, kpatch install into the second.</summary>
internal static class PatchFolders
{
    /// <summary>Where packages put their modules, in a folder for each kernel.</summary>
    public const string OfPackages = "/usr/lib/kpatch";

    private static readonly string[] s_folders = [OfPackages, "/var/lib/kpatch"];
    private static readonly string[] s_endings = [".ko", ".ko.xz", ".ko.gz", ".ko.zst"];

    /// <summary>The newest patch installed for that kernel. A file there that cannot be used is told, not passed over.</summary>
    public static PatchChoice Newest(string release)
    {
        var modules = new List<PatchModule>();
        foreach (var folder in s_folders.Select(folder => Path.Combine(folder, release)).Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(folder).Where(IsModule).Order(StringComparer.Ordinal))
            {
                var choice = SysKernel.Open(file);
                if (choice is not PatchChoice.Found found)
                    return choice;
                modules.Add(found.Module);
            }
        }

        return PatchOrder.Newest(modules, string.Join(" and ", s_folders.Select(folder => $"{folder}/{release}")));
    }

    // A compressed module is seen, so that it can be told. What lies beside under other names is not: half a copy, a package manager's leftovers.
    private static bool IsModule(string path) => s_endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal));
}
