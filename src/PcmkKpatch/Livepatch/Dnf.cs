using PcmkKpatch.Core;
using PcmkKpatch.Host;

namespace PcmkKpatch.Livepatch;

/// <summary>
/// dnf 4. Signatures are its business: gpgcheck as the repository's configuration has it, looked at when a package is fetched. It never
/// waits for a lock here: who has it is said, and the caller comes again.
/// </summary>
internal static class Dnf
{
    /// <summary>What must be installed for patch=package.</summary>
    public static readonly IReadOnlyList<string> Tools = ["dnf", "rpm", "rpm2cpio", "cpio"];

    private const string ExitOnLock = "--setopt=exit_on_lock=True";
    private const int Locked = 200;
    private const int LongestReason = 300;
    private static readonly TimeSpan s_askDeadline = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_actDeadline = TimeSpan.FromMinutes(10);

    // Without its scriptlets, which would load and persist the patch at once. The repositories are left out: nothing else can come
    // along, nothing is fetched, and one that does not answer is in nobody's way.
    private static readonly string[] s_fromFile = ["install", ExitOnLock, "--disablerepo=*", "--setopt=tsflags=noscripts", "--setopt=install_weak_deps=False"];
    private static readonly string[] s_fromRepository = ["install", ExitOnLock, "--setopt=install_weak_deps=False"];

    /// <summary>The newest of each package that the repositories offer for that kernel. How old dnf's own metadata may be is its configuration's business.</summary>
    /// <param name="release">The kernel's release.</param>
    /// <param name="cached">What dnf has fetched before is enough, however old it is: nothing is fetched now.</param>
    public static IReadOnlyList<PackageId> Offers(string release, bool cached = false)
    {
        string[] arguments = ["repoquery", .. cached ? ["--cacheonly"] : (string[])[], ExitOnLock, "--latest-limit=1", "--whatprovides", $"kpatch-patch = {release}", "--qf", PackageId.Format];
        var answer = Ask(arguments, s_askDeadline);
        var offers = PackageId.In(answer.Output);
        var leftOut = answer.Errors.Split('\n').FirstOrDefault(line => line.StartsWith("Ignoring repositories", StringComparison.Ordinal));
        return answer.ExitCode != 0 ? throw Failed(arguments, answer)
            : offers.Count == 0 && leftOut is not null ? throw new ToolFailedException("dnf", null, $"nothing found, but not every repository answers: {leftOut}")
            : offers;
    }

    /// <summary>That very package is installed, as rpm has it.</summary>
    public static bool IsInstalled(PackageId package)
    {
        string[] arguments = ["-q", "--qf", PackageId.Format, package.Name];
        var answer = Tool.Ask("rpm", arguments);
        return answer.ExitCode == 0 ? PackageId.In(answer.Output).Contains(package)
            : answer.Output.Contains("is not installed", StringComparison.Ordinal) ? false
            : throw Tool.Failed("rpm", arguments, answer);
    }

    /// <summary>What installing that package from the repositories would do; null, with dnf's words, where it cannot be done.</summary>
    public static DnfTransaction? TryFromRepository(PackageId package, out string why) => Try([.. s_fromRepository, "--assumeno", package.ToString()], out why);

    /// <summary>Fetches that package, and what it pulls in, into a folder.</summary>
    /// <returns>Why it is not to be trusted; null where dnf trusts it.</returns>
    public static string? Download(PackageId package, string folder)
    {
        string[] arguments = [.. s_fromRepository, "-y", "--downloadonly", $"--destdir={folder}", package.ToString()];
        var answer = Ask(arguments, s_actDeadline);
        return answer.ExitCode == 0 ? null : IsDistrust(answer) ? Reason(answer) : throw Failed(arguments, answer);
    }

    /// <summary>What installing that file would do; null, with dnf's words, where it cannot be done.</summary>
    public static DnfTransaction? TryFromFile(string file, out string why) => Try([.. s_fromFile, "--assumeno", file], out why);

    /// <summary>Installs that file.</summary>
    public static void Install(string file)
    {
        string[] arguments = [.. s_fromFile, "-y", file];
        var answer = Ask(arguments, s_actDeadline);
        if (answer.ExitCode != 0)
            throw Failed(arguments, answer);
    }

    /// <summary>The signature was looked at and found wrong, or no key is there to look with. That does not pass by itself.</summary>
    public static bool IsDistrust(ToolAnswer answer) =>
        answer.Errors.Contains("GPG check FAILED", StringComparison.Ordinal) || (answer.Errors + answer.Output).Contains("do not have any GPG public keys", StringComparison.Ordinal);

    private static DnfTransaction? Try(string[] arguments, out string why)
    {
        var answer = Ask(arguments, s_askDeadline);
        why = Reason(answer);
        if (answer.ExitCode == 0 || answer.Errors.Contains("Operation aborted", StringComparison.Ordinal))
            return DnfTransaction.Parse(answer.Output);
        // The solver's word stays the same until packages or repositories change, as does a missing key; anything else may pass by itself.
        return IsImpossible(answer) || IsDistrust(answer) ? null : throw Failed(arguments, answer);
    }

    private static bool IsImpossible(ToolAnswer answer) =>
        answer.Errors.Contains("Problem", StringComparison.Ordinal) && answer.Errors.Contains("\n  - ", StringComparison.Ordinal);

    private static ToolAnswer Ask(string[] arguments, TimeSpan deadline) => Tool.Ask("dnf", arguments, deadline);

    private static ToolFailedException Failed(string[] arguments, ToolAnswer answer) => new($"dnf {arguments[0]}", answer.ExitCode, Reason(answer));

    /// <summary>What dnf complained of, in one line.</summary>
    public static string Reason(ToolAnswer answer)
    {
        var lines = (string.IsNullOrWhiteSpace(answer.Errors) ? answer.Output : answer.Errors)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToList();
        if (answer.ExitCode == Locked && lines.Find(line => line.Contains(" already locked by ", StringComparison.Ordinal)) is { } locked)
        {
            var holder = lines.Find(line => line.StartsWith("The application with PID ", StringComparison.Ordinal))?.Split(": ")[^1] ?? "another program";
            return $"locked by {holder} (process {locked.Split(' ')[^1]})";
        }

        if (lines.Exists(line => line.Contains("can't create transaction lock", StringComparison.Ordinal)))
            return "another program is changing the rpm database";
        // From dnf's own "Error" on; before it are notes about other things.
        var from = Math.Max(0, lines.FindIndex(line => line.StartsWith("Error:", StringComparison.Ordinal)));
        var reason = string.Join(' ', lines.Skip(from).Where(line => line is not "Error:" && !line.StartsWith("(try to", StringComparison.Ordinal)));
        return reason.Length == 0 ? "it said nothing" : reason.Length <= LongestReason ? reason : reason[..LongestReason] + "…";
    }
}
