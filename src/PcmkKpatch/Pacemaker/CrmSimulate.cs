using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// crm_simulate: what the scheduler would do, asked on a copy of the live CIB. A drain costs three processes, a loss four, of some tens of milliseconds each.
/// Every method throws <see cref="ToolFailedException"/> where an answer is missing, late or not understood.
/// </summary>
internal static class CrmSimulate
{
    /// <summary>What would come of the node's drain in that way.</summary>
    public static Forecast Drain(string node, DrainMode mode = DrainMode.Standby) => Ask(simulation => simulation.Drain(node, mode));

    /// <summary>What would come of the node's death, once it is fenced. Whether quorum stays is another question: the copy keeps what the CIB says.</summary>
    public static Forecast Loss(string node) => Ask(simulation => simulation.Loss(node));

    /// <summary>The resources whose stop on the node, if it failed in the drain, would have a node fenced; and which. A process for each resource that stops there.</summary>
    public static IReadOnlyList<Placed> FailedStop(string node, DrainMode mode = DrainMode.Standby) => Ask(simulation => simulation.FailedStop(node, mode));

    private static T Ask<T>(Func<Simulation, T> about)
    {
        using var simulation = new Simulation(CibAdmin.Query);
        return about(simulation);
    }
}
