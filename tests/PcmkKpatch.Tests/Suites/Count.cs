using NUnit.Framework;
using PcmkKpatch.Tests.Simulation;

namespace PcmkKpatch.Tests.Suites;

/// <summary>Counts what a suite has run through, and says so in its test's output.</summary>
internal sealed class Count
{
    private static long s_worlds;
    private static long s_portCalls;
    private static long s_faultPoints;
    private readonly SortedDictionary<string, long> _marks = new(StringComparer.Ordinal);
    private long _worlds;
    private long _portCalls;

    public IEnumerable<string> Marks => _marks.Keys;

    /// <summary>A world in which one chosen port call goes wrong.</summary>
    public static void AddFaultPoint() => Interlocked.Increment(ref s_faultPoints);

    public static string InAll() => $"simulated in all: {s_worlds} worlds, {s_portCalls} port calls, {s_faultPoints} single fault points";

    public void Add(World world)
    {
        _worlds++;
        _portCalls += world.PortCalls;
        Interlocked.Increment(ref s_worlds);
        Interlocked.Add(ref s_portCalls, world.PortCalls);
        foreach (var (mark, times) in world.Laws.Marks)
            _marks[mark] = _marks.GetValueOrDefault(mark) + times;
    }

    public void Print(string what) => TestContext.Out.WriteLine($"{what}: {_worlds} worlds, {_portCalls} port calls");

    public void PrintMarks() => TestContext.Out.WriteLine(string.Join(", ", _marks.Select(m => $"{m.Key}: {m.Value}")));
}
