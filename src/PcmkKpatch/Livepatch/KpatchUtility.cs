using PcmkKpatch.Core;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Host;

namespace PcmkKpatch.Livepatch;

/// <summary>
/// The kpatch utility, 0.9.7 to 0.9.11, which is a script. It exits with 0 or 1 only, says what it does on standard output and what
/// went wrong on standard error, and never compares the file with what is loaded: what it did is read from the kernel. RHEL's differs in
/// "unload", which asks a question and is not used here; its "load" is this one.
/// </summary>
internal static class KpatchUtility
{
    // Its own waits in the worst case: 15 s for the references of a module that was left over, 4 times 2 s for a busy kernel, 15 + 60 s for the patch
    // transition; then the way back: 4 times 2 s, 15 + 60 s, and 15 s. That is 196 s. Beside them it starts two programs for each task
    // of the node to find those that block: minutes where there are very many. Stopped half-way it would leave the reversal to us, which is no harm.
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_askDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);
    private const int LongestWords = 400;

    // It reads the module's name by readelf and awk. Without them it takes the name for empty, and fails with words that lead astray.
    private static readonly string[] s_needed = ["kpatch", "readelf", "awk"];

    private static readonly string[] s_noise =
        ["retrying...", "Livepatch process signaling is performed automatically on your system.", "Skipping manual process signaling."];

    /// <summary>What it lacks to work on this node, or null.</summary>
    public static string? Missing => s_needed.FirstOrDefault(tool => Tool.Find(tool) is null);

    /// <summary>Its version; null where it is not installed.</summary>
    public static string? Version() => Tool.Find("kpatch") is null ? null
        : Tool.Run("kpatch", ["version"], s_askDeadline).Trim() is { Length: > 0 } version ? version
        : throw new ToolFailedException("kpatch version", 0, "it said nothing");

    /// <summary>kpatch load FILE, which waits for the patch transition and reverses one that does not end.</summary>
    /// <param name="path">The module.</param>
    /// <param name="look">What keeps the patch from being in force; null where no patch is on its way. Asked from another thread while the utility waits.</param>
    public static LoadAnswer Load(string path, Func<PatchTransition?> look)
    {
        using var watch = new TransitionWatch(look, s_pause);
        try
        {
            var answer = Judge(Tool.Ask("kpatch", ["load", path], s_deadline));
            return answer with { Blocked = watch.End() };
        }
        catch (ToolFailedException e)
        {
            return new LoadAnswer(false, e.Message) { Blocked = watch.End() };
        }
    }

    /// <summary>What the utility's answer means.</summary>
    public static LoadAnswer Judge(ToolAnswer answer)
    {
        if (answer.ExitCode == 0)
            return new LoadAnswer(true, "");
        // "module … did not complete its transition, unloading...", and at the end "error: failed to load module … (transition stalled)"; or, where
        // turning back stalled too, "transition stalled for …". That the patch transition "has stalled!" it says after 15 s of any one.
        var stalled = answer.Output.Contains("did not complete its transition", StringComparison.Ordinal) || answer.Errors.Contains("transition stalled", StringComparison.Ordinal)
            || answer.Errors.Contains("did not complete its transition", StringComparison.Ordinal);
        return new LoadAnswer(false, Words(answer), stalled);
    }

    // insmod's reason stands before the utility's own last words, and once for each of its tries.
    private static string Words(ToolAnswer answer)
    {
        var lines = answer.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.StartsWith("kpatch: ", StringComparison.Ordinal) ? line["kpatch: ".Length..] : line)
            .Where(line => !s_noise.Contains(line)).Distinct().ToList();
        var words = lines.Count > 0 ? string.Join("; ", lines) : answer.Words.Length > 0 ? answer.Words : "exit code 1, and it said nothing";
        return $"kpatch: {(words.Length > LongestWords ? words[..LongestWords] + " …" : words)}";
    }
}
