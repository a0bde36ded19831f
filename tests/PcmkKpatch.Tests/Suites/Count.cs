using NUnit.Framework;
using PcmkKpatch.Tests.Simulation;

namespace PcmkKpatch.Tests.Suites;

/// <summary>Counts what a suite has run through, and says so in its test's output.</summary>
internal sealed class Count
{
    private long _worlds;
    private long _portCalls;

    public void Add(World world)
    {
        _worlds++;
        _portCalls += world.PortCalls;
    }

    public void Print(string what) => TestContext.Out.WriteLine($"{what}: {_worlds} worlds, {_portCalls} port calls");
}
