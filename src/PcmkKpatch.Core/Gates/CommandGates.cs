using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Core.Gates;

/// <summary>What a program of the administrator's says against a run on this node: what no other gate can know.</summary>
public static class CommandGates
{
    /// <summary>What it says, where there is one.</summary>
    /// <param name="host">Where to ask.</param>
    /// <param name="release">The running kernel's release.</param>
    /// <param name="module">The patch that would be loaded; null where it is a rehearsal.</param>
    /// <param name="policy">What the administrator wants.</param>
    public static IEnumerable<Refusal> Judge(IHost host, string release, PatchModule? module, Policy policy)
    {
        if (policy.GateCommand is { } command && host.AskGate(command, release, module) is { } complaint)
            yield return new("gate.command", $"{command} does not let a run begin: {complaint}", "see to what it says; it is asked again by the next run");
    }
}
