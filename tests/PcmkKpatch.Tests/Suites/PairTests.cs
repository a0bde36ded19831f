using NUnit.Framework;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>Two faults close to each other: the second one strikes the recovery from the first.</summary>
public sealed class PairTests
{
    private const int Calls = 150;
    private const int Reach = 10;
    private static readonly Fault[] s_faults = [Fault.CrashBefore, Fault.CrashAfter, Fault.FailAfter, Fault.PowerOffAfter];

    [TestCase(LoadOutcome.Accept)]
    [TestCase(LoadOutcome.Stall)]
    public void a_second_fault_strikes_the_recovery_from_the_first(LoadOutcome outcome)
    {
        var count = new Count();
        for (var first = 1; first <= Calls; first += 2)
        {
            for (var second = first + 1; second <= first + Reach; second++)
            {
                // Not all pairs of kinds at each pair of places, but every pair of kinds at many places.
                var one = s_faults[(first / 2 + second) % 4];
                var other = s_faults[(first / 8 + 3 * second) % 4];
                var world = new World(new WorldOptions { Nodes = 2, Faults = new FaultsAt((first, one), (second, other)) });
                world.Nodes.ForEach(node => node.NextLoad = outcome);
                try
                {
                    Ending.Demand(world);
                    Ending.DemandPatchedWithHelp(world);
                }
                catch (LawBrokenException e)
                {
                    Assert.Fail($"{outcome}, {one} at {first}, {other} at {second}: {e.Message}");
                }

                Count.AddPair();
                count.Add(world);
            }
        }

        count.Print($"pairs, {outcome}");
    }
}
