using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;

namespace PcmkKpatch.Cli;

/// <summary>What is to be seen of the rollout on this node in one moment.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Here">This node.</param>
/// <param name="InOurDrain">It is in the standby, or has the health, that a run sets.</param>
/// <param name="Wanted">What the administrator wants; null where the agent is not started here.</param>
internal sealed record StatusLook(ClusterLook Cluster, LocalLook Here, bool InOurDrain, Policy? Wanted)
{
    /// <summary>Begins to look, and gives what waits for the cluster's answer.</summary>
    public static Func<StatusLook> Begin(IHost host)
    {
        var asked = ClusterLook.Begin(() => host.Node);
        return () => Put(asked(), LocalLook.See(), host.Wanted());
    }

    /// <summary>Puts it together.</summary>
    public static StatusLook Put(ClusterLook cluster, LocalLook here, Policy? wanted) => new(cluster, here, cluster.IsInOurDrain(here), wanted);

    /// <summary>The token was taken longer ago than any run takes.</summary>
    public bool TokenIsOld => Cluster.Token?.IsOlderThan((Wanted ?? Parameters.Defaults).LongestRun, DateTimeOffset.UtcNow) == true;

    /// <summary>All of it in one sentence.</summary>
    public Advice Advice() => new Situation(
        Cluster.View, Cluster.Token, Here.Journal, Here.WorkerAlive, Here.Stuck, InOurDrain && !Here.WorkerAlive, TokenIsOld, Here.Attention, [.. Here.Quarantined.Select(a => a.Patch)]).Advice();
}

/// <summary>What this node's own files say, whether the cluster answers or not.</summary>
/// <param name="Journal">The journal.</param>
/// <param name="WorkerAlive">A worker is alive.</param>
/// <param name="Stuck">It does not go on.</param>
/// <param name="Attention">Why a person must look, by the worker's word; null where nobody must.</param>
/// <param name="Quarantined">The patches that this node refuses.</param>
internal sealed record LocalLook(JournalEntry Journal, bool WorkerAlive, StuckWorker? Stuck, string? Attention, IReadOnlyList<Attempt> Quarantined)
{
    /// <summary>Looks.</summary>
    public static LocalLook See() => See(AttemptFiles.List());

    /// <summary>Looks at all but the quarantine, which is this.</summary>
    public static LocalLook See(IReadOnlyList<Attempt> quarantined)
    {
        var journal = JournalFile.OfThisNode.Read();
        var alive = WorkerLock.IsHeld();
        return new LocalLook(journal, alive, alive ? SignOfLife.Look() : null, AttentionHere(), quarantined);
    }

    private static string? AttentionHere()
    {
        try
        {
            return SmallFile.Text(Paths.Attention);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
