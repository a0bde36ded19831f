using PcmkKpatch.Host;

namespace PcmkKpatch.Livepatch;

/// <summary>A package in a file, looked into without being installed, by rpm, rpm2cpio and cpio: RHEL 8 to 10 have these three on every node.</summary>
internal static class PackageFile
{
    /// <summary>The kernel modules that it would install, compressed ones too.</summary>
    public static IReadOnlyList<string> Modules(string file) =>
        [.. Tool.Run("rpm", ["-q", "-p", "-l", file]).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(path => path[0] == '/' && Path.GetFileName(path).Split('.') is [.., "ko"] or [.., "ko", "xz" or "gz" or "zst"])];

    /// <summary>Unpacks one of its files.</summary>
    public static void Extract(string file, string path, string to)
    {
        var archive = to + ".cpio";
        Tool.RunInto(archive, "rpm2cpio", [file]);
        Tool.RunInto(to, "cpio", ["--quiet", "--extract", "--to-stdout", $"--file={archive}", $".{path}"]);
        File.Delete(archive);
    }
}
