using System.Globalization;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Core.Gates;

/// <summary>
/// What this node's kernel locks together with others (DLM: GFS2, OCFS2, shared LVM). dlm_controld cannot be stopped while a lockspace is left: where one is that the cluster
/// does not take away, its stop runs into its timeout, and the node is fenced for that. Law 4: nothing we do fences a node.
/// </summary>
public static class LockspaceGates
{
    /// <summary>A lockspace that nothing which the cluster stops would take away.</summary>
    public const string Unmanaged = "dlm.unmanaged";

    /// <summary>What is locked here, or whose it is, cannot be told.</summary>
    public const string Unknown = "dlm.unknown";

    /// <summary>Nothing is drained, and others would wait for this node's locks if it died in the load.</summary>
    public const string Undrained = "dlm.drain";

    /// <summary>A lockspace is still there on a node that is being drained.</summary>
    public const string Left = "drain.lockspace";

    /// <summary>What speaks against a run, before anything is changed.</summary>
    /// <param name="locks">This node's locks.</param>
    /// <param name="foresight">Gives the resources that use them, and how long a death takes; asked only where there are any.</param>
    /// <param name="see">Gives the cluster; asked only where there are any.</param>
    /// <param name="policy">What the administrator wants.</param>
    /// <param name="mode">How the node would be drained.</param>
    public static IReadOnlyList<Refusal> Judge(ILockspaces locks, IForesight foresight, Func<ClusterView> see, Policy policy, DrainMode mode)
    {
        try
        {
            var seen = locks.See();
            if (seen.IsEmpty)
                return [];
            var view = see();
            // The reboot that rolls back stops everything here, as a drain does.
            return
            [
                .. mode == DrainMode.None ? [OfNoDrain(seen, view.LocalNode, foresight.LossTimes(view.LocalNode))] : (Refusal[])[],
                .. mode == DrainMode.None && policy.Rollback != Rollback.Reboot ? [] : NotTheClusters(seen, foresight.LockUsers(), view).Select(use => Foreign(use, view.LocalNode)),
            ];
        }
        catch (ToolFailedException e)
        {
            return [NotKnown(e)];
        }
    }

    /// <summary>What is still locked on a node that is being drained, and keeps it from being so.</summary>
    /// <param name="locks">This node's locks.</param>
    /// <param name="foresight">Gives the resources that use them; asked only where some of them may stay.</param>
    /// <param name="view">The cluster, seen before: what is stopped there has let go of its locks.</param>
    /// <param name="mode">How the node is drained.</param>
    /// <param name="before">The keys of what used lockspaces when the drain began, all of which was the cluster's.</param>
    public static IReadOnlyList<Refusal> JudgeLeft(ILockspaces locks, IForesight foresight, ClusterView view, DrainMode mode, IReadOnlyCollection<string> before)
    {
        if (mode == DrainMode.None)
            return [];
        try
        {
            var seen = locks.See();
            var left = seen.IsEmpty ? [] : mode == DrainMode.Standby ? seen.Uses() : NotTheClusters(seen, foresight.LockUsers(), view);
            return [.. left.Select(use => before.Contains(use.Key) || IsBeingUnmounted(use, before, foresight, view) ? Still(use) : Foreign(use, view.LocalNode)).OrderBy(refusal => refusal.Id != Unmanaged)];
        }
        catch (ToolFailedException e)
        {
            return [NotKnown(e)];
        }
    }

    /// <summary>The uses of lockspaces that no resource accounts for which is active here and which the cluster would stop.</summary>
    private static IReadOnlyList<LockUse> NotTheClusters(LocksView seen, IReadOnlyList<LockUser> users, ClusterView view)
    {
        var here = ActiveHere(users, view);
        return [.. seen.Uses().Where(use => use.Mount is { } mount ? !here.Exists(user => user.MountsAt(mount.Point)) : !IsOfLvm(use.Lockspace, seen, here))];
    }

    // The mount is gone first, and its lockspace seconds later where others have much locked there: until the stop of its resource has come back, that is its doing. What is left after that
    // is mounted in another mount namespace too.
    private static bool IsBeingUnmounted(LockUse use, IReadOnlyCollection<string> before, IForesight foresight, ClusterView view)
    {
        if (use.Mount is not null)
            return false;
        var points = before.Select(LockUse.Parts).Where(mounted => mounted.Point is not null && (mounted.Lockspace == use.Lockspace || (mounted.Lockspace == LocksView.Ocfs2 && LocksView.IsOfVolume(use.Lockspace)))).ToList();
        return points.Count > 0 && ActiveHere(foresight.LockUsers(), view).Exists(user => points.Exists(mounted => user.MountsAt(mounted.Point!)));
    }

