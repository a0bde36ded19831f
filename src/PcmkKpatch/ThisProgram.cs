using System.Reflection;

namespace PcmkKpatch;

/// <summary>This program about itself.</summary>
internal static class ThisProgram
{
    /// <summary>Its version; Directory.Build.props is the one place that says it.</summary>
    public static string Version { get; } =
        typeof(ThisProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>
    /// Called as the agent: by the name under which it lies in the OCF folder. The runtime hides the name a program was called by; the
    /// kernel does not.
    /// </summary>
    public static bool IsAgent => Path.GetFileName(File.ReadAllText("/proc/self/cmdline").Split('\0')[0]) == "kpatch";
}
