using System.Runtime.InteropServices;
using PcmkKpatch.Tests.Kernel;

namespace PcmkKpatch.ToolTests.Support;

/// <summary>Packages built for the tests, each once.</summary>
internal static class Rpms
{
    private static readonly string s_arch = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64";
    private static readonly TempFolder s_folder = Cleanup.AtTheEnd(new TempFolder());
    private static readonly Dictionary<string, string> s_built = [];

    /// <summary>The kernel that they are for.</summary>
    public static string Kernel { get; } = $"5.14.0-362.8.1.el9_3.{s_arch}";

    /// <summary>What runs already where a live patch can be installed: the kernel, and the kpatch utility; and the shell that scriptlets ask for.</summary>
    public static string[] Base => [Other("kernel-core", more: $"Provides: kernel-uname-r = {Kernel}"), Other("kpatch", "0.9.7"), Other("bash", more: "Provides: /bin/sh")];

    /// <summary>A package that holds a live patch.</summary>
    /// <param name="number">Its release number; the newer, the higher.</param>
    /// <param name="version">0 for the empty one.</param>
    /// <param name="modules">How many modules it holds.</param>
    /// <param name="more">More lines of its spec's head.</param>
    /// <param name="folder">Where its modules go.</param>
    public static string Patch(int number, string version = "1", int modules = 1, string more = "", string? folder = null)
    {
        var defines = $"patch_version={version}\0patch_release={number}\0modules={modules}" + (more.Length > 0 ? $"\0more={more}" : "") + (folder is null ? "" : $"\0folder={folder}");
        return Build("kpatch-patch", $"module={Module(version, number)}\0{defines}");
    }

    /// <summary>A package of nothing but its name.</summary>
    public static string Other(string name, string version = "1", string more = "") =>
        Build("other", $"other={name}\0other_version={version}" + (more.Length > 0 ? $"\0more={more}" : ""));

    /// <summary>The full name of that package, as rpm has it.</summary>
    public static string NameOf(string file) => Path.GetFileNameWithoutExtension(file);

    /// <summary>Where that package puts its module.</summary>
    public static string PathOf(int number, string version = "1") => $"/usr/lib/kpatch/{Kernel}/kpatch-5_14_0-362_8_1-{version}-{number}.ko";

    private static string Module(string version, int number)
    {
        var path = s_folder.At($"{version}-{number}.ko");
        var module = new ModuleFile
        {
            Info = $"name=kpatch_5_14_0_362_8_1_{version}_{number}\0livepatch=Y\0vermagic={Kernel} SMP mod_unload\0",
            Notes = ModuleFile.BuildIdNote([0xAB, (byte)number]),
        };
        lock (s_built)
        {
            // Once: another test's rpmbuild may read it meanwhile.
            if (!File.Exists(path))
                File.WriteAllBytes(path, module.Bytes());
        }

        return path;
    }

    private static string Build(string spec, string defines)
    {
        lock (s_built)
        {
            if (s_built.TryGetValue(spec + defines, out var file))
                return file;
            var top = s_folder.At($"build-{s_built.Count}");
            var answer = Shell.Run("rpmbuild", [
                "-bb", "--quiet", "--define", $"_topdir {top}", "--define", $"_dbpath {top}/db", "--define", $"kernel_release {Kernel}",
                .. defines.Split('\0').SelectMany(define => (string[])["--define", define.Split('=', 2) is var words ? $"{words[0]} {words[1]}" : define]),
                Path.Combine(TestContext.CurrentContext.TestDirectory, "Specs", spec + ".spec")]);
            Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
            return s_built[spec + defines] = Directory.GetFiles($"{top}/RPMS", "*.rpm", SearchOption.AllDirectories).Single();
        }
    }
}
