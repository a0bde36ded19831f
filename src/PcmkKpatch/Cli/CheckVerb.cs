using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Readiness;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.Livepatch;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>
/// pcmk-kpatch check: is everything as a rollout needs it? Changes nothing. What the gates of a run would say now, the plan tells; the rest is about what a gate
/// cannot see, or what stays as it is whatever the moment. Of other nodes only that is known which they publish.
/// </summary>
/// <param name="ports">Where to ask.</param>
/// <param name="cib">Gives the CIB.</param>
internal sealed class CheckVerb(Ports ports, Func<TextReader> cib)
{
    /// <summary>The exit code where there are warnings, and no errors.</summary>
    public const int OnlyWarnings = 2;

    /// <summary>Prints the report. Returns 0 where nothing is wrong, 1 where there is an error, or <see cref="OnlyWarnings"/>.</summary>
    public int Execute(bool json)
    {
        var report = Report();
        Console.Out.Write(json ? CheckJson.Write(report) + "\n" : CheckText.Of(report));
        return report.Outcome switch { CheckReport.Ready => 0, CheckReport.HasWarnings => OnlyWarnings, _ => 1 };
    }

    private CheckReport Report()
    {
        var seen = Looked.At(ports.Cluster.See);
        var view = seen.IsKnown(out var whole, out _) ? whole : null;
        var config = Looked.At(() => AgentConfig.Parse(cib()));
        List<Finding> findings =
        [
            .. AgentReadiness.Judge(config, view),
            .. Gates(),
            .. ClusterReadiness.Judge(new ClusterDesign
            {
                Config = config,
                Votes = Looked.At(ports.Foresight.Votes),
                Token = Looked.At(CorosyncTimes.Token),
                Watchdog = Looked.At(CorosyncTimes.Watchdog),
                ClockIsInStep = Looked.At(HostReader.ClockIsInStep),
            }),
            .. config.IsKnown(out var known, out _) ? StorageReadiness.Judge(known) : [],
            .. view is null ? [] : FleetReadiness.Judge(view, ThisProgram.Version),
            .. ThisNode(PolicyOf(config)),
            .. view is null ? [] : EndOfLife.Judge(OurTable.Read<EndOfLife>(Paths.EndOfLife, EndOfLife.Parse) ?? Fact.Known(EndOfLife.Empty), view, DateOnly.FromDateTime(DateTime.UtcNow)),
        ];
        return Report(view, [.. findings.DistinctBy(f => (f.Id, f.Why)).OrderBy(f => f.Severity)]);
    }

    private static CheckReport Report(ClusterView? view, IReadOnlyList<Finding> findings)
    {
        var counts = Enum.GetValues<Severity>().Select(severity => (severity, Count: findings.Count(f => f.Severity == severity))).Where(c => c.Count > 0)
            .Select(c => $"{c.Count} {c.severity.ToString().ToLowerInvariant()}{(c.Count == 1 ? "" : "s")}").ToList();
        var (outcome, words) = findings.Any(f => f.Severity == Severity.Error) ? (CheckReport.HasErrors, "not ready")
            : findings.Any(f => f.Severity == Severity.Warning) ? (CheckReport.HasWarnings, "nothing keeps a rollout, but look at the warnings")
            : (CheckReport.Ready, "ready");
        var nodes = (view?.Nodes ?? []).Select(n => new NodeCheck(
            n.Name, n.IsMember, n.Online, n.Name == view!.LocalNode, Published(n, NodeAttributes.Kernel), Published(n, NodeAttributes.Patch), Published(n, NodeAttributes.Product))).ToList();
        return new CheckReport
        {
            Outcome = outcome,
            Summary = counts.Count == 0 ? words : $"{words}: {string.Join(", ", counts)}",
            LocalNode = view?.LocalNode,
            Version = ThisProgram.Version,
            Findings = [.. findings.Select(FindingStatus.Of)],
            Nodes = nodes,
            AskAlsoOn = [.. nodes.Where(n => n is { Member: true, LookedAt: false }).Select(n => n.Name)],
        };
    }

    // What a run would meet now, node by node.
    private IEnumerable<Finding> Gates()
    {
        if (!Looked.At(() => new PlanVerb(ports, (_, _) => []).Report(asked: null)).IsKnown(out var plan, out var unknown))
            return [new Finding("gates.unknown", Severity.Error, $"what the gates of a run would say cannot be told: {unknown}") { Remedy = "mend that; see also pcmk-kpatch plan" }];
        return Told(plan.Refused, plan.Warnings, null).Concat(plan.Nodes.SelectMany(n => Told(n.Refused, n.Warnings, n.Name == plan.LocalNode ? null : n.Name)));
    }

    private static IEnumerable<Finding> Told(IReadOnlyList<RefusalStatus> refused, IReadOnlyList<RefusalStatus> warnings, string? node) =>
        refused.Select(r => (r, Finding.IsPassing(r.Id) ? Severity.Note : r.Id == "plan.unknown" ? Severity.Warning : Severity.Error)).Concat(warnings.Select(r => (r, Severity.Warning)))
            .Select(told => new Finding(told.r.Id, told.Item2, told.r.Why) { Remedy = told.r.Remedy, Node = node });

    private IEnumerable<Finding> ThisNode(Policy policy)
    {
        var running = Looked.At(ports.Kernel.See);
        var kernels = new KernelsView
        {
            Running = running,
            Installed = Looked.At(() => InstalledKernels.See()),
            Offered = Looked.At(() => running.IsKnown(out var kernel, out var unknown) ? Offers(kernel) : throw new ToolFailedException("dnf", null, $"not asked: {unknown}")),
        };
        var kpatch = new KpatchView { Utility = Looked.At(KpatchUtility.Version), Service = Looked.At(() => Units.See("kpatch.service")), DnfIsAutomatic = Looked.At(KpatchDnf.IsAuto) };
        return [.. KpatchReadiness.Judge(kpatch, policy), .. KernelReadiness.Judge(kernels, policy.Levels()), .. HostReadiness.Judge(HostReader.See())];
    }

    private static IReadOnlyList<OfferedPatch>? Offers(KernelView kernel) =>
        Tool.Find("dnf") is null ? null : [.. Dnf.Offers(kernel.Release, cached: true).Select(package => new OfferedPatch(package.ToString(), package.IsEmpty))];

    // As the one agent has it; where there is none, or more, or its parameters are wrong, which is told, the defaults.
    private static Policy PolicyOf(Fact<ClusterConfig> config) =>
        (config.IsKnown(out var known, out _) && known.Agents is [var agent] ? Parameters.Parse(name => agent.Parameters.GetValueOrDefault(name), out _) : null) ?? Parameters.Defaults;

    private static string? Published(NodeView node, string attribute) => node.Online && node.Attributes.GetValueOrDefault(attribute) is { Length: > 0 } value ? value : null;
}
