using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Core.Watch;

/// <summary>What a line is about, for who sees colours.</summary>
public enum Tone
{
    /// <summary>Nothing to be seen at once.</summary>
    Plain,

    /// <summary>Done.</summary>
    Good,

    /// <summary>At work.</summary>
    Busy,

    /// <summary>A person must look.</summary>
    Bad,
}

/// <summary>A line of the head: a word, and what is told under it.</summary>
/// <param name="Word">The word.</param>
/// <param name="Text">What is told.</param>
/// <param name="Tone">What it is about.</param>
public sealed record WatchedLine(string Word, string Text, Tone Tone = Tone.Plain)
{
    /// <summary>It is another one in every moment, and so no news.</summary>
    public bool Passing { get; init; }
}

/// <summary>A node.</summary>
/// <param name="Name">The node.</param>
/// <param name="IsHere">The one that this is asked on.</param>
/// <param name="Cluster">How the cluster has it, in a word.</param>
/// <param name="Patch">The patches in force there.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Progress">How far it is with that; null where that is not known.</param>
/// <param name="Tone">What it is about.</param>
public sealed record WatchedNode(string Name, bool IsHere, string Cluster, string Patch, string State, string? Progress, Tone Tone)
{
    private const string Unknown = "unknown";

    /// <summary>A node as the cluster has it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="view">The cluster.</param>
    /// <param name="patchHere">The patches in force on this node, just read; null of another one.</param>
    /// <param name="progress">Gives how far it is in that phase.</param>
    public static WatchedNode Of(NodeView node, ClusterView view, string? patchHere, Func<Phase, string?> progress)
    {
        string? Published(string name) => node.Online && node.Attributes.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
        var state = node.WhyNotPatched is { } never ? $"not patched: {never}" : Published(FleetGates.StateAttribute) ?? Unknown;
        var phase = PhaseOf(state);
        return new WatchedNode(
            node.Name, node.Name == view.LocalNode, Word(node), patchHere ?? Published(DriftGates.PatchAttribute) ?? Unknown, state,
            phase is { } known ? progress(known) : null, ToneOf(node, state, phase));
    }

    /// <summary>The phase that a node says it is in; null where it is in none.</summary>
    public static Phase? PhaseOf(string state) => Enum.TryParse<Phase>(StateWords.Word(state), ignoreCase: true, out var phase) && Enum.IsDefined(phase) ? phase : null;

    /// <summary>How the cluster has a node, in a word.</summary>
    public static string Word(NodeView node) => !node.Online ? node.Unclean ? "unclean" : node.Pending ? "joining" : "offline" : node.Standby ? "standby" : node.Unhealthy ? "unhealthy" : "online";

    private static Tone ToneOf(NodeView node, string state, Phase? phase) =>
        (!node.Online && node.IsMember) || phase == Phase.Parked || state.StartsWith(StateWords.NeedsAttention, StringComparison.Ordinal) ? Tone.Bad
        : phase is not null ? Tone.Busy
        : Enum.TryParse<Verdict>(StateWords.Word(state), ignoreCase: true, out var verdict) ? verdict is Verdict.Patched or Verdict.Rehearsed ? Tone.Good : verdict.Halts() ? Tone.Bad : Tone.Plain
        : Tone.Plain;
}

/// <summary>The rollout in one moment, as it is shown.</summary>
public sealed record WatchView
{
    /// <summary>When it was looked at.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What is told above the nodes.</summary>
    public required IReadOnlyList<WatchedLine> Head { get; init; }

    /// <summary>The nodes.</summary>
    public required IReadOnlyList<WatchedNode> Nodes { get; init; }

    /// <summary>Why the last look told nothing, so that this is an earlier one; null where it did.</summary>
    public string? Problem { get; init; }
}
