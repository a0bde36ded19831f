using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>What people do beside the program, some of it by mistake.</summary>
internal static class PeoplesDoings
{
    public static readonly IReadOnlyList<Trouble> All =
    [
        new("standby", (world, _, random) => Do(() => world.Admin.StandbyOn(random.NodeOf(world)))),
        new("unstandby", (world, _, random) => Do(() => world.Admin.StandbyOff(random.NodeOf(world)))),
        new("transient standby", TransientStandby),
        new("maintenance", Maintenance),
        new("hold", Hold),
        new("health strategy changed", (world, _, random) => ForAWhile(world, random, () => world.Admin.Configure("changes node-health-strategy", c => c with { HealthStrategy = "none" }))),
        new("rehearsal", Rehearsal),
        new("agent disabled", (world, _, random) => ForAWhile(world, random, () => world.Admin.Disable(SimResources.Agent))),
        new("resource disabled", (world, _, random) => ForAWhile(world, random, () => world.Admin.Disable("vip"))),
        new("agent deleted", (world, _, random) => ForAWhile(world, random, () => world.Admin.Delete(SimResources.Agent))),
        new("resource deleted", (world, _, random) => ForAWhile(world, random, () => world.Admin.Delete("app"))),
        new("parameters changed", ChangeParameters),
        new("abort", (world, _, random) => Do(() => world.Admin.Abort(random.NodeOf(world)))),
        new("resume", (world, _, _) => Do(world.Admin.Resume)),
        new("release", (world, _, _) => Do(world.Admin.Release)),
        new("token edited by hand", EditToken),
        new("old configuration pushed", PushOld),
        new("node rebooted in good order", Reboot),
    ];

    /// <summary>What they do where there is a shared file system.</summary>
    public static readonly IReadOnlyList<Trouble> WithLocks = [new("shared file system mounted by hand", MountByHand)];

    private static Fault Do(Action what)
    {
        what();
        return Fault.None;
    }

    private static Fault ForAWhile(World world, Random random, Action what)
    {
        what();
        if (random.Next(4) != 0)
            world.After(random.Seconds(1, 60), world.Admin.UndoConfiguration);
        return Fault.None;
    }

    // Between the program's look and the landing of its write nothing could tell the two apart: the attribute daemon has no
    // compare-and-set. So a person does this between two ticks, with nothing on its way and where the node's copy of the CIB is not old.
    private static Fault TransientStandby(World world, PortCall call, Random random)
    {
        var node = random.NodeOf(world);
        var lasts = random.Seconds(1, 20);
        world.After(TimeSpan.Zero, () =>
        {
            if (node.Worker.InTick || world.Cluster.AttributesBusy(node) || world.Cluster.AsOf(node) < world.Now)
                return;
            world.Admin.TransientStandbyOn(node);
            node.OfThisBoot(lasts, () => world.Admin.TransientStandbyOff(node));
        });
        return Fault.None;
    }

    private static Fault Hold(World world, PortCall call, Random random)
    {
        var node = random.Next(2) == 0 ? null : random.NodeOf(world);
        world.Admin.Hold(node);
        world.After(random.Seconds(1, 60), () => world.Admin.ClearHold(node));
        return Fault.None;
    }

    private static Fault Rehearsal(World world, PortCall call, Random random)
    {
        world.Admin.Rehearse(random.Next(3) == 0 ? [random.NodeOf(world)] : []);
        if (random.Next(3) == 0)
            world.After(random.Seconds(1, 120), world.Admin.CancelRehearsal);
        return Fault.None;
    }

    private static Fault Maintenance(World world, PortCall call, Random random) =>
        ForAWhile(world, random, () => world.Admin.MaintenanceOn(random.Next(2) == 0 ? null : random.NodeOf(world)));

    private static Fault ChangeParameters(World world, PortCall call, Random random) => Do(() => world.Admin.ChangeParameters(world.Policy with
    {
        Rollback = (Rollback)random.Next(3),
        Persist = (Persist)random.Next(3),
        Soak = random.Seconds(0, 8),
        MaxFailures = random.Next(3),
        Pause = random.Next(2) == 0 ? random.Seconds(1, 40) : TimeSpan.Zero,
        Drain = (DrainMode)random.Next(3),
    }));

    private static Fault EditToken(World world, PortCall call, Random random) => Do(() => world.Admin.EditToken(random.Next(4) switch
    {
        0 => null,
        1 => "held by nobody knows whom",
        _ => Token.Free.Text,
    }));

    private static Fault PushOld(World world, PortCall call, Random random)
    {
        if (world.Cluster.Partitions.FirstOrDefault(p => p.QuorumByCib) is { } partition)
        {
            var old = partition.Cib.Configuration;
            world.After(random.Seconds(0.5, 60), () =>
            {
                if (world.Faults is not NoFaults)
                    world.Admin.Push(old);
            });
        }

        return Fault.None;
    }

    private static Fault MountByHand(World world, PortCall call, Random random)
    {
        var node = random.NodeOf(world);
        if (world.Admin.Mount(node) is { } name)
            world.After(random.Seconds(1, 90), () => world.Admin.Unmount(node, name));
        return Fault.None;
    }

    private static Fault Reboot(World world, PortCall call, Random random)
    {
        var node = random.NodeOf(world);
        world.After(TimeSpan.Zero, () =>
        {
            if (node.PoweredOn)
                node.Reboot();
        });
        return Fault.None;
    }
}
