namespace PcmkKpatch.Core.Cluster;

/// <summary>
/// What was locked together with others before the drain, and whether it is so again: as <see cref="Baseline"/> for resources. A resource that the cluster takes for active may have no mount: its
/// agent's monitor looks every half minute, and not at all at the lockspace.
/// </summary>
public static class LocksBack
{
    /// <summary>The file that is written to see whether it can be: this, followed by the name of the node.</summary>
    public const string FilePrefix = ".pcmk-kpatch-probe.";

    /// <summary>
    /// What is not back although the resource that accounts for it is active here, a sentence each. What moved away and stays there, was disabled, or is not managed any more, is not missing.
    /// </summary>
    /// <param name="before">What was there before, by the keys of <see cref="LockUse"/>.</param>
    /// <param name="seen">What is there now.</param>
    /// <param name="users">Gives the resources that use lockspaces; asked only where something is not there.</param>
    /// <param name="view">The cluster.</param>
    public static IReadOnlyList<string> Missing(IReadOnlyCollection<string> before, LocksView seen, Func<IReadOnlyList<LockUser>> users, ClusterView view)
    {
        var away = before.Except(seen.Uses().Select(use => use.Key)).Order(StringComparer.Ordinal).Select(LockUse.Parts).ToList();
        if (away.Count == 0)
            return [];
        var here = users().Where(user => view.Resources.Any(r => r.Id == user.Id && r is { Active: true, Managed: true, Disabled: false } && r.Nodes.Contains(view.LocalNode))).ToList();
        return [.. away.Where(use => IsDue(use, here, before)).Select(use => Sentence(use, seen))];
    }

    /// <summary>The mounts from before that are there, and that may be written to: one of each file system.</summary>
    public static IEnumerable<SharedMount> Writable(IReadOnlyCollection<string> before, LocksView seen) =>
        seen.Uses().Where(use => before.Contains(use.Key)).Select(use => use.Mount).OfType<SharedMount>().Where(mount => !mount.IsForReading).DistinctBy(mount => mount.Number);

    // lvmlockd joins its global lockspace with that of the first group that is started, and leaves it with the last one: without a group it need not be there. One of a group that no resource
    // activates, or of an ocfs2 by its volume's id, is not known to belong to anything.
    private static bool IsDue((string Lockspace, string? Point) use, List<LockUser> here, IReadOnlyCollection<string> before) => use switch
    {
        { Point: { } point } => here.Exists(user => user.MountsAt(point)),
        { Lockspace: LocksView.OfLvmItself } => here.Exists(user => user.Kind == LockUserKind.LockDaemon) && before.Any(key => IsOfGroup(key, here)),
        _ => IsOfGroup(use.Lockspace, here),
    };

    private static bool IsOfGroup(string lockspace, List<LockUser> here) =>
        lockspace.StartsWith(LocksView.OfLvm, StringComparison.Ordinal) && here.Exists(user => user.Kind == LockUserKind.VolumeGroup && user.Names.Contains(lockspace[LocksView.OfLvm.Length..]));

    private static string Sentence((string Lockspace, string? Point) use, LocksView seen) =>
        use.Point is null ? $"the lockspace {use.Lockspace} is not joined again"
        : seen.Lockspaces.Contains(use.Lockspace) ? $"the lockspace {use.Lockspace} is there, and its file system is not mounted on {use.Point} again"
        : $"the lockspace {use.Lockspace} is not joined again, or its file system is not mounted on {use.Point}";
}
