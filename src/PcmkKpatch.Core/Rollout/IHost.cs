using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Core.Rollout;

/// <summary>The machine and what its people and the cluster ask of this program. May throw <see cref="ToolFailedException"/>.</summary>
public interface IHost
{
    /// <summary>This boot's id.</summary>
    string BootId { get; }

    /// <summary>This node's name in the cluster.</summary>
    string Node { get; }

    /// <summary>Who had this worker started, for people.</summary>
    string StartedBy { get; }

    /// <summary>What the agent wants; null where it is stopped on this node, so that no run may begin.</summary>
    Policy? Wanted();

    /// <summary>A person asked to abort the run on this node.</summary>
    bool AbortAsked();

    /// <summary>The abort was carried out.</summary>
    void AbortDone();

    /// <summary>Asks the administrator's own gate whether a run may begin on this node now. Does not throw.</summary>
    /// <param name="command">The gate.</param>
    /// <param name="release">The running kernel's release.</param>
    /// <param name="module">The patch that would be loaded; null where it is a rehearsal.</param>
    /// <returns>Null where it lets the run begin; what it said, or what went wrong, otherwise.</returns>
    string? AskGate(string command, string release, PatchModule? module);

    /// <summary>Asks for an orderly reboot of this machine, and returns.</summary>
    void Reboot();

    /// <summary>A name for a new run that no other has.</summary>
    string NewRunId();
}
