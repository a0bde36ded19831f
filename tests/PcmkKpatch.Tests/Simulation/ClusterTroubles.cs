namespace PcmkKpatch.Tests.Simulation;

/// <summary>What befalls the cluster: its network, its DC, its fencing, its resources, its copies of the CIB.</summary>
internal static class ClusterTroubles
{
    public static readonly IReadOnlyList<Trouble> All =
    [
        new("network splits", Split), new("network heals", Heal), new("DC changes", DropDc), new("CIB lags behind", Lags), new("fence device fails", FencingFails),
        new("node taken for down that is not", ConfirmedFalsely), new("stop hangs", HangingStop), new("stop fails", FailingStop), new("start fails", FailingStart),
        new("cluster stopped on a node", StopStack), new("cluster stopped on every node", StopEveryStack),
    ];

    private static Fault Split(World world, PortCall call, Random random)
    {
        world.Cluster.Membership.Split([.. world.Nodes.Where(_ => random.Next(2) == 0)]);
        if (random.Next(3) != 0)
            world.After(random.Seconds(0.1, 15), world.Cluster.Membership.Heal);
        return Fault.None;
    }

    private static Fault Heal(World world, PortCall call, Random random)
    {
        world.Cluster.Membership.Heal();
        return Fault.None;
    }

    private static Fault DropDc(World world, PortCall call, Random random)
    {
        if (call.Node.Partition is { } partition)
            world.Cluster.Membership.DropDc(partition);
        return Fault.None;
    }

    private static Fault Lags(World world, PortCall call, Random random)
    {
        world.Cluster.LagsBehind(random.NodeOf(world), random.Seconds(0.05, 1.5));
        return Fault.None;
    }

    private static Fault FencingFails(World world, PortCall call, Random random)
    {
        world.Cluster.Membership.FencingFails = true;
        world.After(random.Seconds(10, 120), () => world.Cluster.Membership.FencingFails = false);
        return Fault.None;
    }

    // Somebody sees an unclean node in crm_mon, and confirms it as down to have an end of it.
    private static Fault ConfirmedFalsely(World world, PortCall call, Random random)
    {
        world.Cluster.Membership.FencingFails = true;
        world.Cluster.Membership.Split([random.NodeOf(world)]);
        world.After(Timing.TokenTimeout + Timing.Election + random.Seconds(0.1, 2), () =>
        {
            world.Nodes.ForEach(world.Admin.ConfirmFalsely);
            world.Cluster.Membership.FencingFails = false;
        });
        world.After(random.Seconds(6, 30), world.Cluster.Membership.Heal);
        return Fault.None;
    }

    private static Fault HangingStop(World world, PortCall call, Random random)
    {
        world.Cluster.Resources.WillNotStop.Add("db");
        world.After(random.Seconds(5, 60), world.Admin.MendResources);
        return Fault.None;
    }

    private static Fault FailingStop(World world, PortCall call, Random random)
    {
        world.Cluster.Resources.StopWillFail.Add(random.Next(2) == 0 ? "db" : "vip");
        return Fault.None;
    }

    private static Fault FailingStart(World world, PortCall call, Random random)
    {
        world.Cluster.Resources.WillNotStart.Add("vip");
        world.After(random.Seconds(5, 90), world.Admin.MendResources);
        return Fault.None;
    }

    private static Fault StopStack(World world, PortCall call, Random random)
    {
        Restart(world, random.NodeOf(world), random.Seconds(1, 20));
        return Fault.None;
    }

    private static Fault StopEveryStack(World world, PortCall call, Random random)
    {
        foreach (var node in world.Nodes)
            Restart(world, node, random.Seconds(5, 15));
        return Fault.None;
    }

    private static void Restart(World world, SimNode node, TimeSpan after)
    {
        world.Cluster.Membership.StopStack(node);
        node.OfThisBoot(after, () => world.Cluster.Join(node));
    }
}
