using System.Collections.Immutable;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>Who writes to the CIB.</summary>
internal enum Writer
{
    /// <summary>The program under test.</summary>
    Program,

    Administrator,

    /// <summary>Pacemaker itself.</summary>
    Cluster,
}

/// <summary>The part of the CIB that people write, and the token: it is on disk, and may be pushed back from a file.</summary>
internal sealed record Configuration
{
    /// <summary>The token's text, or null where it was never created.</summary>
    public string? Token { get; init; }

    /// <summary>Permanent standby.</summary>
    public ImmutableDictionary<string, string> Standby { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The property maintenance-mode.</summary>
    public bool Maintenance { get; init; }

    /// <summary>Nodes in maintenance mode.</summary>
    public ImmutableHashSet<string> MaintenanceNodes { get; init; } = [];

    /// <summary>The texts of people's holds: by node, "" for all.</summary>
    public ImmutableDictionary<string, string> Holds { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The text of the rehearsal that is wished, or null.</summary>
    public string? Rehearsal { get; init; }

    /// <summary>Resources with target-role=Stopped.</summary>
    public ImmutableHashSet<string> Disabled { get; init; } = [];

    /// <summary>The property node-health-strategy.</summary>
    public string HealthStrategy { get; init; } = "migrate-on-red";

    /// <summary>Resources with allow-unhealthy-nodes=true.</summary>
    public ImmutableHashSet<string> MayBeOnUnhealthy { get; init; } = [SimResources.Agent];

    /// <summary>Resources that were deleted.</summary>
    public ImmutableHashSet<string> Deleted { get; init; } = [];
}

/// <summary>
/// One partition's copy of the cluster's configuration and status, as far as the program has to do with it. Every write is atomic
/// within its partition, and no write asks for quorum: so it is with the real one.
/// </summary>
internal sealed class Cib
{
    private Configuration _configuration = new();

    public Configuration Configuration
    {
        get => _configuration;
        set
        {
            if (_configuration.Token != value.Token)
                TokenRead = value.Token is { } text ? Core.Cluster.Token.Parse(text) : Core.Cluster.Token.Free;
            if (_configuration.Rehearsal != value.Rehearsal)
                WishRead = value.Rehearsal is { } wish ? RehearsalWish.Parse(wish) : null;
            _configuration = value;
            Epoch++;
        }
    }

    /// <summary>The token's text, or null where it was never created.</summary>
    public string? Token => _configuration.Token;

    /// <summary>What the token's text says; free where it was never created.</summary>
    public Token TokenRead { get; private set; } = Core.Cluster.Token.Free;

    /// <summary>The rehearsal that is wished, or null.</summary>
    public RehearsalWish? WishRead { get; private set; }

    /// <summary>Counts the changes of the configuration: where partitions meet, the higher one wins.</summary>
    public int Epoch { get; private set; }

    /// <summary>Transient standby: status, never on disk.</summary>
    public Dictionary<string, string> Transient { get; private init; } = [];

    /// <summary>Our health attribute: status too.</summary>
    public Dictionary<string, string> Health { get; private init; } = [];

    public void SetToken(string? text) => Configuration = _configuration with { Token = text };

    public void SetPermanent(string node, string? value) => Configuration = _configuration with
    {
        Standby = value is null ? _configuration.Standby.Remove(node) : _configuration.Standby.SetItem(node, value),
    };

    /// <summary>The values of a transient attribute, by node.</summary>
    public Dictionary<string, string> ValuesOf(string attribute) => attribute == DrainMarks.HealthAttribute ? Health : Transient;

    public void SetTransient(string node, string attribute, string? value)
    {
        if (value is null)
            ValuesOf(attribute).Remove(node);
        else
            ValuesOf(attribute)[node] = value;
    }

    /// <summary>The node's transient attributes become those of that copy; where it is none, they go.</summary>
    public void TakeTransient(string node, Cib? from)
    {
        foreach (var attribute in DrainMarks.Kinds.Select(DrainMarks.AttributeOf))
            SetTransient(node, attribute, from?.ValuesOf(attribute).GetValueOrDefault(node));
    }

    public DrainMarks MarksOf(string node) =>
        new(new Standby(Transient.GetValueOrDefault(node), _configuration.Standby.GetValueOrDefault(node)), Health.GetValueOrDefault(node));

    public Cib Clone() => WithStatusOf(this);

    /// <summary>What of it is on disk.</summary>
    public Cib OnDisk() => new() { _configuration = _configuration, TokenRead = TokenRead, WishRead = WishRead, Epoch = Epoch };

    /// <summary>The configuration of this one with the status of that one.</summary>
    public Cib WithStatusOf(Cib other) => new()
    {
        _configuration = _configuration,
        TokenRead = TokenRead,
        WishRead = WishRead,
        Epoch = Epoch,
        Transient = new(other.Transient),
        Health = new(other.Health),
    };

    /// <summary>Whether Pacemaker keeps that node in standby: the transient value counts before the permanent one.</summary>
    public bool InStandby(string node) => IsTrue(Transient.GetValueOrDefault(node) ?? _configuration.Standby.GetValueOrDefault(node));

    /// <summary>Whether Pacemaker bans what may not be on unhealthy nodes from that one.</summary>
    public bool IsUnhealthy(string node) => Health.ContainsKey(node) && _configuration.HealthStrategy is "migrate-on-red" or "only-green";

    /// <summary>Whether Pacemaker leaves everything on that node alone.</summary>
    public bool InMaintenance(string node) => _configuration.Maintenance || _configuration.MaintenanceNodes.Contains(node);

    private static bool IsTrue(string? value) => value is "on" or "true" or "yes" or "y" or "1";
}
