using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Tests.Simulation;

internal enum ResourceKind
{
    Clone,
    Promotable,
    Primitive,
}

internal sealed record SimResource(string Id, ResourceKind Kind);

/// <summary>One action of the DC's graph.</summary>
internal sealed record GraphAction(SimNode Node, SimResource Resource, string? Role);

/// <summary>What the DC wants to run where, one action at a time: a small scheduler, of which only the visible behaviour matters.</summary>
internal sealed class SimResources(World world)
{
    /// <summary>Our own agent's clone.</summary>
    public const string Agent = "kpatch";

    /// <summary>The daemon of the distributed locks, where the world has it.</summary>
    public const string LockDaemon = "dlm";

    /// <summary>The file system that all nodes share, where the world has it.</summary>
    public const string FileSystem = "fs";

    public static readonly IReadOnlyList<SimResource> All =
    [
        new(Agent, ResourceKind.Clone), new("db", ResourceKind.Promotable), new("vip", ResourceKind.Primitive), new("app", ResourceKind.Primitive),
    ];

    private static readonly IReadOnlyList<SimResource> s_withShared = [All[0], new(LockDaemon, ResourceKind.Clone), new(FileSystem, ResourceKind.Clone), .. All.Skip(1)];

    /// <summary>Those of this world.</summary>
    public IReadOnlyList<SimResource> Here => world.Options.Shared ? s_withShared : All;

    /// <summary>Resources whose next start fails.</summary>
    public List<string> WillNotStart { get; } = [];

    /// <summary>Resources whose stop does not end.</summary>
    public List<string> WillNotStop { get; } = [];

    /// <summary>Resources whose next stop fails: their node is fenced.</summary>
    public List<string> StopWillFail { get; } = [];

    /// <summary>Everything runs where it belongs.</summary>
    public void StartAll(Partition partition)
    {
        while (Next(partition) is { } action)
            Do(partition, action);
    }

    /// <summary>The DC's next action, or null where it has nothing to do or may do nothing.</summary>
    public GraphAction? Next(Partition partition)
    {
        if (partition.Dc is not { } dc || !partition.Members.Contains(dc))
            return null;
        return Stop(partition) ?? (partition.Beliefs.ContainsValue(Belief.Unclean) ? null : Start(partition));
    }

    public void Do(Partition partition, GraphAction action)
    {
        var (node, resource, role) = action;
        world.Trace.Note(world.Now, node.Name, role is null ? "stops" : "starts", resource.Id);
        world.Laws.Acts(node, resource.Id, role);
        if (role is null && (StopWillFail.Remove(resource.Id) || IsKeptByLocks(node, resource)))
        {
            world.Cluster.Membership.StopFailed(partition, node);
            return;
        }

        if (role is null)
        {
            node.Running.Remove(resource.Id);
        }
        else if (WillNotStart.Contains(resource.Id))
        {
            partition.Failed.Add(resource.Id);
            return;
        }
        else
        {
            node.Running[resource.Id] = role;
        }

        if (resource.Id != Agent)
            return;
        if (role is null)
            node.AgentStopped();
        else
            node.AgentStarted();
    }

    public List<ResourceView> View(Partition partition)
    {
        var views = new List<ResourceView>();
        foreach (var resource in Here)
        {
            if (partition.Cib.Configuration.Deleted.Contains(resource.Id) && !world.Nodes.Exists(n => n.Running.ContainsKey(resource.Id)))
                continue;
            foreach (var node in world.Nodes)
            {
                if (partition.BeliefOf(node) != Belief.Down && node.Running.TryGetValue(resource.Id, out var role))
                    views.Add(Instance(partition, resource, role, [node.Name]));
                else if (resource.Kind != ResourceKind.Primitive)
                    views.Add(Instance(partition, resource, "Stopped", []));
            }

            if (views.Count == 0 || views[^1].Id != resource.Id)
                views.Add(Instance(partition, resource, "Stopped", []));
        }

        return views;
    }

    private GraphAction? Stop(Partition partition)
    {
        foreach (var node in partition.Members)
        {
            if (node.Running.Count == 0 || node.StopFailed || partition.Cib.InMaintenance(node.Name))
                continue;
            foreach (var resource in Here)
            {
                if (node.Running.ContainsKey(resource.Id) && !IsNeeded(node, resource) && !(MayRun(partition, node, resource) && IsWanted(partition, resource)) && !WillNotStop.Contains(resource.Id))
                    return new GraphAction(node, resource, null);
            }
        }

        return null;
    }

