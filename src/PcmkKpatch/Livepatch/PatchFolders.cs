using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Livepatch;

/// <summary>Where patches are installed: RHEL's packages put them into the first folder, kpatch install into the second.</summary>
internal static class PatchFolders
{
    /// <summary>Where packages put their modules, in a folder for each kernel.</summary>
    public const string OfPackages = "/usr/lib/kpatch";

    private static readonly string[] s_folders = [OfPackages, "/var/lib/kpatch"];
    private static readonly string[] s_endings = [".ko", ".ko.xz", ".ko.gz", ".ko.zst"];

    /// <summary>Both, for that kernel.</summary>
    public static IEnumerable<string> Of(string release) => s_folders.Select(folder => Path.Combine(folder, release));

    /// <summary>The newest patch installed for that kernel. A file there that cannot be used is told, not passed over.</summary>
    public static PatchChoice Newest(string release) => Newest(release, s_folders);

    /// <summary>The newest patch for that kernel in these folders; between two of the same name the first folder's.</summary>
    public static PatchChoice Newest(string release, IReadOnlyList<string> folders)
    {
        var modules = new List<PatchModule>();
        foreach (var folder in folders.Select(folder => Path.Combine(folder, release)).Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(folder).Where(IsModule).Order(StringComparer.Ordinal))
            {
                var choice = SysKernel.Open(file);
                if (choice is PatchChoice.Found found)
                    modules.Add(found.Module);
                // One that is gone again was replaced in this moment, by a package manager for one.
                else if (choice is not PatchChoice.Unusable { Why.Id: SysKernel.Missing } || new FileInfo(file).LinkTarget is not null)
                    return choice;
            }
        }

        return PatchOrder.Newest(modules, string.Join(" and ", folders.Select(folder => $"{folder}/{release}")));
    }

    // A compressed module is seen, so that it can be told. What lies beside under other names is not: half a copy, a package manager's leftovers.
    private static bool IsModule(string path) => s_endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal));
}
