using PcmkKpatch.Core;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Host;
using PcmkKpatch.Livepatch;

namespace PcmkKpatch.Cli;

/// <summary>
/// pcmk-kpatch inspect FILE: what a patch is, how this kernel stands to it, and what would refuse it. Loads nothing, and asks neither
/// for root nor for a cluster: what other nodes say against a patch it does not tell.
/// </summary>
internal sealed class InspectVerb(IKernel kernel)
{
    private const string InForce = "in force";
    private const string NotLoaded = "not loaded";
    private const string Unknown = "unknown";

    /// <summary>Prints the report. Returns 0 where the module would be loaded, 1 where it would not.</summary>
    public int Execute(string file, bool json)
    {
        var report = Report(Path.GetFullPath(file));
        Console.Out.Write(json ? InspectJson.Write(report) + "\n" : Text(report));
        return report.WouldBeLoaded ? 0 : 1;
    }

    private InspectReport Report(string path)
    {
        var choice = SysKernel.Open(path, out var content);
        var refusals = new List<Refusal>();
        var seen = See(refusals);
        var module = (choice as PatchChoice.Found)?.Module;
        var quarantined = Quarantined();
        if (choice is PatchChoice.Unusable unusable)
            refusals.Insert(0, unusable.Why);
        else if (module is not null && seen is not null)
            refusals.AddRange(PatchGates.Judge(module, seen, quarantined ?? []));
        if (module is not null && RootOnly.Problem(path) is { } who)
            refusals.Add(SysKernel.Changeable(who));
        var newer = module is null ? null : seen?.Patches.FirstOrDefault(p => p.InForce && PatchOrder.Compare(p.Name, module.Name) > 0)?.Name;
        var depends = content?.Info.GetValueOrDefault("depends", "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        return new InspectReport
        {
            File = path,
            WouldBeLoaded = refusals.Count == 0 && newer is null,
            Refused = [.. refusals.Select(r => new RefusalStatus(r.Id, r.Why, r.Remedy))],
            Here = seen is null ? Unknown : module is null ? NotLoaded : Here(module, seen, newer),
            Newer = newer,
            Name = module?.Name ?? content?.Info.GetValueOrDefault("name"),
            Description = content?.Info.GetValueOrDefault("description"),
            Kernel = module?.Release ?? content?.Info.GetValueOrDefault("vermagic")?.Split(' ')[0],
            RunningKernel = seen?.Release,
            LivePatch = content is null ? null : content.Info.GetValueOrDefault("livepatch") == "Y",
            BuildId = content?.BuildId,
            Signer = content?.Signature?.Signer,
            SignerKey = content?.Signature?.Key,
            Depends = depends,
            DependsMissing = seen is null ? null : depends?.Where(name => !seen.Modules.Contains(name.Replace('-', '_'))).ToList(),
            Quarantined = module is null || quarantined is null ? null : quarantined.Contains(module.BuildId),
        };
    }

    private KernelView? See(List<Refusal> refusals)
    {
        try
        {
            return kernel.See();
        }
        catch (ToolFailedException e)
        {
            refusals.Add(new("kernel.unknown", $"how this kernel is cannot be seen: {e.Message}", "look again as root"));
            return null;
        }
    }

    // The folder is root's: whoever may not look into it does not know.
    private static IReadOnlyCollection<string>? Quarantined() =>
        Posix.IsRoot || !Directory.Exists(Paths.State) ? [.. AttemptFiles.List().Select(a => a.BuildId)] : null;

    private static string Here(PatchModule module, KernelView seen, string? newer) => seen.Patch(module.Name) switch
    {
        null when seen.Modules.Contains(module.Name) => "without effect",
        null => newer is null ? NotLoaded : "older",
        { BuildId: var build } when !module.IsBuild(build) => "another build",
        { InForce: true } => InForce,
        { Enabled: true } => "in its patch transition",
        _ => "being taken back",
    };

    private static string Text(InspectReport report)
    {
        var text = new StringWriter();
        void Line(string head, string? value) => text.Write(value is null ? "" : $"{head,-11} {value}\n");
        Line("File", report.File);
        Line("Module", report.Name);
        Line("", report.Description);
        Line("Kernel", report.Kernel is null ? null : report.Kernel + (report.RunningKernel is not { } runs ? "" : runs == report.Kernel ? ", which runs here" : $"; {runs} runs here"));
        Line("Live patch", report.LivePatch is { } live ? live ? "yes" : "no" : null);
        // Without any of its content, it has not been seen whether there is a build id or a signature.
        Line("Build id", report.LivePatch is null ? null : report.BuildId ?? "none");
        Line("Signer", report.LivePatch is null ? null : report.Signer is null ? "not signed" : report.Signer == report.SignerKey ? $"key {report.Signer}" : $"{report.Signer} (key {report.SignerKey})");
        Line("Depends", report.Depends is not { Count: > 0 } depends ? null
            : string.Join(", ", depends) + (report.DependsMissing is { Count: > 0 } missing ? $"; not loaded here: {string.Join(", ", missing)}" : ""));
        Line("Here", report.Name is null ? null : report.Here switch
        {
            "without effect" => "loaded without effect",
            "another build" => "another build of that name is loaded",
            "older" => $"not loaded: the newer {report.Newer} is in force",
            var here => here,
        });
        Line("Quarantine", report.Quarantined switch { true => "this node went down with it on trial", false => "no", null => report.Name is null ? null : "not known: look as root" });
        foreach (var refusal in report.Refused)
        {
            Line("Refused", $"{refusal.Why} ({refusal.Id})");
            Line("  To do", refusal.Remedy);
        }

        return text.ToString();
    }
}
