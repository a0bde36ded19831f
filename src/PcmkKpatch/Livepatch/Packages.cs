using Microsoft.Extensions.Logging;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Host;

namespace PcmkKpatch.Livepatch;

/// <summary>
/// patch=package. What dnf offers for the running kernel is fetched, and looked into, before anything is drained: every gate judges the
/// very module that the package would install, and the drained node needs no network.
/// </summary>
/// <param name="log">Told of looks that fail.</param>
/// <param name="uptime">The time since boot.</param>
internal sealed class Packages(ILogger log, Func<TimeSpan> uptime) : IPackages
{
    // The worker looks again after these, the agent has one started after those.
    private static readonly TimeSpan s_answerLasts = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_failureLasts = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_agentsAnswerLasts = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_agentsFailureLasts = TimeSpan.FromMinutes(5);

    /// <summary>The newest patch for that kernel. Asks dnf where its last answer is some minutes old.</summary>
    public PatchChoice Newest(string release)
    {
        var known = Last(release);
        if (IsOld(known, s_answerLasts, s_failureLasts))
        {
            try
            {
                known = Look(release, known) with { Answered = uptime() };
            }
            catch (Exception e) when (e is ToolFailedException or IOException or UnauthorizedAccessException)
            {
                // What was known goes on being good: a package that was fetched needs no repository any more.
                log.NoPackageNews(e.Message);
                known = (known ?? new PackageLook(release)) with { Failed = uptime(), Problem = e.Message };
                if (known.Answered is null)
                    known = known with { Nothing = e.Message };
            }

            known.Write(Paths.Package);
        }

        return known!.Choice();
    }

    /// <summary>The newest patch for that kernel as far as it is known without asking dnf.</summary>
    public static PatchChoice Known(string release) => Last(release)?.Choice() ?? PatchFolders.Newest(release);

    /// <summary>What is known is so old that the worker should look.</summary>
    public bool IsLookDue(string release) => IsOld(Last(release), s_agentsAnswerLasts, s_agentsFailureLasts);

    /// <summary>Why dnf could not be asked the last time; null where it could.</summary>
    public static string? Problem(string release) => Last(release) is { Failed: not null } look ? look.Problem : null;

    /// <inheritdoc/>
    public string? Install(string package)
    {
        try
        {
            var id = PackageId.Parse(package);
            if (Dnf.IsInstalled(id))
                return null;
            var file = FileOf(id);
            // Somebody has tidied up meanwhile.
            if (!File.Exists(file) && Fetch(id) is { } refusal)
                return refusal.Why;
            if (Dnf.TryFromFile(file, out var why) is not { } transaction)
                return why;
            if (!transaction.IsAlone(id.Name))
                return $"it would no longer be alone: {transaction.Others(id.Name)}";
            Dnf.Install(file);
            return Dnf.IsInstalled(id) ? null : "dnf says that it is installed, and rpm that it is not";
        }
        catch (Exception e) when (e is ToolFailedException or IOException or UnauthorizedAccessException or FormatException)
        {
            return e.Message;
        }
    }

    private static PackageLook? Last(string release) => PackageLook.Read(Paths.Package) is { } look && look.Kernel == release ? look : null;

    private bool IsOld(PackageLook? look, TimeSpan answerLasts, TimeSpan failureLasts)
    {
        var now = uptime();
        return look switch
        {
            null => true,
            { Failed: { } failed } => now - failed > failureLasts,
            { Answered: { } answered } => now - answered > answerLasts,
            _ => true,
        };
    }

    private static PackageLook Look(string release, PackageLook? before)
    {
        var look = new PackageLook(release);
        var offers = Dnf.Offers(release);
        if (offers.Count == 0)
            return look with { Nothing = $"dnf offers no kpatch-patch package for {release}" };
        if (offers.Count > 1)
            return look with { Refusal = new Refusal("patch.ambiguous", $"dnf offers more than one package for {release}: {string.Join(", ", offers)}", "name the module with the parameter patch=PATH") };
        var package = offers[0];
        if (package.IsEmpty)
            return look with { Nothing = $"dnf offers nothing for {release} but {package}, which is empty" };
        if (Dnf.IsInstalled(package))
        {
            Clear();
            return look with { Installed = package.ToString() };
        }

        if (before?.Module is { } same && same.Package == package.ToString() && File.Exists(FileOf(package)))
            return look with { Module = same };

        if (Dnf.TryFromRepository(package, out var why) is not { } transaction)
            return look with { Refusal = new Refusal("patch.transaction", $"{package} cannot be installed: {why}", "install by hand what it needs, on a drained node if that is wanted") };
        if (transaction.Changes.Count == 0 || transaction.IsDowngrade(package.Name))
            return look with { Nothing = $"what is installed is newer than {package}, which dnf offers" };
        if (!transaction.IsAlone(package.Name))
            return look with { Refusal = NotAlone(package, transaction) };
        return Fetch(package) is { } refusal ? look with { Refusal = refusal } : ReadModule(look, package);
    }

    private static Refusal NotAlone(PackageId package, DnfTransaction transaction) => new(
        "patch.transaction", $"{package} would not be installed alone: {transaction.Others(package.Name)}", "do that part by hand first; a run installs the patch's package and nothing else");

    // Fetched beside, and moved to its place whole. Nothing of an older package stays.
    private static Refusal? Fetch(PackageId package)
    {
        Clear();
        var folder = Path.Combine(Paths.Packages, "new");
        Directory.CreateDirectory(Paths.Packages, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(folder);
        if (Dnf.Download(package, folder) is { } distrust)
        {
            Clear();
            return new Refusal("patch.signature", $"dnf does not trust {package}: {distrust}", "import the key of whom you trust, or correct gpgcheck and gpgkey of the repository");
        }

        if (Directory.GetFiles(folder, "*.rpm") is not [var file])
            return new Refusal("patch.transaction", $"to install {package}, dnf fetches {Directory.GetFiles(folder).Length} packages", "see what: dnf install --downloadonly");
        File.Move(file, FileOf(package));
        return null;
    }

    private static PackageLook ReadModule(PackageLook look, PackageId package)
    {
        var file = FileOf(package);
        PackageLook Unusable(string why) => look with { Refusal = new Refusal("patch.package", $"{package} {why}", "name the module with the parameter patch=PATH") };
        var modules = PackageFile.Modules(file);
        if (modules.Count != 1)
            return Unusable(modules.Count == 0 ? "holds no kernel module" : $"holds more than one kernel module: {string.Join(", ", modules)}");
        var path = modules[0];
        if (Path.GetDirectoryName(path) != $"{PatchFolders.OfPackages}/{look.Kernel}")
            return Unusable($"holds {path}, which is not where patches for {look.Kernel} are");
        var unpacked = Path.Combine(Paths.Packages, "new", "module");
        PackageFile.Extract(file, path, unpacked);
        PatchChoice choice;
        using (var module = File.OpenRead(unpacked))
            choice = ModuleReader.Read(module, path);
        Directory.Delete(Path.GetDirectoryName(unpacked)!, recursive: true);
        return choice switch
        {
            PatchChoice.Found found => look with { Module = found.Module with { Package = package.ToString() } },
            PatchChoice.Unusable unusable => look with { Refusal = unusable.Why with { Why = $"{package}: {unusable.Why.Why}" } },
            _ => throw new InvalidOperationException($"{path}: neither read nor refused"),
        };
    }

    private static void Clear()
    {
        if (Directory.Exists(Paths.Packages))
            Directory.Delete(Paths.Packages, recursive: true);
    }

    private static string FileOf(PackageId package) => Path.Combine(Paths.Packages, $"{package}.rpm");
}
