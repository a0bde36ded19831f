using NUnit.Framework;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>A world in which one story is told. The laws are judged all along, as everywhere.</summary>
internal sealed class Story
{
    public Story(WorldOptions? options = null)
    {
        World = new World(options ?? new WorldOptions());
        A = World.Nodes[0];
        B = World.Nodes[1];
    }

    public World World { get; }

    public SimNode A { get; }

    public SimNode B { get; }

    public Token Token => World.Cluster.TokenNow;

    /// <summary>The node is the only one with a patch to load, so that the story is about it.</summary>
    public Story About(SimNode node)
    {
        foreach (var other in World.Nodes.Where(n => n != node))
            other.Disk.Installed = null;
        return this;
    }

    public Story Until(Func<bool> so, string what)
    {
        Assert.That(World.RunUntil(so, TimeSpan.FromMinutes(5)), Is.True, () => $"it never came to this: {what}; {A} says: {A.Worker.LastSaid}\n{World.Trace}");
        return this;
    }

    public Story UntilPhase(SimNode node, Phase phase) => Until(() => node.Disk.Journal?.Phase == phase, $"{node} in phase {phase}");

    /// <summary>Something happens at the first port call of that phase.</summary>
    public Story AtPhase(SimNode node, Phase phase, Action<World> happens) =>
        When(call => call.Node == node && node.Disk.Journal?.Phase == phase, happens);

    public Story UntilEnded()
    {
        Ending.Demand(World);
        return this;
    }

    public bool InOurStandby(SimNode node) => node.Partition?.Cib.Transient.GetValueOrDefault(node.Name) == Standby.OurValue;

    /// <summary>Does something right before the first port call for which it is so.</summary>
    public Story When(Func<PortCall, bool> so, Action<World> happens) => When(so, (world, _) =>
    {
        happens(world);
        return Fault.None;
    });

    public Story When(Func<PortCall, bool> so, Func<World, PortCall, Fault> happens)
    {
        World.Faults = new Once((_, call) => so(call), happens);
        return this;
    }
}
