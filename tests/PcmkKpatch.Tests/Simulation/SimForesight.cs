using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>What the scheduler, the fencer and corosync would say of a node's drain or death. Its scheduler is the simulated one.</summary>
internal sealed class SimForesight(World world)
{
    public FencingView Fencing(SimNode here, string node)
    {
        _ = Partition(here);
        return new FencingView { Node = node, Enabled = true, Devices = [new FenceDevice("fencing", CanFence: true, Works: !world.Cluster.Membership.FencingFails)], Watchdog = false, History = [] };
    }

    public VotesView Votes(SimNode here)
    {
        var two = world.Nodes.Count == 2;
        return new VotesView { Total = Partition(here).Members.Count, Quorum = two ? 1 : (world.Nodes.Count / 2) + 1, Own = 1, TwoNode = two };
    }

    public HealthRules HealthRules(SimNode here)
    {
        var configuration = Partition(here).Cib.Configuration;
        return new HealthRules { FeatureSet = "3.16.2", Strategy = configuration.HealthStrategy, Staying = configuration.MayBeOnUnhealthy };
    }

    public IReadOnlyList<LockUser> LockUsers(SimNode here)
    {
        _ = Partition(here);
        return world.Options.Shared ? [new LockUser(SimResources.FileSystem, LockUserKind.FileSystem, [SimNode.SharedPoint])] : [];
    }

    public static LossTimes LossTimes { get; } = new() { Noticed = Fact.Known(Timing.TokenTimeout), Fenced = Fact.Known(Timing.Fencing) };

    public Forecast Without(SimNode here, string name, DrainMode mode)
    {
        var partition = Partition(here);
        var node = world[name];
        var others = partition.Members.Where(n => n != node && SimResources.MayStart(partition, n, SimResources.All[^1])).ToList();
        var running = world.Cluster.Resources.Here.Where(r => r.Id != SimResources.Agent && node.Running.ContainsKey(r.Id)
            && !(mode == DrainMode.Health && partition.Cib.Configuration.MayBeOnUnhealthy.Contains(r.Id))).ToList();
        var moving = running.Where(r => r.Kind == ResourceKind.Primitive).ToList();
        var promoted = running.Where(r => node.Running[r.Id] == "Promoted").ToList();
        return new Forecast
        {
            Node = name,
            Moves = others.Count == 0 ? [] : [.. moving.Select(r => new Move(r.Id, name, others[0].Name))],
            Migrations = [],
            Stops = others.Count > 0 ? [] : [.. moving.Select(r => new Placed(r.Id, name))],
            StopsOfClones = [.. running.Except(moving).Select(r => r.Id)],
            Promotions = others.Count == 0 ? [] : [.. promoted.Select(r => new Placed(r.Id, others[0].Name))],
            Demotions = [.. promoted.Select(r => new Placed(r.Id, name))],
            Fences = [],
            Elsewhere = [],
            Pending = [],
        };
    }

    private static Partition Partition(SimNode here) => here.Partition ?? throw new ToolFailedException("crm_simulate", 102, "simulated: the cluster is not there");
}
