namespace PcmkKpatch.Tests.Simulation;

/// <summary>
/// Faults at random, for some time. Which of them a world knows at all is drawn too, so that some worlds have a single kind of trouble
/// and others all of them.
/// </summary>
internal sealed class Chaos : IFaults
{
    private readonly Random _random;
    private readonly List<Func<World, PortCall, Fault>> _kinds = [];
    private readonly int _oneIn;
    private int _left;

    public Chaos(Random random)
    {
        _random = random;
        _oneIn = random.Next(20, 300);
        _left = random.Next(1, random.Next(2) == 0 ? 6 : 30);
        Func<World, PortCall, Fault>[] all =
        [
            (_, _) => Fault.CrashBefore, (_, _) => Fault.CrashAfter, (_, _) => Fault.FailBefore, (_, _) => Fault.FailAfter,
            (_, _) => Fault.PowerOffBefore, (_, _) => Fault.PowerOffAfter,
            PowerOffAny, Slow, Slow, Split, Split, HangingStop, FailingStart, KernelWarns, Heal, StopStack, StandbyOn, StandbyOff, TransientStandby, Abort, LoseJournal, Resume, Release, ClockJumps, NewPatch,
        ];
        foreach (var kind in all)
        {
            if (random.Next(3) != 0)
                _kinds.Add(kind);
        }
    }

    public Fault At(World world, PortCall call)
    {
        if (_left == 0 || _kinds.Count == 0 || _random.Next(_oneIn) != 0)
            return Fault.None;
        _left--;
        return _kinds[_random.Next(_kinds.Count)](world, call);
    }

    /// <summary>Faults stop: the network is whole, every node has power and its stack, and nothing breaks any more.</summary>
    public static void Stop(World world)
    {
        world.Faults = new NoFaults();
        world.Cluster.Membership.Heal();
        world.Admin.MendResources();
        foreach (var node in world.Nodes)
        {
            node.ClusterDisabled = false;
            if (!node.PoweredOn)
                node.BootLater(TimeSpan.FromSeconds(1));
            else if (node.Partition is null)
                node.OfThisBoot(Timing.ClusterStart, () => world.Cluster.Join(node));
        }
    }

    private SimNode Any(World world) => world.Nodes[_random.Next(world.Nodes.Count)];

    private Fault PowerOffAny(World world, PortCall call)
    {
        var node = Any(world);
        node.PowerOff("power cut");
        if (_random.Next(2) == 0)
            node.BootLater(TimeSpan.FromSeconds(_random.Next(1, 20)));
        return Fault.None;
    }

    // The call takes its time; whatever else is on its way goes on meanwhile.
    private Fault Slow(World world, PortCall call)
    {
        if (world.Depth < 2)
            world.RunDuringCall(TimeSpan.FromMilliseconds(_random.Next(10, 12000)));
        return _random.Next(4) == 0 ? Fault.FailAfter : Fault.None;
    }

    private Fault Split(World world, PortCall call)
    {
        world.Cluster.Membership.Split([.. world.Nodes.Where(_ => _random.Next(2) == 0)]);
        if (_random.Next(3) != 0)
            world.After(TimeSpan.FromMilliseconds(_random.Next(100, 15000)), world.Cluster.Membership.Heal);
        return Fault.None;
    }

    private Fault HangingStop(World world, PortCall call)
    {
        world.Cluster.Resources.WillNotStop.Add("db");
        world.After(TimeSpan.FromSeconds(_random.Next(5, 60)), world.Admin.MendResources);
        return Fault.None;
    }

    private Fault FailingStart(World world, PortCall call)
    {
        world.Cluster.Resources.WillNotStart.Add("vip");
        world.After(TimeSpan.FromSeconds(_random.Next(5, 90)), world.Admin.MendResources);
        return Fault.None;
    }

    private Fault KernelWarns(World world, PortCall call)
    {
        call.Node.Kernel.Warn();
        return Fault.None;
    }

    private Fault Heal(World world, PortCall call)
    {
        world.Cluster.Membership.Heal();
        return Fault.None;
    }

    private Fault StopStack(World world, PortCall call)
    {
        var node = Any(world);
        world.Cluster.Membership.StopStack(node);
        node.OfThisBoot(TimeSpan.FromSeconds(_random.Next(1, 20)), () => world.Cluster.Join(node));
        return Fault.None;
    }

    private Fault StandbyOn(World world, PortCall call)
    {
        world.Admin.StandbyOn(Any(world));
        return Fault.None;
    }

    private Fault StandbyOff(World world, PortCall call)
    {
        world.Admin.StandbyOff(Any(world));
        return Fault.None;
    }

    // Between the program's look and the landing of its write nothing could tell the two apart: the attribute daemon has no
    // compare-and-set. So a person does this between two ticks, with nothing on its way.
    private Fault TransientStandby(World world, PortCall call)
    {
        var node = Any(world);
        world.After(TimeSpan.Zero, () =>
        {
            if (node.Worker.InTick || world.Cluster.AttributesBusy(node))
                return;
            world.Admin.TransientStandbyOn(node);
            node.OfThisBoot(TimeSpan.FromSeconds(_random.Next(1, 20)), () => world.Admin.TransientStandbyOff(node));
        });
        return Fault.None;
    }

    private Fault Abort(World world, PortCall call)
    {
        world.Admin.Abort(Any(world));
        return Fault.None;
    }

    // Where the journal is lost, the CIB is what remembers the run. So not while the sides are apart, of which one's CIB will be lost.
    private Fault LoseJournal(World world, PortCall call)
    {
        var damaged = _random.Next(2) == 0;
        world.After(TimeSpan.Zero, () =>
        {
            if (!call.Node.Worker.InTick && !world.Cluster.Membership.IsSplit)
                call.Node.Disk.LoseJournal(damaged);
        });
        return Fault.None;
    }

    private Fault Resume(World world, PortCall call)
    {
        world.Admin.Resume();
        return Fault.None;
    }

    private Fault Release(World world, PortCall call)
    {
        world.Admin.Release();
        return Fault.None;
    }

    private Fault ClockJumps(World world, PortCall call)
    {
        world.ClockError = TimeSpan.FromSeconds(_random.Next(-100000, 100000));
        return Fault.None;
    }

    private Fault NewPatch(World world, PortCall call)
    {
        Any(world).Disk.Installed = SimDisk.Patch(2);
        return Fault.None;
    }
}
