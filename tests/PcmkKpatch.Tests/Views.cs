using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests;

/// <summary>Views in which everything is well; a test changes the one thing it is about.</summary>
internal static class Views
{
    public static readonly PatchModule Module = new("/var/lib/kpatch/5.14.0-1/kpatch-1-1.ko", "kpatch_1_1", "abcd", "5.14.0-1", true);

    public static KernelView Kernel { get; } = new()
    {
        Release = "5.14.0-1",
        CanLivePatch = true,
        Patches = [],
        Modules = new HashSet<string>(),
        Taint = 0,
        Support = new KernelSupport(SupportState.Supported, "vendor 1"),
        Kprobes = Fact.Known<IReadOnlyList<Kprobe>>([]),
    };

    public static ClusterView Cluster { get; } = new()
    {
        LocalNode = "a",
        Dc = "b",
        QuorumByCib = true,
        QuorumByMembership = true,
        Maintenance = false,
        StopAllResources = false,
        FencingEnabled = true,
        Settled = true,
        Nodes = [Node("a"), Node("b")],
        Resources = [],
    };

    public static NodeView Node(string name) => new()
    {
        Name = name,
        IsMember = true,
        Online = true,
        Standby = false,
        Maintenance = false,
        Pending = false,
        Unclean = false,
    };

    public static ResourceView Resource(string id, string? on, string role = "Started") => new()
    {
        Id = id,
        Role = on is null ? "Stopped" : role,
        Active = on is not null,
        Managed = true,
        Failed = false,
        Blocked = false,
        Disabled = false,
        Nodes = on is null ? [] : [on],
    };
}
