using NUnit.Framework;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Suites;

/// <summary>
/// Two faults in one run, at each pair of its port calls: the second one strikes the recovery from the first, or the run that follows it.
/// Not all kinds at each pair of places, but every pair of kinds at some thousand of them. A gate has the time for every eighth pair;
/// "make pairs" and "make reliability" take them all.
/// </summary>
public sealed class PairTests
{
    private const int Every = 8;
    private static readonly Fault[] s_faults = [Fault.CrashBefore, Fault.CrashAfter, Fault.FailAfter, Fault.PowerOffAfter];

    [TestCase(LoadOutcome.Accept)]
    [TestCase(LoadOutcome.Stall)]
    public void two_faults_strike_at_each_pair_of_port_calls(LoadOutcome outcome)
    {
        var calls = CallsWithoutFault(outcome);
        var count = new Count();
        var broken = new List<string>();
        // Two at a time: the machine that tests this has two processors.
        Parallel.ForEach(Pairs(calls), new ParallelOptions { MaxDegreeOfParallelism = 2 }, (pair, state) =>
        {
            var (first, second) = pair;
            var one = s_faults[(first + second) % 4];
            var other = s_faults[(first / 4 + 3 * second) % 4];
            var world = WorldOf(outcome, new FaultsAt((first, one), (second, other)));
            try
            {
                Ending.Demand(world);
                Ending.DemandPatchedWithHelp(world);
            }
            catch (LawBrokenException e)
            {
                lock (count)
                    broken.Add($"{outcome}, {one} at {first}, {other} at {second}: {e.Message}");
                state.Stop();
            }

            Count.AddPair();
            lock (count)
                count.Add(world);
        });
        count.Print($"pairs of {calls} port calls, {outcome}");
        Assert.That(broken, Is.Empty);
    }

    private static IEnumerable<(int First, int Second)> Pairs(int calls)
    {
        var every = Environment.GetEnvironmentVariable("PCMK_KPATCH_PAIRS") == "all" ? 1 : Every;
        return Enumerable.Range(1, calls).SelectMany(first => Enumerable.Range(first + 1, calls - first).Select(second => (first, second)))
            .Where((_, number) => number % every == 0);
    }

    private static int CallsWithoutFault(LoadOutcome outcome)
    {
        var world = WorldOf(outcome, new NoFaults());
        // The first node's run: what the second one does after it is the same once more.
        Assert.That(world.RunUntil(() => world.Nodes.Exists(node => node.Disk.Last is not null), TimeSpan.FromMinutes(5)), Is.True, "one run ends");
        return world.PortCalls;
    }

    private static World WorldOf(LoadOutcome outcome, IFaults faults)
    {
        var world = new World(new WorldOptions { Nodes = 2, Faults = faults });
        world.Nodes.ForEach(node => node.NextLoad = outcome);
        return world;
    }
}
