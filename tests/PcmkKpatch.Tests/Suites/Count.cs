using NUnit.Framework;
using PcmkKpatch.Tests.Simulation;

namespace PcmkKpatch.Tests.Suites;

/// <summary>Counts what a suite has run through, and says so in its test's output.</summary>
internal sealed class Count
{
    private readonly SortedDictionary<string, long> _marks = new(StringComparer.Ordinal);
    private long _worlds;
    private long _portCalls;

    public IEnumerable<string> Marks => _marks.Keys;

    public void Add(World world)
    {
        _worlds++;
        _portCalls += world.PortCalls;
        foreach (var (mark, times) in world.Laws.Marks)
            _marks[mark] = _marks.GetValueOrDefault(mark) + times;
    }

    public void Print(string what) => TestContext.Out.WriteLine($"{what}: {_worlds} worlds, {_portCalls} port calls");

    public void PrintMarks() => TestContext.Out.WriteLine(string.Join(", ", _marks.Select(m => $"{m.Key}: {m.Value}")));
}
