using System.Text.Json;
using NUnit.Framework;
using PcmkKpatch.Tests.Simulation;

namespace PcmkKpatch.Tests.Suites;

/// <summary>Counts what a suite has run through, and says so in its test's output.</summary>
internal sealed class Count
{
    private const string FaultMark = "fault: ";
    private static long s_worlds;
    private static long s_portCalls;
    private static long s_faultPoints;
    private static long s_pairs;
    private static long s_mistakes;
    private static readonly SortedDictionary<string, long> s_faults = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _marks = new(StringComparer.Ordinal);
    private long _worlds;
    private long _portCalls;

    public IEnumerable<string> Marks => _marks.Keys;

    /// <summary>A world in which one chosen port call goes wrong.</summary>
    public static void AddFaultPoint() => Interlocked.Increment(ref s_faultPoints);

    /// <summary>A world in which two chosen port calls go wrong.</summary>
    public static void AddPair() => Interlocked.Increment(ref s_pairs);

    /// <summary>A planted mistake, and the law that caught it.</summary>
    public static void AddMistakeCaught() => Interlocked.Increment(ref s_mistakes);

    /// <summary>All figures, for the command that writes docs/reliability.md.</summary>
    public static string Json()
    {
        lock (s_faults)
        {
            return JsonSerializer.Serialize(new Dictionary<string, object>
            {
                ["worlds"] = s_worlds,
                ["port_calls"] = s_portCalls,
                ["crash_points"] = s_faultPoints,
                ["pairs"] = s_pairs,
                ["mistakes_caught"] = s_mistakes,
                ["faults"] = s_faults,
            });
        }
    }

    public static string InAll() => $"simulated in all: {s_worlds} worlds, {s_portCalls} port calls, {s_faultPoints} single fault points";

    public void Add(World world)
    {
        _worlds++;
        _portCalls += world.PortCalls;
        Interlocked.Increment(ref s_worlds);
        Interlocked.Add(ref s_portCalls, world.PortCalls);
        foreach (var (mark, times) in world.Laws.Marks)
            _marks[mark] = _marks.GetValueOrDefault(mark) + times;
        lock (s_faults)
        {
            foreach (var (mark, times) in world.Laws.Marks.Where(m => m.Key.StartsWith(FaultMark, StringComparison.Ordinal)))
                s_faults[mark[FaultMark.Length..]] = s_faults.GetValueOrDefault(mark[FaultMark.Length..]) + times;
        }
    }

    public void Print(string what) => TestContext.Out.WriteLine($"{what}: {_worlds} worlds, {_portCalls} port calls");

    public void PrintMarks() => TestContext.Out.WriteLine(string.Join(", ", _marks.Select(m => $"{m.Key}: {m.Value}")));
}
