using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Readiness;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Core.Metrics;

/// <summary>What metrics are made of: this node, and the cluster as far as it can be seen from here.</summary>
public sealed record MetricsView
{
    /// <summary>The version of this program.</summary>
    public required string Version { get; init; }

    /// <summary>When it was looked.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The running kernel.</summary>
    public required Fact<KernelView> Kernel { get; init; }

    /// <summary>The releases of the kernels that are installed and could be booted.</summary>
    public required Fact<IReadOnlyList<string>> Installed { get; init; }

    /// <summary>The administrator's dates.</summary>
    public required Fact<EndOfLife> EndOfLife { get; init; }

    /// <summary>What the administrator wants, by the agent that is started here; null in it where none is.</summary>
    public required Fact<Policy?> Wanted { get; init; }

    /// <summary>How the kernel stands to the patch that is wanted; null in it where no agent is started.</summary>
    public required Fact<PatchState?> Patch { get; init; }

    /// <summary>A worker is alive here.</summary>
    public required bool WorkerRunning { get; init; }

    /// <summary>It does not go on.</summary>
    public required bool WorkerStuck { get; init; }

    /// <summary>This node's journal.</summary>
    public required JournalEntry Journal { get; init; }

    /// <summary>The last run that ended here; null in it where there was none.</summary>
    public required Fact<Run?> Last { get; init; }

    /// <summary>How many patches this node refuses because it went down while they were loaded.</summary>
    public required Fact<int> Quarantined { get; init; }

    /// <summary>Why a person must look at this node, or at the rollout; null where nobody must.</summary>
    public required string? Attention { get; init; }

    /// <summary>The cluster, or why it does not answer.</summary>
    public required Fact<ClusterPart> Cluster { get; init; }
}

/// <summary>The cluster in metrics.</summary>
/// <param name="View">The cluster.</param>
/// <param name="Token">The token, or null where there is none.</param>
/// <param name="TokenOverdue">It was taken longer ago than any run takes.</param>
/// <param name="Drained">This node is in the standby, or has the health, that a run sets.</param>
/// <param name="Holds">The holds in force.</param>
public sealed record ClusterPart(ClusterView View, Token? Token, bool TokenOverdue, bool Drained, IReadOnlyList<Hold> Holds);
