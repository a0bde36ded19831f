using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>All laws of safety; the law of liveness is <see cref="Ending"/>.</summary>
internal sealed class LawBook(World world)
{
    private readonly Seen _seen = new(world);
    private Transcript? _transcript;
    private readonly Law[] _laws =
    [
        new OneNodeAtATime(world), new MarkHasToken(world), new MarkIsWanted(world), new DrainedBeforeLoad(world), new WholeCluster(world), new AdministratorsStandby(world),
        new NoSecondLoad(world), new FailureHalts(world), new TroubleStaysDrained(world), new PatchedIsRead(world), new PersistedIsProved(world), new RebootIsAskedFor(world),
        new RehearsalIsOne(world), new NoFenceForALockspace(world), new HomeWithItsLocks(world),
    ];

    public void Look()
    {
        foreach (var law in _laws)
            law.Look();
    }

    /// <summary>What the world came through.</summary>
    public IReadOnlyDictionary<string, int> Marks => _seen.Marks;

    public void Mark(string mark) => _seen.Mark(mark);

    /// <summary>Has all that happens from now on written down.</summary>
    public Transcript WriteDown() => _transcript = new Transcript(world);

    public void TickBegins(SimNode node) => Each(law => law.TickBegins(node));

    public void Loading(SimNode node, PatchModule module) => Each(law => law.Loading(node, module));

    public void Journalled(SimNode node, Run run) => Each(law => law.Journalled(node, run));

    public void Closing(SimNode node, Run? run) => Each(law => law.Closing(node, run));

    public void TokenChanges(SimNode node, Partition partition, Token to)
    {
        Each(law => law.TokenChanges(node, partition, partition.Cib.TokenRead, to));
    }

    public void TokenBroken(Token token) => Each(law => law.TokenBroken(token));

    public void TokenOverwritten(Token token) => Each(law => law.TokenOverwritten(token));

    public void FailuresForgotten() => Each(law => law.FailuresForgotten());

    public void TransientChanges(SimNode node, Partition partition, string attribute, string? to, Writer by) => Each(law => law.TransientChanges(node, partition, attribute, to, by));

    public void Marking(SimNode node, DrainMode kind, bool set) => Each(law => law.Marking(node, kind, set));

    public void PermanentChanges(SimNode node, string? to, Writer by) => Each(law => law.PermanentChanges(node, to, by));

    public void WentDown(SimNode node) => Each(law => law.WentDown(node));

    public void Boots(SimNode node) => Each(law => law.Boots(node));

    public void WorkerKilled(SimNode node) => Each(law => law.WorkerKilled(node));

    public void Acts(SimNode node, string resource, string? role) => _transcript?.Acts(node, resource, role);

    public void AbortAsked(SimNode node) => Each(law => law.AbortAsked(node));

    public void QuarantineCleared(SimNode node) => Each(law => law.QuarantineCleared(node));

    public void OnProbation(SimNode node, TimeSpan until) => Each(law => law.OnProbation(node, until));

    public void Persisted(SimNode node, PatchModule module) => Each(law => law.Persisted(node, module));

    public void MarkLands(SimNode node, string attribute, string? run) => Each(law => law.MarkLands(node, attribute, run));

    public void LoadedAtBoot(SimNode node, PatchModule module) => Each(law => law.LoadedAtBoot(node, module));

    /// <summary>A person wishes a rehearsal, or calls it off.</summary>
    public void RehearsalWished(RehearsalWish? wish) => _transcript?.RehearsalWished(wish);

    public void Rebooting(SimNode node) => Each(law => law.Rebooting(node));

    private void Each(Action<Law> tell)
    {
        foreach (var law in _laws)
            tell(law);
        tell(_seen);
        if (_transcript is not null)
            tell(_transcript);
    }
}
