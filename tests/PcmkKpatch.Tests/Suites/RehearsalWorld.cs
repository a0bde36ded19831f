using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation;

namespace PcmkKpatch.Tests.Suites;

/// <summary>What the stories of a rehearsal begin with, and what they ask of it.</summary>
internal static class RehearsalWorld
{
    /// <summary>The id of the first rehearsal that a person wishes.</summary>
    public const string First = "rehearsal1";

    /// <summary>A world in which one is wished, at once. The simulated calendar begins on a Sunday at 02:00 UTC.</summary>
    public static Story Wished(WorldOptions? options = null, bool patchIsDue = false, bool ofAAlone = false)
    {
        var story = new Story(options);
        if (!patchIsDue)
            story.World.Nodes.ForEach(node => node.Disk.Installed = null);
        story.World.Admin.Rehearse(ofAAlone ? [story.A] : []);
        return story;
    }

    /// <summary>The same, of one node alone.</summary>
    public static Story WishedOfA(WorldOptions? options = null) => Wished(options, ofAAlone: true);

    /// <summary>Every node went through the first one, however it ended there.</summary>
    public static bool AllWentThrough(Story story) => story.World.Nodes.TrueForAll(node => node.Disk.HasRehearsed(First));

    /// <summary>The node's way through the first one.</summary>
    public static Run Ended(SimNode node) => node.Disk.Rehearsed.First(run => run.Rehearsal!.Id == First);
}
