using PcmkKpatch.Core.Notices;

namespace PcmkKpatch.Host;

/// <summary>
/// What was told last of that which lasts, so that it is told once, and not by each try of a run that is put off, each life of the worker, or each look of the agent. A file
/// with a line for each such event: its name, and why. It is a convenience: where it cannot be kept, more is told.
/// </summary>
internal static class Told
{
    /// <summary>It lasts, and was told already for the same reason; else it is noted as told now.</summary>
    public static bool Already(Notice notice)
    {
        if (!notice.Entry.Lasts)
            return false;
        var (name, why) = (notice.Entry.Name, notice.Why.ReplaceLineEndings(" "));
        var told = Read();
        if (told.GetValueOrDefault(name) == why)
            return true;
        told[name] = why;
        Write(told);
        return false;
    }

    /// <summary>These do not last any more: the next time they are told again.</summary>
    public static void Over(params IEnumerable<Event> events)
    {
        var told = Read();
        var over = events.Select(which => Events.Of(which).Name).Where(told.ContainsKey).ToList();
        if (over.Count == 0)
            return;
        over.ForEach(name => told.Remove(name));
        Write(told);
    }

    private static Dictionary<string, string> Read()
    {
        // As nearly always.
        if (!File.Exists(Paths.Told))
            return [];
        try
        {
            return SmallFile.Text(Paths.Told).Split('\n').Select(line => line.Split(' ', 2)).Where(words => words.Length == 2).DistinctBy(words => words[0], StringComparer.Ordinal)
                .ToDictionary(words => words[0], words => words[1], StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void Write(Dictionary<string, string> told)
    {
        try
        {
            OurFile.Write(Paths.Told, string.Concat(told.Select(one => $"{one.Key} {one.Value}\n")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As the summary says.
        }
    }
}
