using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.Host;

namespace PcmkKpatch.Cli;

/// <summary>pcmk-kpatch plan: what a rollout would meet if it began now. Changes nothing.</summary>
/// <param name="ports">Where to ask.</param>
/// <param name="failedStops">The resources whose stop on that node, if it failed in such a drain, would have a node fenced, and which.</param>
internal sealed class PlanVerb(Ports ports, Func<string, DrainMode, IReadOnlyList<Placed>> failedStops)
{
    /// <summary>The exit code where no patch is due.</summary>
    public const int NothingDue = 2;

    /// <summary>Prints the report. Returns 0 where a run could begin now, 1 where it would be refused, or <see cref="NothingDue"/>.</summary>
    /// <param name="node">The one node that is asked about; null for all.</param>
    /// <param name="json">As JSON.</param>
    public int Execute(string? node, bool json)
    {
        var report = Report(node);
        Console.Out.Write(json ? PlanJson.Write(report) + "\n" : PlanText.Of(report));
        return report.Outcome switch { PlanReport.Ready => 0, PlanReport.NothingDue => NothingDue, _ => 1 };
    }

    /// <summary>The report.</summary>
    /// <param name="asked">The one node that is asked about; null for all.</param>
    public PlanReport Report(string? asked)
    {
        var now = ThisHost.Now();
        var wanted = ports.Host.Wanted();
        var policy = wanted ?? Parameters.Defaults;
        var last = ports.Journal.Last();
        var (timetable, estimate) = (policy.Timetable(), policy.Estimate(last));
        var refusals = new List<Refusal>();
        var notes = new List<string>();
        var view = Ask(ports.Cluster.See, "cluster.unknown", "see crm_mon; is the cluster started on this node?", refusals) ?? Nothing;
        var token = Ask(ports.Tokens.Read, "token.unknown", "see cibadmin --query", refusals);
        var holds = Ask(ports.Holds.Read, "schedule.hold-unknown", "see cibadmin --query", refusals) ?? [];
        var wish = Ask(ports.Rehearsals.Read, "rehearsal.unknown", "see cibadmin --query", refusals);
        refusals.AddRange(RehearsalGates.Judge(wish, view, now.Wall));
        if (view != Nothing)
            // A view from nowhere: a node that is away keeps each of them from beginning, itself too.
            refusals.AddRange(ClusterGates.Judge(view).Concat(FleetGates.AnotherIsAway(view with { LocalNode = "" })));
        refusals.AddRange(TokenGates.Judge(token, policy, now).Concat(ScheduleGates.OutOfHours(timetable, estimate, now)));
        if (asked is not null && view != Nothing && view.Node(asked) is null)
            refusals.Add(new Refusal("plan.no-node", $"the cluster does not know a node {asked}", "write its name as crm_node -l gives it"));

        var planner = new NodePlanner(ports, view, policy, holds, token?.Failures ?? Failures.None, now);
        var order = (Order.Parse(policy.Order, out _) ?? Order.Fewest).Sequence(view, view.Nodes.Where(n => NodePlanner.WhyNot(n) is null).Select(n => n.Name));
        var nodes = order.Select(name => view.Node(name)!).Concat(view.Nodes.Where(n => !order.Contains(n.Name))).Where(n => asked is null || n.Name == asked).Select(planner.Plan).ToList();
        if (asked is not null && nodes is [{ NotPatched: null, DrainedBy: not DrainMode.None } one])
            nodes[0] = one with { FailedStops = FailedStops(asked, one.DrainedBy, notes) };
        var (refused, warnings) = (planner.Told(refusals, GateLevel.Refuse), planner.Told(refusals, GateLevel.Warn));
        (nodes, refused, warnings) = Gathered(nodes, refused, warnings);
        var (outcome, summary) = Outcome(nodes, refused);
        return new PlanReport
        {
            Outcome = outcome,
            Summary = summary,
            LocalNode = view == Nothing ? null : view.LocalNode,
            AgentStarted = wanted is not null,
            Order = order,
            OrderIsSet = policy.Order.Length > 0,
            When = When(timetable, estimate, now.Wall),
            EstimatedSeconds = (long)estimate.TotalSeconds,
            EstimatedByHistory = Policy.Took(last) is not null,
            EstimatedSecondsOfAll = order.Count * (long)estimate.TotalSeconds,
            Quorum = Ask(() => SurvivalGates.Outlook(ports.Foresight.Votes()), "", "", []),
            Failures = FailureStatus.Of(token),
            Drifts = DriftStatus.Of(view),
            Refused = refused,
            Warnings = warnings,
            Notes = [.. Notes(wanted, view), .. notes],
            Nodes = nodes,
        };
    }

    // What is seen where nothing can be seen.
    private static ClusterView Nothing { get; } = new()
    {
        LocalNode = "",
        Dc = null,
        QuorumByCib = false,
        QuorumByMembership = false,
        Maintenance = false,
        StopAllResources = false,
        Settled = true,
        Nodes = [],
        Resources = [],
    };

