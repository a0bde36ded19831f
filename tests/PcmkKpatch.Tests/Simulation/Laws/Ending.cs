using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation.Laws;

/// <summary>
/// Law 6: once faults stop, every run ends: home and released, or parked and told. First without a person; then a person does what the
/// program asks for, and the rollout must come to its end on every node.
/// </summary>
internal static class Ending
{
    private static readonly TimeSpan s_within = TimeSpan.FromMinutes(20);

    // One more try, of ten minutes where a package is not installed, and the wait before it.
    private static readonly TimeSpan s_forEachTolerated = TimeSpan.FromMinutes(15);

    // Longer than every poll, the agent's monitor and the join of a node.
    private static readonly TimeSpan s_stays = TimeSpan.FromSeconds(13);

    /// <summary>Demands that all runs end, and that what they leave behind is told.</summary>
    public static void Demand(World world)
    {
        if (!world.RunUntil(() => StillOpen(world) is null, s_within + (world.MostTolerated * s_forEachTolerated), s_stays))
            throw new LawBrokenException("Ending", StillOpen(world) ?? "it does not stay as it is", world.Trace.ToString());
    }

    /// <summary>A person mends the nodes, aborts what is parked, resumes what is halted: then every node must become patched.</summary>
    public static void DemandPatchedWithHelp(World world)
    {
        foreach (var node in world.Nodes)
        {
            node.NextLoad = LoadOutcome.Accept;
            world.Admin.MendKernel(node);
        }

        for (var help = 0; help < 3 * world.Nodes.Count; help++)
        {
            if (world.RunUntil(() => AllPatched(world), TimeSpan.FromSeconds(2)))
                return;
            // A node that has nowhere to move its resources to says so, and is not drained.
            world.Nodes.ForEach(world.Admin.StandbyOff);
            foreach (var parked in world.Nodes.Where(n => n.Disk.Journal?.Phase == Phase.Parked))
                world.Admin.BringHome(parked);
            world.Admin.Resume();
            Demand(world);
            world.Nodes.ForEach(world.Admin.MendKernel);
        }

        if (!AllPatched(world))
            throw new LawBrokenException("Ending", $"with a person's help the rollout does not end; the token says '{world.Cluster.TokenNow}', and of {string.Join(", ", world.Nodes.Where(n => n.PatchIsDue()))} the agent {(world.Nodes.Exists(n => n.PatchIsDue() && n.Wanted is null) ? "does not run" : $"says: {world.Nodes.Find(n => n.PatchIsDue())?.Worker.LastSaid}")}", world.Trace.ToString());
    }

    public static bool AllPatched(World world) =>
        world.Cluster.TokenNow.State == TokenState.Free && world.Nodes.TrueForAll(n => n.PoweredOn && !n.PatchIsDue() && n.Disk.Journal is null);

    /// <summary>What has not ended yet, or is left behind without anybody being told; null where all is well.</summary>
    public static string? StillOpen(World world)
    {
        var token = world.Cluster.TokenNow;
        foreach (var node in world.Nodes)
        {
            if (node.Partition is not { } partition || !node.Joined)
                return $"{node} is not in the cluster";
            if (!world.Cluster.IsSettled(partition))
                return "the cluster moves resources";
            // Told by the token; or, where a person put another node's trouble there, by this node alone, and the rollout rests.
            var parked = node.Disk.Journal is { Phase: Phase.Parked } run && token.State is TokenState.Parked or TokenState.Halted
                && (token.IsHeldBy(node.Name, run.Id) || token.Node != node.Name || token.State == TokenState.Halted);
            if (node.Disk.Journal is { Phase: not Phase.Acquire } open && !parked)
                return $"the run of {node} is in phase {open.Phase}; the token says '{token}'";
            if (partition.Cib.MarksOf(node.Name).IsOurs && !parked)
                return $"{node} is left with our mark; the token says '{token}'";
            if (node.Disk.Mark is not null && !parked)
                return $"the mark of a load is left on {node}";
            if (token is { State: TokenState.Free } && MayRehearse(world, node, partition))
                return $"the token is free, and {node} has not gone through the rehearsal: {node.Worker.LastSaid}";
            if (token is { State: TokenState.Free } && !RehearsalWaits(world, partition) && MayRoll(world, node))
                return $"the token is free, and {node} is not patched: {node.Worker.LastSaid}";
        }

        return token switch
        {
            // A release that was undone, or a park of old that came back, while the administrator keeps the holder in standby: the agent's next start there repeats the release.
            { State: TokenState.Held or TokenState.Parked } when KeptStoppedByAdministrator(world[token.Node]) => null,
            { State: TokenState.Held } => $"the token is left held: '{token}'",
            { State: TokenState.Parked } when world[token.Node].Disk.Journal?.Phase != Phase.Parked => $"the token says '{token}', and that node is not parked",
            _ => null,
        };
    }

    private static bool KeptStoppedByAdministrator(SimNode node) =>
        node is { Disk.Journal: null, Wanted: null, Worker.Runs: false, Partition: { } partition } && partition.Cib.InStandby(node.Name);

    private static bool MayRehearse(World world, SimNode node, Partition partition) =>
        node.Wanted is not null && partition.Cib.WishRead is { } wish && RehearsalNotes.Wants(wish, node.Name, node.Disk.Rehearsed, world.MomentOn(node).Wall);

    // Where the agent does not run, and does not say (any more) that its node has gone through the rehearsal, that waits for it, and every real run with it: until a
    // person calls it off.
    private static bool RehearsalWaits(World world, Partition partition) =>
        partition.Cib.WishRead is { } wish && world.Nodes.Exists(n => n.Wanted is null && wish.Concerns(n.Name) && !wish.IsStale(world.MomentOn(n).Wall) && RehearsalOutcome.Parse(n.RehearsedAttribute ?? "")?.Id != wish.Id);

    // What waits for a person, and says so, may wait for good.
    private static bool MayRoll(World world, SimNode node) => node is { Wanted: not null, Disk.Installed: { } module } && node.PatchIsDue()
        && world.Cluster.TokenNow.Failures.Of(module.BuildId) <= world.Policy.MaxFailures
        && !world.Nodes.Exists(n => n.Disk.Quarantined.Contains(module.BuildId)) && !node.Kernel.HasLeftOver(module.Name) && !node.Kernel.InTransition
        && world.Nodes.Exists(n => n != node && n.Partition is { } partition && !partition.Cib.InStandby(n.Name));
}
