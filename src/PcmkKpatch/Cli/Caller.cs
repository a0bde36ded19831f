using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Cli;

/// <summary>Who types. For people, and no more than that: whoever is root here could say anything.</summary>
internal static class Caller
{
    private const int LongestName = 32;

    /// <summary>The user who became root by sudo; null where nobody did, or what stands there is no name.</summary>
    public static string? BySudo => Environment.GetEnvironmentVariable("SUDO_USER") is { Length: > 0 } user && IsName(user) ? user : null;

    /// <summary>That user, or else root.</summary>
    public static string Name => BySudo ?? "root";

    private static bool IsName(string user) => PlainText.Of(user, LongestName) == user && !user.Any(char.IsWhiteSpace);
}