    private GraphAction? Start(Partition partition)
    {
        foreach (var resource in Here)
        {
            if (partition.Failed.Contains(resource.Id) || !IsWanted(partition, resource))
                continue;
            var action = resource.Kind == ResourceKind.Primitive ? StartOnce(partition, resource) : StartEverywhere(partition, resource);
            if (action is not null)
                return action;
        }

        return null;
    }

    private GraphAction? StartEverywhere(Partition partition, SimResource resource)
    {
        var role = resource.Kind == ResourceKind.Promotable ? "Unpromoted" : "Started";
        foreach (var node in partition.Members)
        {
            if (MayStart(partition, node, resource) && !node.Running.ContainsKey(resource.Id) && (resource.Id != FileSystem || node.Running.ContainsKey(LockDaemon)))
                return new GraphAction(node, resource, role);
        }

        if (resource.Kind != ResourceKind.Promotable || world.Nodes.Any(n => partition.BeliefOf(n) != Belief.Down && n.Running.GetValueOrDefault(resource.Id) == "Promoted"))
            return null;
        var best = partition.Members.Find(n => MayStart(partition, n, resource) && n.Running.ContainsKey(resource.Id));
        return best is null ? null : new GraphAction(best, resource, "Promoted");
    }

    private GraphAction? StartOnce(Partition partition, SimResource resource)
    {
        if (world.Nodes.Any(n => partition.BeliefOf(n) != Belief.Down && n.Running.ContainsKey(resource.Id)))
            return null;
        // The least loaded node that may run it.
        var best = partition.Members.Where(n => MayStart(partition, n, resource)).MinBy(n => n.Running.Count);
        return best is null ? null : new GraphAction(best, resource, "Started");
    }

    /// <summary>Nothing that drains the node keeps the resource from being there.</summary>
    public static bool MayStay(Cib cib, SimNode node, string resource) =>
        !cib.InStandby(node.Name) && (!cib.IsUnhealthy(node.Name) || cib.Configuration.MayBeOnUnhealthy.Contains(resource));

    private static bool MayRun(Partition partition, SimNode node, SimResource resource) =>
        partition.QuorumByCib && node.Joined && partition.BeliefOf(node) == Belief.Online && MayStay(partition.Cib, node, resource.Id);

    public static bool MayStart(Partition partition, SimNode node, SimResource resource) => MayRun(partition, node, resource) && !partition.Cib.InMaintenance(node.Name);

    // The file system goes first.
    private static bool IsNeeded(SimNode node, SimResource resource) => resource.Id == LockDaemon && node.Running.ContainsKey(FileSystem);

    // Its stop waits for the last lockspace until its timeout: to the cluster it has failed then, whatever a person does meanwhile.
    private bool IsKeptByLocks(SimNode node, SimResource resource)
    {
        if (resource.Id != LockDaemon || node.MountedByHand.Count == 0)
            return false;
        world.Laws.Mark("fenced for a lockspace");
        return true;
    }

    private static bool IsWanted(Partition partition, SimResource resource) =>
        !partition.Cib.Configuration.Disabled.Contains(resource.Id) && !partition.Cib.Configuration.Deleted.Contains(resource.Id);

    private static ResourceView Instance(Partition partition, SimResource resource, string role, string[] nodes) => new()
    {
        Id = resource.Id,
        Role = role,
        Active = nodes.Length > 0,
        Managed = !partition.Cib.Configuration.Maintenance && !nodes.Any(partition.Cib.InMaintenance),
        Failed = partition.Failed.Contains(resource.Id),
        Blocked = false,
        Disabled = partition.Cib.Configuration.Disabled.Contains(resource.Id),
        Agent = resource.Id switch
        {
            Agent => "ocf:pcmk:kpatch",
            LockDaemon => "ocf:pacemaker:controld",
            FileSystem => "ocf:heartbeat:Filesystem",
            _ => "ocf:pacemaker:Dummy",
        },
        Nodes = nodes,
    };
}
