namespace PcmkKpatch.Core.Kernel;

/// <summary>What this node loads at boot: kpatch.service takes every module of /var/lib/kpatch/KERNEL, in the order of their names.</summary>
/// <param name="ServiceInstalled">There is a kpatch.service.</param>
/// <param name="ServiceEnabled">systemd starts it at boot.</param>
/// <param name="Modules">The modules that it would load, as paths.</param>
/// <param name="Staged">A copy of the module lies beside them, whole and synced, and is not loaded yet.</param>
/// <param name="Holds">The module is among them, byte for byte.</param>
public sealed record BootView(bool ServiceInstalled, bool ServiceEnabled, IReadOnlyList<string> Modules, bool Staged, bool Holds);

/// <summary>
/// What is loaded at boot. What is changed is on the disk when the call returns. A change returns null, or why it did not work: a full disk, above
/// all; only a look may throw <see cref="ToolFailedException"/>.
/// </summary>
public interface IBootStore
{
    /// <summary>What would be loaded at boot, seen from that module.</summary>
    BootView See(PatchModule module);

    /// <summary>Copies the module beside the others under a name that nothing loads. Takes all its room, so that the last step cannot fail for want of it.</summary>
    string? Stage(PatchModule module);

    /// <summary>Takes an older module away.</summary>
    string? Remove(string path);

    /// <summary>Gives the staged copy its name, in one step.</summary>
    string? Commit(PatchModule module);

    /// <summary>Has systemd start kpatch.service at boot.</summary>
    string? Enable();
}
