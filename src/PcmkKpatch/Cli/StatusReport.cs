using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Cli;

/// <summary>One node in a status report.</summary>
/// <param name="Name">The node.</param>
/// <param name="Online">It takes part in the cluster.</param>
/// <param name="Standby">It is in standby.</param>
/// <param name="Kernel">Its running kernel, or null where it did not tell.</param>
/// <param name="Patch">The live patches in force there, "none", or null where it did not tell.</param>
/// <param name="State">What it is doing, or null where it did not tell.</param>
/// <param name="NotPatched">Why no run is ever on it, or null for a full member.</param>
/// <param name="ReadNow">True where kernel and patch were read from the kernel in this moment; false where the node published them.</param>
/// <param name="Unhealthy">The cluster takes it for unhealthy, as a drain by health has it.</param>
internal sealed record NodeStatus(
    string Name, bool Online, bool Standby, string? Kernel, string? Patch, string? State, string? NotPatched, bool ReadNow, bool Unhealthy);

/// <summary>The token in a status report.</summary>
/// <param name="State">absent, free, held, parked, halted or unreadable.</param>
/// <param name="Node">The holder.</param>
/// <param name="Run">The holder's run.</param>
/// <param name="Since">Since when, by the holder's clock.</param>
/// <param name="Why">Why it is parked or halted.</param>
internal sealed record TokenStatus(string State, string? Node, string? Run, string? Since, string? Why);

/// <summary>A hold in a status report.</summary>
/// <param name="Node">The node on which it lies; null for all.</param>
/// <param name="Until">When it is over, in UTC; null where a person has to take it away.</param>
/// <param name="By">Who wants it, or null.</param>
/// <param name="Reason">Why, or null.</param>
/// <param name="Unreadable">Its text where this version does not know what it says, and so takes every node for held; else null.</param>
internal sealed record HoldStatus(string? Node, DateTime? Until, string? By, string? Reason, string? Unreadable)
{
    /// <summary>The hold that lies there.</summary>
    public static HoldStatus Of(LaidHold laid) => laid.Hold switch
    {
        { IsUnreadable: true } hold => new(laid.Node, null, null, null, hold.Text),
        var hold => new(laid.Node, hold.Until?.UtcDateTime, hold.By, hold.Reason.Length > 0 ? hold.Reason : null, null),
    };

    /// <summary>It in one line.</summary>
    public override string ToString()
    {
        if (Unreadable is not null)
            return $"every node, for {Node ?? "the cluster"} has a hold that says what this version does not know: {Unreadable}";
        var until = Until is { } over ? $" until {over.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)}" : "";
        return (Node ?? "every node") + until + (By is null ? "" : $" by {By}") + (Reason is null ? "" : $": {Reason}");
    }
}

/// <summary>A rehearsal in a status report.</summary>
/// <param name="Id">The rehearsal, or null.</param>
/// <param name="By">Who wants it, or null.</param>
/// <param name="Since">Since when, or null.</param>
/// <param name="Open">The nodes that have not gone through it.</param>
/// <param name="Unreadable">Its text where this version does not know what it says, and so leaves it alone; else null.</param>
/// <param name="Stale">It was wished too long ago for any node to begin with it.</param>
internal sealed record RehearsalStatus(string? Id, string? By, string? Since, IReadOnlyList<string> Open, string? Unreadable, bool Stale)
{
    /// <summary>That rehearsal, as the cluster has it.</summary>
    public static RehearsalStatus Of(RehearsalWish wish, ClusterView view, DateTimeOffset now) =>
        wish.IsUnreadable ? new(null, null, null, [], wish.Text, false) : new(wish.Id, wish.By, wish.Since, RehearsalGates.Open(wish, view), null, wish.IsStale(now));

