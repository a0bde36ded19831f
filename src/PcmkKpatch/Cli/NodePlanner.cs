using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>Plans single nodes: this one from its own kernel and files, as its run would see them; another one from what it has published, and from what the cluster says of it.</summary>
/// <param name="ports">Where to ask.</param>
/// <param name="view">The cluster.</param>
/// <param name="policy">What the administrator wants.</param>
/// <param name="holds">What people hold.</param>
/// <param name="failures">What has failed so far.</param>
/// <param name="now">This moment.</param>
internal sealed class NodePlanner(Ports ports, ClusterView view, Policy policy, IReadOnlyList<Hold> holds, Failures failures, Moment now)
{
    private readonly GateLevels _levels = policy.Levels();

    /// <summary>Why no run would be on that node; null where one might.</summary>
    public static string? WhyNot(NodeView node) => node switch
    {
        { WhyNotPatched: { } never } => never,
        { Unclean: true } => "it is unclean",
        { Pending: true } => "it is joining",
        { Online: false } => "it is offline",
        { Maintenance: true } => "it is in maintenance mode",
        { Standby: true } when Published(node, NodeAttributes.State) is null => "it is in standby, where the agent does not run; by pcs resource debug-start it is patched where it stands",
        _ => null,
    };

    /// <summary>The plan of that node.</summary>
    public NodePlan Plan(NodeView node)
    {
        if (WhyNot(node) is { } why)
            return new NodePlan { Name = node.Name, NotPatched = why, Kernel = Published(node, NodeAttributes.Kernel), Patch = Published(node, NodeAttributes.Patch), State = Published(node, NodeAttributes.State) };
        var refusals = new List<Refusal>();
        var mode = node.Standby ? DrainMode.Standby : policy.Drain;
        var plan = node.Name == view.LocalNode ? ThisNode(node, refusals) : AnotherNode(node, refusals);
        refusals.AddRange(ScheduleGates.Held(holds, node.Name, now));
        refusals.AddRange(RiskGates.Judge(node.Name, ports.Foresight, view, policy, mode, now));
        if (node.Name == view.LocalNode)
            refusals.AddRange(LockspaceGates.Judge(ports.Lockspaces, ports.Foresight, () => view, policy, mode));
        // What it waits for by its own word is told where nothing of it is seen from here.
        if (plan is { ReadNow: false, State: { } state } && StateWords.IsKeptWaiting(state) && Told(refusals, GateLevel.Refuse).Count == 0)
            refusals.Add(new Refusal("plan.waiting", $"{node.Name} says: {state}", $"see all of it: run pcmk-kpatch plan on {node.Name}"));
        return plan with
        {
            Refused = Told(refusals, GateLevel.Refuse),
            Warnings = Told(refusals, GateLevel.Warn),
            DrainedBy = mode,
            Drain = mode == DrainMode.None ? null : Foreseen(() => ports.Foresight.Drain(node.Name, mode)),
            Reboot = mode == DrainMode.None && RiskGates.Stops(policy, mode) is { } stops ? Foreseen(() => ports.Foresight.Drain(node.Name, stops)) : null,
            Death = Foreseen(() => ports.Foresight.Loss(node.Name)),
        };
    }

    /// <summary>Those that weigh so much, as they are told.</summary>
    public IReadOnlyList<RefusalStatus> Told(IEnumerable<Refusal> refusals, GateLevel level) =>
        [.. refusals.Where(r => _levels.Of(r) == level).Select(r => new RefusalStatus(r.Id, r.Why, r.Remedy)).Distinct()];

    private NodePlan ThisNode(NodeView node, List<Refusal> refusals)
    {
        var plan = new NodePlan { Name = node.Name, State = Published(node, NodeAttributes.State), ReadNow = true };
        try
        {
            var seen = ports.Kernel.See();
            plan = plan with { Kernel = seen.Release, Patch = NodeState.PatchesInForce(seen) };
            var choice = ports.Kernel.Choose(policy.Patch, seen);
            if (choice is PatchChoice.Unusable unusable)
                refusals.Add(unusable.Why);
            if (PatchStates.Judge(choice, seen) is var state && state != PatchState.Due)
                return plan with { Due = state == PatchState.Unusable ? null : false };
            var module = ((PatchChoice.Found)choice).Module;
            plan = plan with { Due = true, DuePatch = module.Name };
            refusals.AddRange(ScheduleGates.Records(ports.Journal.Unknown()));
            refusals.AddRange(ScheduleGates.BackOff(ports.Journal.Last(), module, failures, policy, now));
            refusals.AddRange(FleetGates.TooManyFailures(module, failures, policy));
            refusals.AddRange(FleetGates.Judge(module, view, policy));
            refusals.AddRange(PatchGates.Judge(module, seen, ports.Attempts.Quarantined()));
            refusals.AddRange(KernelGates.JudgeSupport(seen.Support, module).Concat(KernelGates.JudgeProbes(module, seen.Kprobes, ports.Kernel.Functions)));
            if (policy.Persist == Persist.Yes)
                refusals.AddRange(BootGates.Judge(ports.Boot.See(module)));
            refusals.AddRange(CommandGates.Judge(ports.Host, seen.Release, module, policy));
        }
        catch (ToolFailedException e)
        {
            refusals.Add(new Refusal("kernel.unknown", $"it cannot be told how this node stands to its patch: {e.Message}", "mend that; see also pcmk-kpatch status"));
        }

        return plan;
    }

    // The same packages on all nodes: where another one has the same kernel, the patch that is chosen here is the one that it would load.
    private IEnumerable<Refusal> TooManyFailuresOn(NodeView node)
    {
        try
        {
            var seen = ports.Kernel.See();
            return seen.Release == Published(node, NodeAttributes.Kernel) && ports.Kernel.Choose(policy.Patch, seen) is PatchChoice.Found { Module: var module } ? FleetGates.TooManyFailures(module, failures, policy) : [];
        }
        catch (ToolFailedException)
        {
            // That this node's own kernel cannot be read, its own plan says.
            return [];
        }
    }

    private NodePlan AnotherNode(NodeView node, List<Refusal> refusals)
    {
        var state = Published(node, NodeAttributes.State);
        var due = state is null ? null : StateWords.IsDue(state);
        if (due is null)
        {
            var why = state is null ? $"{node.Name} did not say whether a patch is due there" : $"{node.Name} says: {state}; whether a patch is due there is not known";
            refusals.Add(new Refusal("plan.unknown", why, $"see that the agent is started on {node.Name}, and what pcmk-kpatch plan says there"));
        }

        if (due != false && failures.List.Count > 0)
            refusals.AddRange(TooManyFailuresOn(node));
        return new NodePlan { Name = node.Name, Kernel = Published(node, NodeAttributes.Kernel), Patch = Published(node, NodeAttributes.Patch), State = state, Due = due };
    }

    private static string? Published(NodeView node, string attribute) => node.Online && node.Attributes.GetValueOrDefault(attribute) is { Length: > 0 } value ? value : null;

    // Why it is not known, the gates say that ask for the same.
    private static Forecast? Foreseen(Func<Forecast> forecast)
    {
        try
        {
            return forecast();
        }
        catch (ToolFailedException)
        {
            return null;
        }
    }
}
