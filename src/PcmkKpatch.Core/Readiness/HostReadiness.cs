using System.Globalization;

namespace PcmkKpatch.Core.Readiness;

/// <summary>A folder that a run writes into.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Free">How many bytes root may still write there.</param>
public sealed record Room(string Folder, Fact<long> Free);

/// <summary>What else runs on this node, and how much room it has.</summary>
public sealed record HostView
{
    /// <summary>The room in each folder that a run writes into.</summary>
    public required IReadOnlyList<Room> Rooms { get; init; }

    /// <summary>SELinux keeps what its policy does not allow; null in it where this kernel has no SELinux, or has switched it off.</summary>
    public required Fact<bool?> SelinuxEnforces { get; init; }

    /// <summary>Units of systemd that install packages by themselves and are enabled.</summary>
    public required Fact<IReadOnlyList<string>> Updaters { get; init; }
}

/// <summary>Has this node the room that a run needs, and does nobody else update it?</summary>
public static class HostReadiness
{
    // A journal of 256 KiB, its copy, marks; and in the other folder a copy of a module, which are tens of MiB at most.
    private const long Needed = 64L << 20;
    private const long Least = 4L << 20;

    /// <summary>What is to be said of it.</summary>
    public static IEnumerable<Finding> Judge(HostView view) => [.. view.Rooms.SelectMany(JudgeRoom), .. JudgeSelinux(view.SelinuxEnforces), .. JudgeUpdaters(view.Updaters)];

    private static IEnumerable<Finding> JudgeRoom(Room room)
    {
        if (!room.Free.IsKnown(out var free, out var unknown))
            yield return Finding.NotKnown("disk", $"how much room is in {room.Folder}", unknown, $"df -h {room.Folder}");
        else if (free < Needed)
            yield return new Finding("disk.space", free < Least ? Severity.Error : Severity.Warning, string.Create(CultureInfo.InvariantCulture, $"{free >> 20} MiB are left in {room.Folder}, and {Needed >> 20} are to be")) { Remedy = "make room: see df -h, and du -xh --max-depth=1 /var | sort -h" };
    }

    private static IEnumerable<Finding> JudgeSelinux(Fact<bool?> enforces)
    {
        if (!enforces.IsKnown(out var enforcing, out var unknown))
            yield return Finding.NotKnown("selinux", "whether SELinux enforces its policy", unknown, "see getenforce");
        else if (enforcing == true)
            yield return Finding.Note("selinux.enforcing", "SELinux enforces its policy, and what that denies is not known beforehand: the package pcmk-kpatch-selinux has rules for what a run needs", "ausearch -m avc -c pcmk-kpatch -c insmod -c kpatch", "after the first run, see whether anything was denied");
    }

    private static IEnumerable<Finding> JudgeUpdaters(Fact<IReadOnlyList<string>> updaters)
    {
        if (!updaters.IsKnown(out var units, out var unknown))
            yield return Finding.NotKnown("updater", "whether something else updates this node", unknown, "see systemctl list-unit-files --state=enabled");
        else
            foreach (var unit in units)
                yield return Finding.Warning("updater.enabled", $"{unit} installs packages by itself: a kpatch-patch package among them loads its patch at once, on a node that is not drained", $"systemctl disable --now {unit}");
    }
}
