using System.Globalization;

namespace PcmkKpatch.Core.Readiness;

/// <summary>A resource of the shared storage under a distributed lock manager, as the CIB has it.</summary>
public sealed record StorageDefinition
{
    /// <summary>The id of the resource.</summary>
    public required string Id { get; init; }

    /// <summary>Its agent, as ocf:pacemaker:controld.</summary>
    public required string Agent { get; init; }

    /// <summary>The id of the clone that it is in, perhaps with a group between them; empty where it is in none.</summary>
    public string CloneId { get; init; } = "";

    /// <summary>That clone is interleaved: what depends on it asks for the instance of the same node, and not for all.</summary>
    public bool Interleaved { get; init; }

    /// <summary>It mounts a GFS2.</summary>
    public bool IsGfs2 { get; init; }

    /// <summary>Its operations.</summary>
    public IReadOnlyList<OperationDefinition> Operations { get; init; } = [];
}

/// <summary>
/// Would a node with GFS2 or shared LVM be drained without harm to the others? What is recommended for these resources is Red Hat's ("Configuring GFS2 file systems"), and
/// the times are those that the agents' own metadata asks for.
/// </summary>
public static class StorageReadiness
{
    /// <summary>What runs dlm_controld.</summary>
    public const string Daemon = "ocf:pacemaker:controld";

    /// <summary>What mounts.</summary>
    public const string FileSystem = "ocf:heartbeat:Filesystem";

    /// <summary>What runs lvmlockd.</summary>
    public const string LockDaemon = "ocf:heartbeat:lvmlockd";

    private static readonly TimeSpan s_usualTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_limit = TimeSpan.FromDays(30);

    // What start and stop may take, by each agent's metadata (Pacemaker 2.0 to 3.0, resource-agents 4.7 to 4.16).
    private static readonly Dictionary<string, (int Start, int Stop)> s_asked = new() { [Daemon] = (90, 100), [FileSystem] = (60, 60), [LockDaemon] = (90, 90) };

    /// <summary>What is to be said of it; nothing where no lock manager is configured.</summary>
    public static IEnumerable<Finding> Judge(ClusterConfig config)
    {
        if (!config.Storage.Any(resource => resource.Agent == Daemon))
            return [];
        return [.. JudgeQuorum(config), .. config.Storage.SelectMany(resource => (IEnumerable<Finding>)[.. JudgeClone(resource), .. JudgeFailure(resource, config.OperationDefaults), .. JudgeTimes(resource, config.OperationDefaults)])];
    }

    private static IEnumerable<Finding> JudgeQuorum(ClusterConfig config)
    {
        var policy = config.Properties.GetValueOrDefault("no-quorum-policy", "stop");
        if (policy != "freeze" && config.Storage.Any(resource => resource.IsGfs2))
            yield return Finding.Warning("storage.no-quorum-policy", $"no-quorum-policy={policy}: a side that loses quorum would have its GFS2 stopped, which needs quorum itself, and is fenced for that", "pcs property set no-quorum-policy=freeze");
    }

    private static IEnumerable<Finding> JudgeClone(StorageDefinition resource)
    {
        if (resource.CloneId.Length == 0)
            yield return Finding.Warning("storage.not-cloned", $"{resource.Id} is in no clone: it runs on one node, and the others do not share what it is for", $"pcs resource clone {resource.Id} interleave=true");
        else if (!resource.Interleaved)
            yield return Finding.Error("storage.interleave", $"{resource.CloneId} is not interleaved: where one node is drained, what depends on it is stopped and started on every node", $"pcs resource meta {resource.CloneId} interleave=true");
    }

    private static IEnumerable<Finding> JudgeFailure(StorageDefinition resource, IReadOnlyDictionary<string, string> defaults)
    {
        var monitors = resource.Operations.Where(operation => operation.Name == "monitor").ToList();
        if (monitors.Count == 0 || monitors.Exists(monitor => (monitor.OnFail.Length > 0 ? monitor.OnFail : defaults.GetValueOrDefault("on-fail", "")) != "fence"))
            yield return Finding.Warning("storage.on-fail", $"where the monitor of {resource.Id} fails, its node is not fenced: the others' locks wait for a node that may not let go of them", $"pcs resource update {resource.Id} op monitor interval=30s on-fail=fence");
    }

    // A stop that runs into its timeout has failed, and its node is fenced: in the drain of a run as at any other time.
    private static IEnumerable<Finding> JudgeTimes(StorageDefinition resource, IReadOnlyDictionary<string, string> defaults)
    {
        var (start, stop) = s_asked[resource.Agent];
        foreach (var (name, asked) in ((string, int)[])[("start", start), ("stop", stop)])
        {
            var text = resource.Operations.FirstOrDefault(operation => operation.Name == name)?.Timeout is { Length: > 0 } own ? own : defaults.GetValueOrDefault("timeout", "");
            var time = text.Length == 0 ? s_usualTimeout : DurationText.Parse(text, s_limit);
            var command = string.Create(CultureInfo.InvariantCulture, $"pcs resource update {resource.Id} op {name} timeout={asked}s");
            if (time is null)
                yield return Finding.NotKnown("storage", $"how long {name} of {resource.Id} may take", $"timeout={text} is not understood", command);
            else if (time < TimeSpan.FromSeconds(asked))
                yield return Finding.Warning("storage.timeout", string.Create(CultureInfo.InvariantCulture, $"{name} of {resource.Id} may take {time.Value.TotalSeconds:0.##} s, and its agent asks for {asked} s{(name == "stop" ? ": a stop that takes longer has its node fenced" : "")}"), command);
        }
    }
}
