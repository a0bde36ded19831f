namespace PcmkKpatch.Core.Cluster;

/// <summary>What the CIB has on this node by which a node is drained for a run, or by which an administrator has drained it.</summary>
/// <param name="Standby">The standby attributes.</param>
/// <param name="Health">Our transient health attribute, or null.</param>
public sealed record DrainMarks(Standby Standby, string? Health = null)
{
    /// <summary>
    /// The health attribute that this program writes. Pacemaker counts every attribute whose name begins with #health, so a name of our own says whose
    /// it is; those of others are neither read nor written.
    /// </summary>
    public const string HealthAttribute = "#health-pcmk-kpatch";


    /// <summary>The modes that mark the node.</summary>
    public static IReadOnlyList<DrainMode> Kinds { get; } = [DrainMode.Standby, DrainMode.Health];

    /// <summary>The marks that are set, and may have to be deleted, in this mode.</summary>
    public static IReadOnlyList<DrainMode> Of(DrainMode mode) => [.. Kinds.Where(kind => kind == mode)];

    /// <summary>The node attribute of a mark.</summary>
    public static string AttributeOf(DrainMode kind) => kind == DrainMode.Health ? HealthAttribute : "standby";

    /// <summary>What this program writes there.</summary>
    public static string ValueOf(DrainMode kind) => kind == DrainMode.Health ? "red" : Standby.OurValue;

    /// <summary>A mark of that kind is there that this program set.</summary>
    public bool HasOurs(DrainMode kind) => kind switch
    {
        DrainMode.Standby => this.Standby.IsOurs,
        DrainMode.Health => Health is not null,
        _ => false,
    };

    /// <summary>There is nothing in the place of that mark: neither ours nor somebody else's.</summary>
    public bool IsVacant(DrainMode kind) => kind == DrainMode.Health ? Health is null : Standby.Transient is null;

    /// <summary>A mark is there that this program set.</summary>
    public bool IsOurs => Kinds.Any(HasOurs);

    /// <summary>Somebody else wants this node in standby.</summary>
    public bool IsAdministrators => Standby.IsAdministrators;
}
