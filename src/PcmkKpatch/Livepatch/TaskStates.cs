using System.Globalization;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Livepatch;

/// <summary>
/// Which tasks have not crossed over in a patch transition: /proc/PID/task/TID/patch_state is 0 for the old code, 1 for the new, and −1
/// where no patch transition is under way (Linux 4.12 and later, for root). Kernel threads are tasks like any other.
/// </summary>
internal static class TaskStates
{
    private const int MostBlockers = 10;

    /// <summary>The tasks that are not where they are to go. A task that ends while it is looked at is none of them.</summary>
    /// <param name="root">The folder that holds proc, with its slash.</param>
    /// <param name="target">1 where the patch is being put in force, 0 where it is being taken back.</param>
    public static PatchTransition See(string root, int target)
    {
        var other = target == 1 ? "0" : "1";
        var toGo = 0;
        var blockers = new List<Blocker>();
        foreach (var task in NumberedIn($"{root}proc").SelectMany(process => NumberedIn($"{process}/task")))
        {
            if (Text($"{task}/patch_state") != other)
                continue;
            toGo++;
            if (blockers.Count < MostBlockers)
                blockers.Add(new Blocker(int.Parse(Path.GetFileName(task.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture), Text($"{task}/comm") ?? "?", Stack(Text($"{task}/stack") ?? "")));
        }

        return new PatchTransition(toGo, blockers);
    }

    // "[<0>] do_wait+0x60/0x100", and "[<ffffffff81a0b2c3>] …" before Linux 4.15; a module's name may follow in brackets.
    private static List<string> Stack(string text)
    {
        var functions = new List<string>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var function = line[(line.IndexOf("] ", StringComparison.Ordinal) is >= 0 and var at ? at + 2 : 0)..].Split('+', ' ')[0];
            if (function.Length > 0 && !function.StartsWith("0x", StringComparison.Ordinal))
                functions.Add(function);
        }

        return functions;
    }

    private static IEnumerable<string> NumberedIn(string folder)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(folder).Where(path => char.IsAsciiDigit(path[path.LastIndexOf('/') + 1]))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // Gone, on its way out (ESRCH), or none of ours to see: what is said here helps a person, and decides nothing.
    private static string? Text(string file)
    {
        try
        {
            return SysFile.LineIfThere(file);
        }
        catch (ToolFailedException)
        {
            return null;
        }
    }
}
