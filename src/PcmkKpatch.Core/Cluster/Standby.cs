namespace PcmkKpatch.Core.Cluster;

/// <summary>The two standby attributes of this node, as the CIB has them.</summary>
/// <param name="Transient">The transient value (lifetime reboot), or null.</param>
/// <param name="Permanent">The permanent value, or null.</param>
public sealed record Standby(string? Transient, string? Permanent)
{
    /// <summary>
    /// The value that this program writes. Pacemaker takes it for true as it takes "on" and "true"; people and their tools write
    /// those two, so the value itself says whose standby it is, in the same atomic write.
    /// </summary>
    public const string OurValue = "y";

    /// <summary>The transient standby is one that this program wrote.</summary>
    public bool IsOurs => Transient == OurValue;

    /// <summary>Somebody else wants this node in standby.</summary>
    public bool IsAdministrators => (Transient is not null && !IsOurs && IsTrue(Transient)) || (Transient is null or OurValue && IsTrue(Permanent));

    /// <summary>Pacemaker reads that word as true, as crm_str_to_boolean does, in any case.</summary>
    public static bool IsTrue(string? value) =>
        value is not null && (value.Equals("true", StringComparison.OrdinalIgnoreCase) || value.Equals("on", StringComparison.OrdinalIgnoreCase)
            || value.Equals("yes", StringComparison.OrdinalIgnoreCase) || value.Equals("y", StringComparison.OrdinalIgnoreCase) || value == "1");
}
