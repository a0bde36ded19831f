using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>What a node's kpatch.service loads at boot.</summary>
internal sealed class SimBoot
{
    private PatchModule? _staged;

    /// <summary>The modules that are loaded at boot.</summary>
    public List<PatchModule> Modules { get; } = [];

    public bool Enabled { get; set; }

    public bool DiskFull { get; set; }

    public BootView See(PatchModule module) =>
        new(ServiceInstalled: true, Enabled, [.. Modules.Select(m => m.Path)], Staged: _staged?.BuildId == module.BuildId, Holds: Modules.Exists(m => m.BuildId == module.BuildId));

    public string? Stage(PatchModule module)
    {
        if (DiskFull)
            return "No space left on device";
        _staged = module;
        return null;
    }

    public void Remove(string path) => Modules.RemoveAll(m => m.Path == path);

    public void Commit(PatchModule module)
    {
        if (_staged is null)
            return;
        Modules.RemoveAll(m => m.Path == module.Path);
        Modules.Add(_staged);
        _staged = null;
    }
}