    private static T? Ask<T>(Func<T?> ask, string id, string remedy, List<Refusal> refusals)
        where T : class
    {
        try
        {
            return ask();
        }
        catch (ToolFailedException e)
        {
            refusals.Add(new Refusal(id, $"it cannot be told: {e.Message}", remedy));
            return null;
        }
    }

    /// <summary>What is said of each of several nodes is said once, of all.</summary>
    internal static (List<NodePlan> Nodes, IReadOnlyList<RefusalStatus> Refused, IReadOnlyList<RefusalStatus> Warnings) Gathered(
        List<NodePlan> nodes, IReadOnlyList<RefusalStatus> refused, IReadOnlyList<RefusalStatus> warnings)
    {
        var planned = nodes.Where(n => n.NotPatched is null).ToList();
        List<RefusalStatus> OfAll(Func<NodePlan, IReadOnlyList<RefusalStatus>> of) => planned.Count < 2 ? [] : [.. planned.Select(of).Aggregate((all, next) => [.. all.Intersect(next)])];
        var (everywhere, told) = (OfAll(n => n.Refused), OfAll(n => n.Warnings));
        return (
            [.. nodes.Select(n => n with { Refused = [.. n.Refused.Except(everywhere)], Warnings = [.. n.Warnings.Except(told)] })],
            [.. refused, .. everywhere],
            [.. warnings, .. told]);
    }

    /// <summary>What would come of it, in a word and in a sentence.</summary>
    internal static (string Outcome, string Summary) Outcome(IReadOnlyList<NodePlan> nodes, IReadOnlyList<RefusalStatus> refused)
    {
        static string Names(IEnumerable<NodePlan> some) => string.Join(", ", some.Select(n => n.Name));
        var planned = nodes.Where(n => n.NotPatched is null).ToList();
        if (planned.Count > 0 && planned.All(n => n.Due == false))
            return (PlanReport.NothingDue, $"no patch is due on {Names(planned)}");
        var wanting = planned.Where(n => n.Due != false).ToList();
        var ready = refused.Count > 0 ? [] : wanting.Where(n => n.Due == true && n.Refused.Count == 0).ToList();
        var others = wanting.Except(ready).ToList();
        if (ready.Count > 0)
            return (PlanReport.Ready, $"a run could begin now on {Names(ready)}{(others.Count > 0 ? $"; not on {Names(others)}" : "")}");
        var ids = string.Join(", ", refused.Concat(wanting.SelectMany(n => n.Refused)).Select(r => r.Id).Distinct());
        return (PlanReport.IsRefused, $"no run could begin now{(wanting.Count > 0 ? $" on {Names(wanting)}" : "")}: {(ids.Length > 0 ? ids : "no node is there that would be patched")}");
    }

    private IReadOnlyList<Placed>? FailedStops(string node, DrainMode mode, List<string> notes)
    {
        try
        {
            return failedStops(node, mode);
        }
        catch (ToolFailedException e)
        {
            notes.Add($"it is not known which failed stops would have a node fenced: {e.Message}");
            return null;
        }
    }

    private static PlanTime When(Timetable timetable, TimeSpan estimate, DateTimeOffset now)
    {
        var (open, next) = (timetable.Open(now), timetable.NextOpening(now, estimate));
        var until = open == DateTimeOffset.MaxValue ? null : open;
        return next == now ? new PlanTime(true, until, null, until is null ? "now, and at any time" : $"now; until {timetable.Say(until.Value)}")
            : new PlanTime(false, until, next, next is null ? "at no time in the next two years: see the parameters window and blackout" : $"not before {timetable.Say(next.Value)}");
    }

    private static IEnumerable<string> Notes(Policy? wanted, ClusterView view)
    {
        if (wanted is null)
            yield return "the agent is not started on this node, where no run begins before it is; this is planned by the defaults of its parameters";
        if (wanted is { HealthCheck: { } check })
            yield return $"{check} was not asked: a run asks it";
        if (wanted is not null && Parameters.IsPackage(wanted.Patch))
            yield return "what package is the newest is as dnf last said: a run asks it anew";
        foreach (var problem in Order.Parse(wanted?.Order ?? "", out _)?.Problems(view) ?? [])
            yield return problem;
        if (!view.Settled)
            yield return "the cluster is still moving resources: a run waits until it has come to rest, and a forecast of now may not be that of then";
        foreach (var drift in DriftGates.Find(view))
            yield return $"{drift} ({drift.Id})";
        if (view.Nodes.Any(n => n.Name != view.LocalNode && NodePlanner.WhyNot(n) is null))
            yield return "whether another node's own kernel and files let a run begin there is judged on that node: run pcmk-kpatch plan there too";
    }
}
