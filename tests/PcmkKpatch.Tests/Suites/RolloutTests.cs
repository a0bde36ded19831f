using NUnit.Framework;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>Nothing goes wrong.</summary>
public sealed class RolloutTests
{
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(5)]
    [TestCase(32)]
    public void rolls_the_patch_through_every_node_one_at_a_time(int nodes)
    {
        var world = new World(new WorldOptions { Nodes = nodes });

        Assert.That(world.RunUntil(() => Ending.AllPatched(world), TimeSpan.FromMinutes(30)), Is.True, () => world.Trace.ToString());
        Ending.Demand(world);
        TestContext.Out.WriteLine($"{nodes} nodes: {world.PortCalls} port calls, {world.Now.TotalSeconds} s");
    }
}