    /// <summary>It in one line.</summary>
    public override string ToString() =>
        Unreadable is not null ? $"the wish for a rehearsal says what this version does not know, and is left alone: {Unreadable}"
        : $"{Id} by {By} since {Since}; " + (Stale ? "too old for any node to begin with it: pcmk-kpatch rehearse --cancel takes it away" : Open.Count > 0 ? $"to go through it: {string.Join(", ", Open)}" : "every node went through it: see pcmk-kpatch rehearse --follow");
}

/// <summary>The last rollout in a status report.</summary>
/// <param name="Summary">All of it in one sentence.</param>
/// <param name="Outcome">patched, failed or put off.</param>
/// <param name="Began">When its first run began, by that node's clock.</param>
/// <param name="Seconds">How long it took until its last run ended.</param>
/// <param name="Nodes">The nodes that had a run in it, and how the last one of each ended.</param>
internal sealed record LastRolloutStatus(string Summary, string Outcome, DateTime Began, double Seconds, IReadOnlyDictionary<string, string> Nodes)
{
    /// <summary>The last one of those that the nodes told the cluster of, or null.</summary>
    public static LastRolloutStatus? Of(IEnumerable<NodeHistory> told) => RolloutHistory.Of(told.SelectMany(PastRun.Of)) is not [.., var last] ? null
        : new(last.Sentence, last.Outcome, last.Began.UtcDateTime, last.Took.TotalSeconds, last.LastOfEach.ToDictionary(run => run.Node, run => run.Word));
}

/// <summary>This node's unfinished run in a status report.</summary>
/// <param name="Id">The run.</param>
/// <param name="Phase">What it is about to try.</param>
/// <param name="Verdict">How it will end, as far as that is known.</param>
/// <param name="Why">Why.</param>
/// <param name="WorkerAlive">A worker is at it.</param>
internal sealed record RunStatus(string Id, string Phase, string Verdict, string Why, bool WorkerAlive);

/// <summary>What "pcmk-kpatch status" tells. The form of --json: names are stable, new ones may be added.</summary>
/// <param name="LocalNode">The node this was asked on.</param>
/// <param name="Dc">The DC, or null.</param>
/// <param name="Quorum">Quorum by both sources.</param>
/// <param name="Token">The token.</param>
/// <param name="Holds">The holds in force.</param>
/// <param name="Failures">The failed loads after which the rollout went on, or halted, as they are counted.</param>
/// <param name="Drifts">In what the nodes differ, or of what that is not known.</param>
/// <param name="LocalRun">This node's unfinished run, or null.</param>
/// <param name="WorkerStuck">What is wrong with the worker that is alive on this node and does not go on, or null.</param>
/// <param name="JournalDamaged">What is wrong with this node's journal, or null.</param>
/// <param name="Quarantined">The patches that this node refuses because it went down while they were loaded.</param>
/// <param name="Warnings">What is set up on this node so that it may go wrong, a sentence each.</param>
/// <param name="Summary">All of it in one sentence.</param>
/// <param name="WhatToDo">What to type, or null where nothing needs a person.</param>
/// <param name="Nodes">Every node.</param>
internal sealed record StatusReport(
    string LocalNode, string? Dc, bool Quorum, TokenStatus Token, IReadOnlyList<HoldStatus> Holds, IReadOnlyList<FailureStatus> Failures, IReadOnlyList<DriftStatus> Drifts, RunStatus? LocalRun, string? WorkerStuck, string? JournalDamaged, IReadOnlyList<string> Quarantined, IReadOnlyList<string> Warnings,
    string Summary, string? WhatToDo, IReadOnlyList<NodeStatus> Nodes)
{
    /// <summary>The rehearsal that is wished, or null.</summary>
    public RehearsalStatus? Rehearsal { get; init; }

    /// <summary>The last rollout, of which runs have ended; null where there was none.</summary>
    public LastRolloutStatus? LastRollout { get; init; }
}

/// <summary>The report as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class StatusJson : JsonSerializerContext
{
    /// <summary>The report as JSON.</summary>
    public static string Write(StatusReport report) => JsonSerializer.Serialize(report, Default.StatusReport);
}
