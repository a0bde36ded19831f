using PcmkKpatch.Core.Cluster;

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

/// <summary>
/// One partition's copy of the cluster's configuration and status, as far as the program has to do with it. Every write is atomic
/// within its partition, and no write asks for quorum: so it is with the real one.
/// </summary>
internal sealed class Cib
{
    /// <summary>The token's text, or null where it was never created.</summary>
    public string? Token { get; private set; }

    /// <summary>What the token's text says; free where it was never created.</summary>
    public Token TokenRead { get; private set; } = Core.Cluster.Token.Free;

    /// <summary>Counts the changes of the configuration: where partitions meet, the higher one wins.</summary>
    public int Epoch { get; private set; }

    /// <summary>Permanent standby: configuration.</summary>
    public Dictionary<string, string> Permanent { get; private init; } = [];

    /// <summary>Transient standby: status, never on disk.</summary>
    public Dictionary<string, string> Transient { get; private init; } = [];

    public void SetToken(string text)
    {
        Token = text;
        TokenRead = Core.Cluster.Token.Parse(text);
        Epoch++;
    }

    public void SetPermanent(string node, string? value)
    {
        Set(Permanent, node, value);
        Epoch++;
    }

    public void SetTransient(string node, string? value) => Set(Transient, node, value);

    public Cib Clone() => new() { Token = Token, TokenRead = TokenRead, Epoch = Epoch, Permanent = new(Permanent), Transient = new(Transient) };

    /// <summary>What of it is on disk.</summary>
    public Cib OnDisk() => new() { Token = Token, TokenRead = TokenRead, Epoch = Epoch, Permanent = new(Permanent) };

    /// <summary>The configuration of this one with the status of that one.</summary>
    public Cib WithStatusOf(Cib other) => new() { Token = Token, TokenRead = TokenRead, Epoch = Epoch, Permanent = new(Permanent), Transient = new(other.Transient) };

    /// <summary>Whether Pacemaker keeps that node in standby: the transient value counts before the permanent one.</summary>
    public bool InStandby(string node) => IsTrue(Transient.GetValueOrDefault(node) ?? Permanent.GetValueOrDefault(node));

    private static void Set(Dictionary<string, string> values, string node, string? value)
    {
        if (value is null)
            values.Remove(node);
        else
            values[node] = value;
    }

    private static bool IsTrue(string? value) => value is "on" or "true" or "yes" or "y" or "1";
}
