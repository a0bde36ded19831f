namespace PcmkKpatch.Core.Kernel;

/// <summary>One live patch that the kernel knows: a directory in /sys/kernel/livepatch.</summary>
/// <param name="Name">The module's name.</param>
/// <param name="Enabled">The kernel's file "enabled": what it is, or is on its way to.</param>
/// <param name="InTransition">A patch transition is under way: some tasks still run the other code.</param>
/// <param name="BuildId">The build id of the loaded module, in hexadecimal, or null where the kernel does not show one.</param>
public sealed record LivePatch(string Name, bool Enabled, bool InTransition, string? BuildId)
{
    /// <summary>The objects that it patches, vmlinux or modules, and whether it is in force there; empty where the kernel does not tell (before 6.1).</summary>
    public IReadOnlyDictionary<string, bool> Objects { get; init; } = new Dictionary<string, bool>();

    /// <summary>In force for every task.</summary>
    public bool InForce => Enabled && !InTransition;

    /// <summary>Objects that are in the kernel and yet not patched. An object whose module is not loaded is patched when that is.</summary>
    public IReadOnlyList<string> WithoutEffect(IReadOnlySet<string> modules) =>
        [.. Objects.Where(o => !o.Value && (o.Key == "vmlinux" || modules.Contains(o.Key))).Select(o => o.Key).Order(StringComparer.Ordinal)];
}
