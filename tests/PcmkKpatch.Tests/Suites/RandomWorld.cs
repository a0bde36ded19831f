using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>A world drawn from a seed: how many nodes, which policy, which kernels, which faults. The same seed is the same world to the last event.</summary>
internal static class RandomWorld
{
    /// <summary>Plays it to its end. Throws <see cref="LawBrokenException"/>.</summary>
    public static World Play(int seed, int traceKept = 200)
    {
        var random = new Random(seed);
        var world = Draw(seed, random, traceKept);
        // Safety while it goes wrong …
        world.Run(random.Seconds(5, 120));
        // … and then liveness.
        Chaos.Stop(world);
        Ending.Demand(world);
        world.Nodes.ForEach(world.Admin.StandbyOff);
        world.Nodes.ForEach(world.Admin.TransientStandbyOff);
        Ending.DemandPatchedWithHelp(world);
        return world;
    }

    private static World Draw(int seed, Random random, int traceKept)
    {
        // Drawn apart: the worlds without one are the same as if there were none with it.
        var apart = new Random(~seed);
        var shared = apart.Next(3) == 0;
        var world = new World(new WorldOptions
        {
            Shared = shared,
            Nodes = random.Next(1000) switch { 0 => 32, < 400 => 3, < 800 => 2, _ => 5 },
            Seed = seed,
            TraceKept = traceKept,
            StandbyLag = random.Next(3) == 0 ? random.Seconds(0.001, 3) : TimeSpan.Zero,
            PurgeLost = random.Next(5) == 0,
            Policy = Timing.Policy with
            {
                Rollback = Any<Rollback>(random),
                Persist = Any<Persist>(random),
                QuarantineScope = Any<QuarantineScope>(random),
                Probation = random.Next(4) == 0 ? TimeSpan.Zero : Timing.Policy.Probation,
                MaxFailures = random.Next(2) * random.Next(4),
                Pause = random.Next(3) == 0 ? random.Seconds(1, 40) : TimeSpan.Zero,
                Drain = random.Next(2) == 0 ? DrainMode.Standby : Any<DrainMode>(random),
                Gates = shared ? "dlm.drain=warn" : "",
                WriteProbe = apart.Next(2) == 0,
            },
            Faults = new Chaos(random, shared),
        });
        var outcomes = Enum.GetValues<LoadOutcome>();
        var skewed = random.Next(3) == 0;
        foreach (var node in world.Nodes)
        {
            node.NextLoad = random.Next(3) == 0 ? outcomes[random.Next(outcomes.Length)] : LoadOutcome.Accept;
            // Without probation nothing keeps such a patch from taking its node down again and again: that is what the parameter says.
            if (node.NextLoad == LoadOutcome.PanicLate && world.Options.Policy.Probation == TimeSpan.Zero)
                node.NextLoad = LoadOutcome.PanicSoon;
            if (random.Next(4) == 0)
                node.Disk.Installed = SimDisk.Packaged(1);
            node.InstallFails = random.Next(10) == 0;
            node.Disk.Boot.FailsAt = random.Next(10) == 0 ? (BootStep)random.Next(4) : null;
            if (random.Next(10) == 0)
                node.Disk.Boot.Modules.Add(SimDisk.Patch(random.Next(2) * 2));
            if (skewed)
                node.ClockError = TimeSpan.FromSeconds(random.Next(-5000, 5000));
        }

        // So many nodes are about the crowd that watches: few of them have a patch to load.
        if (world.Nodes.Count == 32)
            world.Nodes.ForEach(node => node.Disk.Installed = random.Next(8) == 0 ? node.Disk.Installed : null);
        return world;
    }

    private static T Any<T>(Random random)
        where T : struct, Enum => Enum.GetValues<T>()[random.Next(Enum.GetValues<T>().Length)];
}
