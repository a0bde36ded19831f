using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Report;

/// <summary>All that this node knows of runs: its own records, and what every node told the cluster. What cannot be asked or read is told, and keeps nothing else from being told.</summary>
internal sealed record KnownRuns
{
    private const int LongestStrange = 60;

    /// <summary>The runs, each perhaps more than once.</summary>
    public required IReadOnlyList<PastRun> Runs { get; init; }

    /// <summary>The cluster's nodes; null where it cannot be asked.</summary>
    public IReadOnlyList<NodeView>? Nodes { get; init; }

    /// <summary>This node's name, or null where it is not known.</summary>
    public string? LocalNode { get; init; }

    /// <summary>What else should be known.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Looks everywhere.</summary>
    /// <param name="tokens">The rollout's token.</param>
    /// <param name="host">This machine.</param>
    /// <param name="now">This moment.</param>
    public static KnownRuns See(IToken tokens, IHost host, DateTimeOffset now)
    {
        var notes = new List<string>();
        var own = HistoryFolder.OfThisNode.Runs().Concat(Open(notes)).Select(record => PastRun.Of(record, now)).ToList();
        notes.AddRange(HistoryFolder.OfThisNode.Unreadable().Select(path => $"{path} cannot be read, or was written by a version that is not known to this one: what it says is not in here"));
        try
        {
            var (told, strange) = CibHistory.Look();
            notes.AddRange(strange.Select(text => $"what a node told of its runs was written by a version that is not known to this one, and is not in here: {PlainText.Of(text, LongestStrange)}"));
            var nodes = CrmMon.Ask().Nodes;
            if (tokens.Read() is { State: TokenState.Held or TokenState.Parked or TokenState.Halted } token)
                notes.Add(Said(token));
            return new() { Runs = [.. own, .. told.SelectMany(PastRun.Of)], Nodes = nodes, LocalNode = NameOf(host) ?? LastOf(own), Notes = notes };
        }
        catch (ToolFailedException e)
        {
            notes.Add($"the cluster cannot be asked, so only this node's own runs are in here: {e.Message}");
            return new() { Runs = own, LocalNode = LastOf(own), Notes = notes };
        }
    }

    private static string? NameOf(IHost host)
    {
        try
        {
            return host.Node;
        }
        catch (ToolFailedException)
        {
            return null; // The name is a word in the report's head, and no more.
        }
    }

    private static string? LastOf(List<PastRun> own) => own is [.., var last] ? last.Node : null;

    // One that waits for its turn did nothing yet.
    private static IEnumerable<Run> Open(List<string> notes)
    {
        try
        {
            var entry = JournalFile.OfThisNode.Read();
            if (entry.Damaged is { } damaged)
                notes.Add($"the run that goes on here is not in here: {damaged}");
            return entry.Run is { Rehearsal: null, Phase: not Phase.Acquire } run ? [run] : [];
        }
        catch (ToolFailedException e)
        {
            notes.Add($"whether a run goes on here is not known: {e.Message}");
            return [];
        }
    }

    private static string Said(Token token) => token.State switch
    {
        TokenState.Held => $"a run goes on: {token.Node} has the token since {token.Since} (run {token.Run})",
        TokenState.Parked => $"{token.Node} is parked since {token.Since} and waits for a person: {token.Why} (run {token.Run})",
        _ => $"the rollout is halted since {token.Since}: {token.Node}: {token.Why}; pcmk-kpatch status says what to do",
    };
}
