using System.Globalization;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Core.Readiness;

/// <summary>
/// Until when kernels and patches are kept up by their vendor, as the administrator has it from there: no vendor publishes it for programs. A file of
/// the administrator's; a form that is not known is refused whole.
/// </summary>
public sealed class EndOfLife
{
    /// <summary>The first line that is no comment: the form of the file.</summary>
    public const string Head = "end-of-life 1";

    private const string Kernel = "kernel";
    private const string Patch = "patch";
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(30);
    private readonly Dictionary<(string Kind, string Name), DateOnly> _ends;

    private EndOfLife(Dictionary<(string Kind, string Name), DateOnly> ends) => _ends = ends;

    /// <summary>Nothing is known of any.</summary>
    public static EndOfLife Empty { get; } = new([]);

    /// <summary>Reads the table: "kernel RELEASE DATE" and "patch MODULE DATE", the date as 2027-05-31.</summary>
    /// <param name="text">The file.</param>
    /// <param name="error">What is wrong with which line, and what to write; null where nothing is.</param>
    public static EndOfLife? Parse(string text, out string? error)
    {
        var ends = new Dictionary<(string, string), DateOnly>();
        error = TableText.Problem(text, Head, words => Add(words, ends));
        return error is null ? new EndOfLife(ends) : null;
    }

    /// <summary>What is to be said of what every node runs, by what it publishes.</summary>
    public static IEnumerable<Finding> Judge(Fact<EndOfLife> table, ClusterView view, DateOnly today)
    {
        if (!table.IsKnown(out var known, out var unknown))
            return [Finding.NotKnown("end-of-life", "until when kernels and patches are kept up", unknown, "correct the file; pcmk-kpatch(8) has its form")];
        return view.Nodes.SelectMany(node => known.Judge(node, Kernel, [Published(node, DriftGates.KernelAttribute)], today)
            .Concat(known.Judge(node, Patch, Published(node, DriftGates.PatchAttribute).Split(' '), today)));
    }

    /// <summary>The last day on which a kernel is kept up; null where that is not written.</summary>
    public DateOnly? OfKernel(string release) => Of(Kernel, release);

    /// <summary>The last day on which a patch is, by its module's name; null where that is not written.</summary>
    public DateOnly? OfPatch(string module) => Of(Patch, module);

    private DateOnly? Of(string kind, string name) => _ends.TryGetValue((kind, name), out var end) ? end : null;

    private IEnumerable<Finding> Judge(NodeView node, string kind, IEnumerable<string> names, DateOnly today)
    {
        foreach (var name in names)
        {
            if (!_ends.TryGetValue((kind, name), out var end) || today.AddDays((int)s_soon.TotalDays) < end)
                continue;
            var date = end.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            yield return today > end
                ? Finding.Warning($"{kind}.end-of-life", $"the {kind} {name} of {node.Name} has not been kept up since {date}", remedy: Remedy(kind)) with { Node = node.Name }
                : Finding.Note($"{kind}.end-of-life", $"the {kind} {name} of {node.Name} is kept up until {date} only", remedy: Remedy(kind)) with { Node = node.Name };
        }
    }

    private static string Remedy(string kind) => kind == Kernel ? "update the kernel, and reboot into it" : "install a newer patch, or update the kernel and reboot into it";

    private static string Published(NodeView node, string attribute) => node.Attributes.GetValueOrDefault(attribute, "");

    private static string? Add(string[] words, Dictionary<(string, string), DateOnly> ends)
    {
        if (words is not [Kernel or Patch, var name, var date])
            return "write kernel or patch, its release or its module's name, and a date: kernel 5.14.0-70.13.1.el9_0.x86_64 2027-05-31";
        if (!DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var end))
            return $"{ListText.Quote(date)} is no date; write for example 2027-05-31";
        return ends.TryAdd((words[0], words[0] == Patch ? name.Replace('-', '_') : name), end) ? null : $"{ListText.Quote(name)} is written twice";
    }
}
