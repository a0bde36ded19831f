namespace PcmkKpatch.Core.Kernel;

/// <summary>One live patch that the kernel knows: a directory in /sys/kernel/livepatch.</summary>
/// <param name="Name">The module's name.</param>
/// <param name="Enabled">The kernel's file "enabled": what it is, or is on its way to.</param>
/// <param name="InTransition">A patch transition is under way: some tasks still run the other code.</param>
/// <param name="BuildId">The build id of the loaded module, in hexadecimal, or null where the kernel does not show one.</param>
public sealed record LivePatch(string Name, bool Enabled, bool InTransition, string? BuildId)
{
    /// <summary>In force for every task.</summary>
    public bool InForce => Enabled && !InTransition;
}
