namespace PcmkKpatch.Tests.Simulation;

/// <summary>A kind of trouble: what it is called, and how it comes about at a port call.</summary>
internal sealed record Trouble(string Name, Func<World, PortCall, Random, Fault> Happens);

/// <summary>
/// Faults at random, for some time. Which of them a world knows at all is drawn too, so that some worlds have a single kind of trouble
/// and others all of them.
/// </summary>
internal sealed class Chaos : IFaults
{
    private static readonly IReadOnlyList<Trouble> s_usual =
    [
        new("worker killed before a call's effect", (_, _, _) => Fault.CrashBefore), new("worker killed after a call's effect", (_, _, _) => Fault.CrashAfter),
        new("tool failed, nothing done", (_, _, _) => Fault.FailBefore), new("tool failed, though done", (_, _, _) => Fault.FailAfter),
        new("power cut before a call's effect", (_, _, _) => Fault.PowerOffBefore), new("power cut after a call's effect", (_, _, _) => Fault.PowerOffAfter),
        .. NodeTroubles.All, .. ClusterTroubles.All, .. PeoplesDoings.All,
    ];

    /// <summary>All that may go wrong.</summary>
    public static readonly IReadOnlyList<Trouble> All = [.. s_usual, .. PeoplesDoings.WithLocks, .. NodeTroubles.WithLocks];

    private readonly Random _random;
    private readonly List<Trouble> _kinds = [];
    private readonly int _oneIn;
    private int _left;

    public Chaos(Random random, bool shared = false)
    {
        _random = random;
        _oneIn = random.Next(20, 300);
        _left = random.Next(1, random.Next(2) == 0 ? 6 : 30);
        var oneOf = random.Next(4) == 0 ? 6 : 2;
        foreach (var kind in shared ? All : s_usual)
        {
            if (random.Next(oneOf) == 0)
                _kinds.Add(kind);
        }
    }

    public Fault At(World world, PortCall call)
    {
        if (_left == 0 || _kinds.Count == 0 || _random.Next(_oneIn) != 0)
            return Fault.None;
        _left--;
        var kind = _kinds[_random.Next(_kinds.Count)];
        world.Laws.Mark($"fault: {kind.Name}");
        world.Trace.Note(world.Now, call.Node.Name, "trouble:", kind.Name);
        return kind.Happens(world, call, _random);
    }

    /// <summary>
    /// Faults stop: the network is whole, every node has power and its stack, nothing breaks any more, and people have undone what they
    /// did. Their standby stays for now, and so does what the program itself must end or tell.
    /// </summary>
    public static void Stop(World world)
    {
        world.Faults = new NoFaults();
        world.Cluster.Membership.FencingFails = false;
        world.Cluster.Membership.Heal();
        world.Admin.MendResources();
        foreach (var node in world.Nodes)
        {
            node.ClusterDisabled = false;
            node.SharedTrouble = SharedTrouble.None;
            node.MountedByHand.ToList().ForEach(name => world.Admin.Unmount(node, name));
            if (!node.PoweredOn)
                node.BootLater(TimeSpan.FromSeconds(1));
            else if (node.Partition is null)
                node.OfThisBoot(Timing.ClusterStart, () => world.Cluster.Join(node));
        }

        world.RunUntil(() => world.Nodes.TrueForAll(n => n is { Joined: true, Partition.QuorumByCib: true }), TimeSpan.FromMinutes(3));
        world.Admin.UndoConfiguration();
        if (world.Cluster.TokenNow.State == Core.Cluster.TokenState.Unreadable)
            world.Admin.EditToken(Core.Cluster.Token.Free.Text);
        world.Admin.MendResources();
    }
}

/// <summary>Draws a time.</summary>
internal static class RandomTimes
{
    public static TimeSpan Seconds(this Random random, double least, double most) =>
        TimeSpan.FromMilliseconds(random.Next((int)(least * 1000), (int)(most * 1000)));

    public static SimNode NodeOf(this Random random, World world) => world.Nodes[random.Next(world.Nodes.Count)];
}
