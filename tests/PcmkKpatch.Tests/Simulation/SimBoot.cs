using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>The changes that have a patch loaded at boot.</summary>
public enum BootStep
{
    Stage,
    Remove,
    Commit,
    Enable,
}

/// <summary>What a node's kpatch.service loads at boot.</summary>
internal sealed class SimBoot
{
    private PatchModule? _staged;

    /// <summary>The modules that are loaded at boot.</summary>
    public List<PatchModule> Modules { get; } = [];

    public bool Enabled { get; set; }

    /// <summary>kpatch.service is there.</summary>
    public bool ServiceInstalled { get; set; } = true;

    /// <summary>The step that fails for as long as this is set.</summary>
    public BootStep? FailsAt { get; set; }

    public BootView See(PatchModule module) =>
        new(ServiceInstalled, Enabled, [.. Modules.Select(m => m.Path)], Staged: _staged?.BuildId == module.BuildId, Holds: Modules.Exists(m => m.BuildId == module.BuildId));

    public string? Stage(PatchModule module) => Try(BootStep.Stage, () => _staged = module);

    public string? Remove(string path) => Try(BootStep.Remove, () => Modules.RemoveAll(m => m.Path == path));

    public string? Commit(PatchModule module) => Try(BootStep.Commit, () =>
    {
        if (_staged is null)
            return;
        Modules.RemoveAll(m => m.Path == module.Path);
        Modules.Add(_staged);
        _staged = null;
    });

    public string? Enable() => Try(BootStep.Enable, () => Enabled = true);

    private string? Try(BootStep step, Action effect)
    {
        if (FailsAt == step)
            return $"{step}: No space left on device";
        effect();
        return null;
    }
}
