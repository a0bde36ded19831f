namespace PcmkKpatch.Core.Readiness;

/// <summary>In what a resource is configured.</summary>
public enum Wrapping
{
    /// <summary>In nothing: it runs once.</summary>
    None,

    /// <summary>In a clone.</summary>
    Clone,

    /// <summary>In the older form of a clone that can be promoted.</summary>
    Master,

    /// <summary>In a group, which may be cloned itself.</summary>
    Group,
}

/// <summary>A meta attribute, and the element that has it: that of the resource itself, or of what it is in.</summary>
/// <param name="Value">The value.</param>
/// <param name="Owner">The id of the resource, clone or group; empty where it is a default of all resources.</param>
public sealed record Meta(string Value, string Owner);

/// <summary>An operation of a resource, as it is configured.</summary>
public sealed record OperationDefinition
{
    /// <summary>start, stop, monitor …</summary>
    public required string Name { get; init; }

    /// <summary>How often it recurs, as it is written; empty where it is not.</summary>
    public string Interval { get; init; } = "";

    /// <summary>How long it may take, as it is written; empty where it is not.</summary>
    public string Timeout { get; init; } = "";

    /// <summary>What follows where it fails; empty where that is not written.</summary>
    public string OnFail { get; init; } = "";

    /// <summary>It is not switched off.</summary>
    public bool Enabled { get; init; } = true;
}

/// <summary>One resource of this agent, as the CIB has it.</summary>
public sealed record AgentDefinition
{
    /// <summary>The id of the resource.</summary>
    public required string Id { get; init; }

    /// <summary>In what it is.</summary>
    public Wrapping Wrapping { get; init; }

    /// <summary>The id of that; empty where it is in nothing.</summary>
    public string Wrapper { get; init; } = "";

    /// <summary>Its meta attributes, as they count: its own, those of what it is in, the defaults.</summary>
    public IReadOnlyDictionary<string, Meta> Meta { get; init; } = new Dictionary<string, Meta>();

    /// <summary>Its parameters.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Its operations.</summary>
    public IReadOnlyList<OperationDefinition> Operations { get; init; } = [];

    /// <summary>The id to be named where all of it is meant: the clone's, where it is one.</summary>
    public string Whole => Wrapper.Length > 0 ? Wrapper : Id;
}

/// <summary>A location constraint that keeps a resource from a node for good.</summary>
/// <param name="Id">The constraint.</param>
/// <param name="Resource">The resource.</param>
/// <param name="Node">The node.</param>
public sealed record KeptAway(string Id, string Resource, string Node);

/// <summary>What the CIB's configuration says of this agent, and of what it needs.</summary>
public sealed record ClusterConfig
{
    /// <summary>Every resource of this agent.</summary>
    public required IReadOnlyList<AgentDefinition> Agents { get; init; }

    /// <summary>The cluster's properties.</summary>
    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    /// <summary>The defaults of all operations.</summary>
    public required IReadOnlyDictionary<string, string> OperationDefaults { get; init; }

    /// <summary>What is kept from a node for good.</summary>
    public required IReadOnlyList<KeptAway> KeptAway { get; init; }

    /// <summary>Every resource of the shared storage under a distributed lock manager: the lock daemons, and what mounts a GFS2.</summary>
    public IReadOnlyList<StorageDefinition> Storage { get; init; } = [];

    /// <summary>What is written in a form that is not followed here (rules, templates, references), a phrase each: what it comes to is not known.</summary>
    public IReadOnlyList<string> NotFollowed { get; init; } = [];
}
