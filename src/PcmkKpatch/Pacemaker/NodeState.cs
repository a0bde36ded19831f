using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>What this node publishes about itself.</summary>
internal static class NodeState
{
    private const int LongestState = 200;

    /// <summary>The names of the patches in force, or "none".</summary>
    public static string PatchesInForce(KernelView kernel)
    {
        var names = new List<string>();
        foreach (var patch in kernel.Patches)
        {
            if (patch.InForce)
                names.Add(patch.Name);
        }

        names.Sort(StringComparer.Ordinal);
        return names.Count > 0 ? string.Join(' ', names) : "none";
    }

    /// <summary>Publishes the kernel as it was just seen, the build ids that are refused here, and what the node is doing.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="quarantined">The build ids.</param>
    /// <param name="rehearsed">What is told of the rehearsals that the node went through; null to leave that as it is.</param>
    /// <param name="state">What the node is doing.</param>
    public static void Publish(KernelView kernel, IReadOnlyCollection<string> quarantined, string? rehearsed, string state)
    {
        var patches = PatchesInForce(kernel);
        var ages = AgesFile.See(before => before.Seen(kernel.Release, patches, DateTimeOffset.UtcNow));
        var values = new Dictionary<string, string>
        {
            [NodeAttributes.Kernel] = kernel.Release,
            [NodeAttributes.Patch] = patches,
            [NodeAttributes.Version] = ages?.Version?.What ?? "",
            [NodeAttributes.Since] = ages?.Text ?? "",
            [NodeAttributes.Product] = ThisProgram.Version,
            [NodeAttributes.Quarantine] = string.Join(',', quarantined.Order(StringComparer.Ordinal)),
            [NodeAttributes.State] = state.Length <= LongestState ? state : state[..LongestState] + "...",
        };
        if (rehearsed is not null)
            values[NodeAttributes.Rehearsed] = rehearsed;
        NodeAttributes.Publish(values);
    }
}
