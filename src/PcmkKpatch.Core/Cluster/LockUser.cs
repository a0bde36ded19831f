namespace PcmkKpatch.Core.Cluster;

/// <summary>A resource that uses lockspaces where it is active, as the CIB has it.</summary>
/// <param name="Id">The resource's id, without a clone's instance number.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Names">Where it mounts (<see cref="LockUserKind.FileSystem"/>), or the volume group that it activates by lvmlockd; every value that its configuration may come to.</param>
public sealed record LockUser(string Id, LockUserKind Kind, IReadOnlyList<string> Names)
{
    /// <summary>It mounts there.</summary>
    public bool MountsAt(string point) => Kind == LockUserKind.FileSystem && Names.Any(name => WithoutSlash(name) == point);

    private static string WithoutSlash(string path) => path.Length > 1 ? path.TrimEnd('/') : path;
}

/// <summary>What uses lockspaces.</summary>
public enum LockUserKind
{
    /// <summary>ocf:heartbeat:Filesystem.</summary>
    FileSystem,

    /// <summary>ocf:heartbeat:lvmlockd.</summary>
    LockDaemon,

    /// <summary>ocf:heartbeat:LVM-activate with vg_access_mode=lvmlockd.</summary>
    VolumeGroup,
}
