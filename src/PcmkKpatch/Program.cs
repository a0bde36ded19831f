using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PcmkKpatch.Cli;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.Livepatch;
using PcmkKpatch.Ocf;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch;

/// <summary>Puts the parts together.</summary>
internal static class Program
{
    private const string Usage =
        """
        pcmk-kpatch rolls a kernel live patch through a Pacemaker cluster, one node at a time.

          pcmk-kpatch status [--json]            the rollout: every node, the token, what to do
          pcmk-kpatch status --watch [SECONDS]   the same live, until Ctrl-C
          pcmk-kpatch report [--last] [--json]   what the last rollout did, on every node
          pcmk-kpatch report [RUN | --since TIME] [--html FILE]
                                                 one run, or all rollouts since then; as a page to
                                                 show and to print
          pcmk-kpatch metrics                    this node and its cluster, for Prometheus
          pcmk-kpatch metrics --textfile [FILE]  the same into a file, for node_exporter
          pcmk-kpatch plan [--node NODE] [--json]  what a rollout would meet if it began now
          pcmk-kpatch check [--json]             whether cluster and node are as a rollout needs them
          pcmk-kpatch rehearse [--node NODE] [--json]
                                                 a whole rollout without a load, and what it met
          pcmk-kpatch rehearse --follow [--json] look again at the one that goes on
          pcmk-kpatch rehearse --cancel          call it off
          pcmk-kpatch hold [NODE] [--until TIME] [--reason TEXT]
                                                 no run begins on that node, or on any
          pcmk-kpatch hold --clear [NODE]        take that hold away
          pcmk-kpatch hold --list                the holds
          pcmk-kpatch resume                     let a halted rollout go on
          pcmk-kpatch abort                      bring this node home; the rollout halts
          pcmk-kpatch release [--confirm NODE]   take the token from a node that is down; the rollout halts
          pcmk-kpatch quarantine [--clear]       the patches that took this node down
          pcmk-kpatch inspect [--json] FILE      what a patch is, and whether it would be loaded here
          pcmk-kpatch collect [--output FILE]    one archive for a support case, without secrets
          pcmk-kpatch run                        the worker; started by the agent, not by hand
          pcmk-kpatch proved                     an orderly shutdown: no patch on probation took this node down
          pcmk-kpatch --version | --help

        It is also the agent ocf:pcmk:kpatch:  pcs resource create kpatch ocf:pcmk:kpatch clone interleave=true
        Exit codes: 0 well, 1 refused or failed, 2 a person must look (status), nothing is due (plan) or warnings only (check), 64 bad usage. See pcmk-kpatch(8).
        """;

    private const int LongestMessage = 2000;

    private static int Main(string[] args)
    {
        try
        {
            return Begin(args);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Standard output or standard error is closed, or a file on a full disk: there is nobody to be told.
            return 1;
        }
        catch (Exception e) when (Unexpected.Note(e))
        {
            return Print($"pcmk-kpatch: {PlainText.Of(Unexpected.Line(e), LongestMessage)}", Console.Error, 1);
        }
    }

