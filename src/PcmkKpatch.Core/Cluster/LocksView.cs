namespace PcmkKpatch.Core.Cluster;

/// <summary>A file system of several nodes that is mounted here, and whose locks the kernel shares with them.</summary>
/// <param name="Kind">gfs2 or ocfs2.</param>
/// <param name="Device">The device as it was mounted, such as /dev/mapper/shared-data.</param>
/// <param name="Number">The device's number, as in 253:4: the same for every mount of one file system.</param>
/// <param name="Point">Where it is mounted.</param>
/// <param name="Lockspace">Its lockspace; null for ocfs2, whose lockspaces bear the id of the volume, which the kernel does not tell beside the mount.</param>
/// <param name="IsForReading">It was mounted for reading alone, and so nothing can be written to it.</param>
public sealed record SharedMount(string Kind, string Device, string Number, string Point, string? Lockspace, bool IsForReading = false);

/// <summary>What this node's kernel locks together with other nodes.</summary>
public sealed record LocksView
{
    private const int LengthOfVolumeId = 32;

    /// <summary>The kind of a mount whose lockspace the kernel does not tell beside it.</summary>
    public const string Ocfs2 = "ocfs2";

    /// <summary>So begins the name of each lockspace of lvmlockd's; the volume group's follows.</summary>
    public const string OfLvm = "lvm_";

    /// <summary>The lockspace that lvmlockd has for what belongs to no volume group.</summary>
    public const string OfLvmItself = OfLvm + "global";

    /// <summary>Nothing.</summary>
    public static LocksView None { get; } = new() { Lockspaces = [] };

    /// <summary>The names of the lockspaces, in their order.</summary>
    public required IReadOnlyList<string> Lockspaces { get; init; }

    /// <summary>The mounts of file systems that use one of them.</summary>
    public IReadOnlyList<SharedMount> Mounts { get; init; } = [];

    /// <summary>The logical volumes that are active here, as the device mapper names them: group-volume, where a dash within either is written twice.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>There is no lockspace, and so nothing that uses one.</summary>
    public bool IsEmpty => Lockspaces.Count == 0;

    /// <summary>What uses which lockspace: every mount, and every lockspace that no mount uses.</summary>
    public IReadOnlyList<LockUse> Uses() =>
    [
        .. Mounts.Select(mount => new LockUse(mount.Lockspace ?? mount.Kind, mount)),
        .. Lockspaces.Where(name => !IsOfMount(name)).Select(name => new LockUse(name, null)),
    ];

    // Which volume an ocfs2's lockspace is of is not told: so many are taken for those of the mounts as there are volumes mounted.
    private bool IsOfMount(string name) => Mounts.Any(mount => mount.Lockspace == name)
        || (IsOfVolume(name) && Lockspaces.Count(IsOfVolume) <= Mounts.Where(mount => mount.Lockspace is null).Select(mount => mount.Number).Distinct().Count());

    /// <summary>A lockspace has the form of those that ocfs2 makes.</summary>
    public static bool IsOfVolume(string name) => name.Length == LengthOfVolumeId && name.All(char.IsAsciiHexDigit);
}

/// <summary>A lockspace, and a mount that uses it.</summary>
/// <param name="Lockspace">The lockspace's name; the kind of its file system where the name is not told.</param>
/// <param name="Mount">The mount; null where none that is seen here uses it.</param>
public sealed record LockUse(string Lockspace, SharedMount? Mount)
{
    /// <summary>By what it is known again.</summary>
    public string Key => Mount is null ? Lockspace : $"{Lockspace} {Mount.Point}";

    /// <summary>The lockspace of a key, and where it is mounted; null where no mount was seen. A lockspace is a folder's name to the kernel, so there is no slash in it.</summary>
    public static (string Lockspace, string? Point) Parts(string key) => key.IndexOf(" /", StringComparison.Ordinal) is >= 0 and var at ? (key[..at], key[(at + 1)..]) : (key, null);

    /// <inheritdoc/>
    public override string ToString() => Mount is null ? Lockspace : $"{Lockspace} ({Mount.Kind} of {Mount.Device} on {Mount.Point})";
}
