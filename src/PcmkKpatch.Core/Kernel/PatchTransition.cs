using System.Globalization;

namespace PcmkKpatch.Core.Kernel;

/// <summary>A task that has not crossed over to the new code, or back to the old.</summary>
/// <param name="Id">Its process or thread id.</param>
/// <param name="Command">Its name, as in /proc/ID/comm.</param>
/// <param name="Stack">Where it is in the kernel, innermost function first; empty where the kernel does not tell.</param>
public sealed record Blocker(int Id, string Command, IReadOnlyList<string> Stack);

/// <summary>How far a patch transition is.</summary>
/// <param name="TasksToGo">How many tasks have not crossed over yet.</param>
/// <param name="Blockers">Some of them.</param>
public sealed record PatchTransition(int TasksToGo, IReadOnlyList<Blocker> Blockers)
{
    private const int MostStackLines = 8;

    /// <summary>Who has not crossed over, in half a sentence.</summary>
    public string Words
    {
        get
        {
            if (TasksToGo == 0)
                return "every task has crossed over";
            var names = string.Join(", ", Blockers.Take(3).Select(b => string.Create(CultureInfo.InvariantCulture, $"{b.Command}[{b.Id}]")));
            var more = TasksToGo > 3 ? " …" : "";
            return string.Create(CultureInfo.InvariantCulture, $"{TasksToGo} {(TasksToGo == 1 ? "task" : "tasks")} to go: {names}{more}");
        }
    }

    /// <summary>The blockers with their stacks, a line each, for the run's record.</summary>
    public IReadOnlyList<string> Evidence =>
        [.. Blockers.Select(b => string.Create(CultureInfo.InvariantCulture, $"not crossed over: {b.Command}[{b.Id}] in {(b.Stack.Count > 0 ? string.Join(" < ", b.Stack.Take(MostStackLines)) : "user space, or unknown")}"))];
}