    private static int Begin(string[] args)
    {
        var kernel = new SysKernel();
        // The agent has no factory of loggers: making one takes longer than all of its monitor.
        if (ThisProgram.IsAgent)
        {
            using var lines = new LineLoggerProvider(LineLoggerProvider.ToStandardError);
            return (int)new Agent(kernel, lines).Execute(args.FirstOrDefault());
        }

        using var loggers = new LoggerFactory(args is not ["run"] ? [new LineLoggerProvider(LineLoggerProvider.ToStandardError)]
            : [new LineLoggerProvider(LineLoggerProvider.ToJournal), new LineLoggerProvider(LineLoggerProvider.ToProgress)]);
        var log = loggers.CreateLogger("pcmk-kpatch");
        var host = new ThisHost(CrmNode.LocalName);
        var packages = new Packages(log, () => ThisHost.Now().Uptime);
        var cluster = new PacemakerCluster(() => host.Node);
        var tokens = new CibToken();
        Func<int>? verb = args switch
        {
            ["status"] => () => new StatusVerb(kernel, host).Execute(json: false),
            ["status", "--json"] => () => new StatusVerb(kernel, host).Execute(json: true),
            ["status", "--watch", .. var words] when WatchArguments.Read(words) is { } every => () => new WatchVerb(new Watcher(kernel, host, every)).Execute(),
            ["metrics"] => () => new MetricsVerb(kernel, host).Execute(file: null),
            ["metrics", "--textfile"] => () => new MetricsVerb(kernel, host).Execute(MetricsVerb.UsualFile),
            ["metrics", "--textfile", { Length: > 0 } file] when file[0] != '-' => () => new MetricsVerb(kernel, host).Execute(file),
            ["report", .. var words] when ReportArguments.Read(words) is { } asked => () => new ReportVerb(tokens, host).Execute(asked),
            ["plan"] => () => Plan(host, node: null, json: false),
            ["plan", "--json"] => () => Plan(host, node: null, json: true),
            ["plan", "--node", { Length: > 0 } node] when node[0] != '-' => () => Plan(host, node, json: false),
            ["plan", "--node", { Length: > 0 } node, "--json"] when node[0] != '-' => () => Plan(host, node, json: true),
            ["plan", "--json", "--node", { Length: > 0 } node] when node[0] != '-' => () => Plan(host, node, json: true),
            ["check"] => () => Check(host, json: false),
            ["check", "--json"] => () => Check(host, json: true),
            ["rehearse", .. var words] when RehearseArguments.Read(words) is { } asked => () => new RehearseVerb(cluster, tokens, node => Planned(host, plan => plan.Report(node))).Execute(asked),
            ["hold", .. var words] when HoldArguments.Read(words) is { } asked => () => new HoldVerb(host).Execute(asked),
            ["resume"] => () => new ResumeVerb(tokens, host).Execute(),
            ["abort"] => () => new AbortVerb(tokens, host).Execute(),
            ["release"] => () => new ReleaseVerb(cluster, tokens, host).Execute(confirmed: null),
            ["release", "--confirm", { Length: > 0 } down] when down[0] != '-' => () => new ReleaseVerb(cluster, tokens, host).Execute(down),
            ["quarantine"] => () => QuarantineVerb.Execute(host, clear: false),
            ["quarantine", "--clear"] => () => QuarantineVerb.Execute(host, clear: true),
            ["collect"] => () => new CollectVerb(host, kernel).Execute(output: null),
            ["collect", "--output", { Length: > 0 } file] when file[0] != '-' => () => new CollectVerb(host, kernel).Execute(file),
            ["inspect", "--json", { Length: > 0 } file] => () => new InspectVerb(kernel).Execute(file, json: true),
            ["inspect", { Length: > 0 } file] when file[0] != '-' => () => new InspectVerb(kernel).Execute(file, json: false),
            ["run"] => () => new RunVerb(
                new Ports(cluster, tokens, new CibHolds(), new PacemakerForesight(), new SysKernel(package: packages.Newest, changeable: RootOnly.Problem), new HealthReader(), packages, new BootFolder(), new AttemptFiles(), JournalFile.OfThisNode, host, new CibRehearsals(), new Lockspaces()), log).Execute(),
            ["proved"] => () => ProvedVerb.Execute(host),
            _ => null,
        };
        return args switch
        {
            ["--version"] => Print(ThisProgram.Version, Console.Out, 0),
            ["--help"] or ["-h"] or ["help"] => Print(Usage, Console.Out, 0),
            _ when verb is null => Print(Usage, Console.Error, 64),
            not ["inspect", ..] when !Posix.IsRoot => Print("pcmk-kpatch: only root may do this: run it as root", Console.Error, 1),
            _ => Carefully(verb),
        };
    }

    private static int Plan(ThisHost host, string? node, bool json) => Planned(host, plan => plan.Execute(node, json));

    private static T Planned<T>(ThisHost host, Func<PlanVerb, T> ask)
    {
        using var snapshot = new Snapshot();
        return ask(new PlanVerb(Beforehand(host, snapshot), snapshot.FailedStop));
    }

    private static int Check(ThisHost host, bool json)
    {
        using var snapshot = new Snapshot();
        return new CheckVerb(Beforehand(host, snapshot), snapshot.Cib).Execute(json);
    }

    // What is asked of the cluster is asked once, and dnf not at all: it would fetch.
    private static Ports Beforehand(ThisHost host, Snapshot snapshot) => new(
        new PacemakerCluster(() => host.Node, snapshot.Mon), new CibToken(), new CibHolds(), snapshot, new SysKernel(changeable: RootOnly.Problem), new HealthReader(),
        new Packages(NullLogger.Instance, () => ThisHost.Now().Uptime), new BootFolder(), new AttemptFiles(), JournalFile.OfThisNode, host, new CibRehearsals(), new Lockspaces());

    private static int Carefully(Func<int> verb)
    {
        try
        {
            return verb();
        }
        catch (Exception e) when (e is ToolFailedException or IOException or UnauthorizedAccessException)
        {
            return Print($"pcmk-kpatch: {PlainText.Of(e.Message, LongestMessage)}", Console.Error, 1);
        }
    }

    private static int Print(string text, TextWriter to, int exitCode)
    {
        to.WriteLine(text);
        return exitCode;
    }
}
