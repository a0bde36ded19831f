namespace PcmkKpatch.Tests.Simulation;

/// <summary>What befalls a machine: its power, its tools, its disk, its clock, its kernel.</summary>
internal static class NodeTroubles
{
    public static readonly IReadOnlyList<Trouble> All =
    [
        new("another node's power cut", PowerOffAny), new("slow tool", Slow), new("hanging tool", Hangs), new("journal lost", LoseJournal), new("clock jumps", ClockJumps),
        new("kernel warns", KernelWarns), new("patch transition ends after all", TransitionEnds), new("somebody turns the patch back", TurnedBack),
        new("somebody loads the patch", LoadedByHand), new("new patch installed", NewPatch), new("patch file removed", PatchRemoved), new("disk fills up", DiskFills),
    ];

    /// <summary>What befalls it where there is a shared file system.</summary>
    public static readonly IReadOnlyList<Trouble> WithLocks =
    [
        new("shared file system not mounted again", (world, _, random) => Shared(world, random, SharedTrouble.NotMounted)),
        new("shared file system cannot be written to", (world, _, random) => Shared(world, random, SharedTrouble.NotWritable)),
        new("shared file system stands still", (world, _, random) => Shared(world, random, SharedTrouble.StandsStill)),
    ];

    private static Fault PowerOffAny(World world, PortCall call, Random random)
    {
        var node = random.NodeOf(world);
        node.PowerOff("power cut");
        if (random.Next(2) == 0)
            node.BootLater(random.Seconds(1, 20));
        return Fault.None;
    }

    // The call takes its time; whatever else is on its way goes on meanwhile.
    private static Fault Slow(World world, PortCall call, Random random)
    {
        if (world.Depth < 2)
            world.RunDuringCall(random.Seconds(0.01, 12));
        return random.Next(4) == 0 ? Fault.FailAfter : Fault.None;
    }

    private static Fault Hangs(World world, PortCall call, Random random)
    {
        if (world.Depth < 2)
            world.RunDuringCall(random.Seconds(20, 90));
        return random.Next(2) == 0 ? Fault.FailBefore : Fault.FailAfter;
    }

    // Where the journal is lost, the CIB is what remembers the run. So not while the sides are apart, of which one's CIB will be lost.
    private static Fault LoseJournal(World world, PortCall call, Random random)
    {
        var damaged = random.Next(2) == 0;
        world.After(TimeSpan.Zero, () =>
        {
            if (!call.Node.Worker.InTick && !world.Cluster.Membership.IsSplit)
                call.Node.Disk.LoseJournal(damaged);
        });
        return Fault.None;
    }

    private static Fault ClockJumps(World world, PortCall call, Random random)
    {
        random.NodeOf(world).ClockError = TimeSpan.FromSeconds(random.Next(-100000, 100000));
        return Fault.None;
    }

    private static Fault KernelWarns(World world, PortCall call, Random random)
    {
        call.Node.Kernel.Warn();
        return Fault.None;
    }

    private static Fault TransitionEnds(World world, PortCall call, Random random)
    {
        if (call.Node.Disk.Installed is { } module)
            call.Node.Kernel.Finish(module.Name);
        return Fault.None;
    }

    private static Fault TurnedBack(World world, PortCall call, Random random)
    {
        if (call.Node is { Disk.Installed: { } module, Kernel.InTransition: true })
            call.Node.Kernel.Disable(module.Name);
        return Fault.None;
    }

    // At once and with success: what a person's own load does to a node is that person's.
    private static Fault LoadedByHand(World world, PortCall call, Random random)
    {
        var module = random.Next(4) == 0 ? SimDisk.Patch(2) : call.Node.Disk.Installed;
        if (module is not null && call.Node.PoweredOn && !call.Node.Kernel.InTransition && !call.Node.Kernel.View().Modules.Contains(module.Name))
            call.Node.Kernel.LoadAtBoot(module);
        return Fault.None;
    }

    private static Fault NewPatch(World world, PortCall call, Random random)
    {
        random.NodeOf(world).Disk.Installed = SimDisk.Patch(2);
        return Fault.None;
    }

    private static Fault PatchRemoved(World world, PortCall call, Random random)
    {
        var disk = random.NodeOf(world).Disk;
        if (disk.Installed is not { } module)
            return Fault.None;
        disk.Installed = null;
        world.After(random.Seconds(1, 60), () => disk.Installed ??= module);
        return Fault.None;
    }

    private static Fault Shared(World world, Random random, SharedTrouble trouble)
    {
        var node = random.NodeOf(world);
        node.SharedTrouble = trouble;
        world.After(random.Seconds(1, 90), () => node.SharedTrouble = SharedTrouble.None);
        return Fault.None;
    }

    private static Fault DiskFills(World world, PortCall call, Random random)
    {
        var boot = random.NodeOf(world).Disk.Boot;
        boot.FailsAt = (BootStep)random.Next(4);
        world.After(random.Seconds(1, 120), () => boot.FailsAt = null);
        return Fault.None;
    }
}
