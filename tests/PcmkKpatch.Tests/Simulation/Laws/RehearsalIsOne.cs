using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// A rehearsal touches neither the kernel nor what is loaded at boot. Nothing is loaded by a run that took the token while a rehearsal was wished that not
/// every node had gone through, unless that wish went away meanwhile, or was too old by then. And a node goes through each rehearsal once.
/// </summary>
internal sealed class RehearsalIsOne(World world) : Law(world)
{
    private readonly Dictionary<SimNode, RehearsalWish> _wishedAtTake = [];
    private readonly Dictionary<(SimNode Node, string Rehearsal), string> _ended = [];

    public override void TokenChanges(SimNode node, Partition partition, Token from, Token to)
    {
        _wishedAtTake.Remove(node);
        if (to.State == TokenState.Held && partition.Cib.WishRead is { } wish && !wish.IsStale(World.MomentOn(node).Wall) && World.Nodes.Exists(n => wish.Concerns(n.Name) && !n.Disk.HasRehearsed(wish.Id)))
            _wishedAtTake[node] = wish;
    }

    public override void Look()
    {
        foreach (var (node, wish) in _wishedAtTake)
        {
            if (node.Partition?.Cib.WishRead != wish)
                _wishedAtTake.Remove(node);
        }
    }

    public override void Loading(SimNode node, PatchModule module)
    {
        if (node.Disk.Journal is { Rehearsal: { } notes })
            Broken($"{node} loads {module.Name} in the rehearsal {notes.Id}");
        if (_wishedAtTake.TryGetValue(node, out var wish))
            Broken($"{node} loads {module.Name}, and took the token when not every node had gone through '{wish}'");
    }

    public override void Persisted(SimNode node, PatchModule module)
    {
        if (node.Disk.Journal is { Rehearsal: { } notes })
            Broken($"{node} has {module.Name} loaded at boot in the rehearsal {notes.Id}");
    }

    public override void Closing(SimNode node, Run? run)
    {
        if (run is null || !RehearsalNotes.Counts(run))
            return;
        if (_ended.TryGetValue((node, run.Rehearsal!.Id), out var earlier) && earlier != run.Id)
            Broken($"{node} goes through {run.Rehearsal.Id} twice, in the runs {earlier} and {run.Id}");
        _ended[(node, run.Rehearsal.Id)] = run.Id;
    }
}