    private static List<LockUser> ActiveHere(IReadOnlyList<LockUser> users, ClusterView view) =>
        [.. users.Where(user => view.Resources.Any(r => r.Id == user.Id && r is { Active: true, Managed: true } && r.Nodes.Contains(view.LocalNode)))];

    // lvmlockd takes the lockspace of a group away with its own where none of the group's volumes is active; those that are, LVM-activate has to deactivate before.
    private static bool IsOfLvm(string lockspace, LocksView seen, IReadOnlyList<LockUser> here)
    {
        if (!lockspace.StartsWith(LocksView.OfLvm, StringComparison.Ordinal) || !here.Any(user => user.Kind == LockUserKind.LockDaemon))
            return false;
        var group = lockspace[LocksView.OfLvm.Length..];
        var volumes = group.Replace("-", "--", StringComparison.Ordinal) + "-";
        return lockspace == LocksView.OfLvmItself || here.Any(user => user.Kind == LockUserKind.VolumeGroup && user.Names.Contains(group))
            || !seen.Volumes.Any(volume => volume.StartsWith(volumes, StringComparison.Ordinal) && !volume[volumes.Length..].StartsWith('-'));
    }

    private static Refusal Foreign(LockUse use, string node) => new(
        Unmanaged,
        $"the lockspace {use} is here, and no resource that is active on {node} accounts for it: it would keep dlm_controld from being stopped, and {node} would be fenced for that",
        use switch
        {
            { Mount: { } mount } => $"umount {mount.Point}; or have the cluster mount it: pcs resource create NAME ocf:heartbeat:Filesystem device={mount.Device} directory={mount.Point} fstype={mount.Kind} clone interleave=true",
            { Lockspace: LocksView.OfLvmItself } => "lvmlockctl --stop-lockspaces; or have the cluster run it: pcs resource create NAME ocf:heartbeat:lvmlockd",
            { Lockspace: var name } when name.StartsWith(LocksView.OfLvm, StringComparison.Ordinal) => $"vgchange --activate n {name[LocksView.OfLvm.Length..]} && vgchange --lockstop {name[LocksView.OfLvm.Length..]}; "
                + $"or have the cluster activate it: pcs resource create NAME ocf:heartbeat:LVM-activate vgname={name[LocksView.OfLvm.Length..]} vg_access_mode=lvmlockd",
            _ => $"see what uses it: dlm_tool lockdebug {use.Lockspace}; a file system may be mounted in another mount namespace: findmnt --all --task PID",
        });

    private static Refusal Still(LockUse use) => new(Left, $"the lockspace {use} is still here", $"wait; where nothing is being stopped any more: {(use.Mount is { } mount ? $"umount {mount.Point}" : $"see dlm_tool lockdebug {use.Lockspace}")}");

    private static Refusal OfNoDrain(LocksView seen, string node, LossTimes times) => new(
        Undrained,
        $"{Some(seen.Uses())} {(seen.Uses().Count == 1 ? "is" : "are")} locked together with other nodes: if {node} died in a load without a drain, every node that writes there would stand still "
        + $"for {Time(times.Noticed)} until {node} was noticed, {Time(times.Fenced, "up to ")} until it was fenced, and then until its journal was replayed, for how long cannot be told",
        "have the node drained: pcs resource update kpatch drain=standby; or bear that: pcs resource update kpatch gates=dlm.drain=warn");

    /// <summary>That it is not known what is locked.</summary>
    public static Refusal NotKnown(ToolFailedException failure) => new(Unknown, $"what this node locks together with others cannot be told: {failure.Message}", "see dlm_tool ls, /sys/kernel/dlm and cibadmin --query");

    private static string Time(Fact<TimeSpan> time, string upTo = "") =>
        time.IsKnown(out var known, out var unknown) ? string.Create(CultureInfo.InvariantCulture, $"{upTo}{known.TotalSeconds:0.##} s") : $"a time that is not known ({unknown})";

    private static string Some(IReadOnlyList<LockUse> uses) => uses.Count <= 4 ? string.Join(", ", uses) : string.Join(", ", uses.Take(4)) + " …";
}
