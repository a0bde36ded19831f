using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// One law of the design, judged by what is true in the world, never by what a port told the program. A law overrides what it needs
/// to hear; each of these comes before the effect.
/// </summary>
internal abstract class Law(World world)
{
    protected World World { get; } = world;

    /// <summary>After every port call and every event: does the world look lawful?</summary>
    public virtual void Look()
    {
    }

    public virtual void TickBegins(SimNode node)
    {
    }

    public virtual void Loading(SimNode node, PatchModule module)
    {
    }

    public virtual void Journalled(SimNode node, Run run)
    {
    }

    public virtual void Closing(SimNode node, Run? run)
    {
    }

    /// <summary>The program on that node changes the token.</summary>
    public virtual void TokenChanges(SimNode node, Partition partition, Token from, Token to)
    {
    }

    /// <summary>A person takes the token from its holder.</summary>
    public virtual void TokenBroken(Token token)
    {
    }

    /// <summary>
    /// A person overwrites the token while a run holds it, by hand or with an old configuration. What that run does until it has
    /// looked again is that person's doing.
    /// </summary>
    public virtual void TokenOverwritten(Token token) => TokenBroken(token);

    /// <summary>A person has failures counted anew: resumes, or writes another token.</summary>
    public virtual void FailuresForgotten()
    {
    }

    /// <summary>A transient attribute of the node: standby, or our health attribute.</summary>
    public virtual void TransientChanges(SimNode node, Partition partition, string attribute, string? to, Writer by)
    {
    }

    public virtual void PermanentChanges(SimNode node, string? to, Writer by)
    {
    }

    public virtual void WentDown(SimNode node)
    {
    }

    public virtual void Boots(SimNode node)
    {
    }

    public virtual void WorkerKilled(SimNode node)
    {
    }

    /// <summary>The cluster starts (in that role) or stops a resource.</summary>
    public virtual void Acts(SimNode node, string resource, string? role)
    {
    }

    /// <summary>A person asks for an abort.</summary>
    public virtual void AbortAsked(SimNode node)
    {
    }

    public virtual void QuarantineCleared(SimNode node)
    {
    }

    /// <summary>The run has ended with the patch in force; a crash before that time is held against it.</summary>
    public virtual void OnProbation(SimNode node, TimeSpan until)
    {
    }

    /// <summary>The patch has just been put where it is loaded at boot.</summary>
    public virtual void Persisted(SimNode node, PatchModule module)
    {
    }

    /// <summary>The program asks for a mark by which its node is drained, or for its deletion.</summary>
    public virtual void Marking(SimNode node, DrainMode kind, bool set)
    {
    }

    /// <summary>A change of the node's transient attribute that the program asked for reaches the CIB.</summary>
    /// <param name="node">The node.</param>
    /// <param name="attribute">The attribute.</param>
    /// <param name="run">The run that asked for it.</param>
    public virtual void MarkLands(SimNode node, string attribute, string? run)
    {
    }

    /// <summary>kpatch.service loads it.</summary>
    public virtual void LoadedAtBoot(SimNode node, PatchModule module)
    {
    }

    /// <summary>The program asks for a reboot.</summary>
    public virtual void Rebooting(SimNode node)
    {
    }

    protected void Broken(string how) => throw new LawBrokenException(GetType().Name, how, World.Trace.ToString());

    /// <summary>The token of the node's partition is that of the run which the node's journal names.</summary>
    protected static bool HoldsToken(SimNode node) =>
        node.Partition is { } partition && HoldsToken(node, partition.Cib);

    protected static bool HoldsToken(SimNode node, Cib cib) =>
        cib.TokenRead is { } token && token.IsHeldOn(node.Name)
        && (node.Disk.Journal is null || node.Disk.Journal.Id == token.Run);
}
