namespace PcmkKpatch.Core.Gates;

/// <summary>What a gate's complaint leads to.</summary>
public enum GateLevel
{
    /// <summary>The run does not begin.</summary>
    Refuse,

    /// <summary>It is told, and the run goes on.</summary>
    Warn,

    /// <summary>Nothing.</summary>
    Off,
}

/// <summary>
/// How much the administrator lets each gate weigh: the parameter "gates". Only those can be set that watch over a risk which an administrator may
/// know better; those that keep what this program promises (one node at a time, a whole cluster, nothing fenced by a drain) always refuse.
/// </summary>
public sealed record GateLevels
{
    private const string Example = "\"fencing.disabled=warn, drain.failcount=refuse\"";

    // What is set where the administrator says nothing. A left-over constraint or an old failure is no danger by itself: the forecast knows what comes of it.
    private static readonly Dictionary<string, GateLevel> s_defaults = new(StringComparer.Ordinal)
    {
        ["fencing.disabled"] = GateLevel.Refuse,
        ["fencing.no-device"] = GateLevel.Refuse,
        ["fencing.device-failed"] = GateLevel.Refuse,
        ["fencing.recent"] = GateLevel.Refuse,
        ["fencing.unknown"] = GateLevel.Refuse,
        ["survivable.quorum"] = GateLevel.Refuse,
        ["survivable.stranded"] = GateLevel.Refuse,
        ["survivable.unknown"] = GateLevel.Refuse,
        ["drain.blocked"] = GateLevel.Refuse,
        ["drain.orphaned"] = GateLevel.Refuse,
        ["drain.unmanaged"] = GateLevel.Refuse,
        ["drain.leftover-constraint"] = GateLevel.Warn,
        ["drain.failcount"] = GateLevel.Warn,
        // The administrator may know that nobody minds a pause of all writers; that it fences nobody is what dlm.unmanaged is for.
        [LockspaceGates.Undrained] = GateLevel.Refuse,
        // To refuse a patch makes the drift of patches worse.
        [DriftGates.Kernel] = GateLevel.Warn,
        [DriftGates.Patch] = GateLevel.Warn,
        [DriftGates.Version] = GateLevel.Warn,
        [DriftGates.Unknown] = GateLevel.Warn,
        // It is what a node-by-node upgrade of the cluster comes to, and ends with that node's own.
        [MixtureGates.OldestAlone] = GateLevel.Warn,
        ["kernel.unsupported"] = GateLevel.Warn,
        ["kernel.support-unknown"] = GateLevel.Warn,
        ["kernel.kprobes"] = GateLevel.Refuse,
        ["kernel.kprobes-unknown"] = GateLevel.Warn,
    };

    private readonly Dictionary<string, GateLevel> _set;

    private GateLevels(string text, Dictionary<string, GateLevel> set) => (Text, _set) = (text, set);

    /// <summary>Nothing is set.</summary>
    public static GateLevels Default { get; } = new("", []);

    /// <summary>The gates that can be set, and how they are by themselves.</summary>
    public static IReadOnlyDictionary<string, GateLevel> Settable => s_defaults;

    /// <summary>The text that it was read from.</summary>
    public string Text { get; }

    /// <summary>Reads the parameter "gates": a gate's id, = and refuse, warn or off, with commas between them.</summary>
    /// <param name="text">The parameter.</param>
    /// <param name="error">What is wrong with which part, and what to write; null where nothing is.</param>
    /// <returns>The levels, or null where anything is wrong.</returns>
    public static GateLevels? Parse(string text, out string? error)
    {
        var set = new Dictionary<string, GateLevel>(StringComparer.Ordinal);
        error = ListText.Problem(text, ',', Example, part => Add(part, set));
        return error is null ? new GateLevels(text.Trim(), set) : null;
    }

    /// <summary>What that gate's complaint leads to.</summary>
    public GateLevel Of(Refusal refusal) => _set.TryGetValue(refusal.Id, out var level) ? level : s_defaults.GetValueOrDefault(refusal.Id, GateLevel.Refuse);

    /// <inheritdoc/>
    public bool Equals(GateLevels? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static string? Add(string part, Dictionary<string, GateLevel> set)
    {
        var words = part.Split('=', StringSplitOptions.TrimEntries);
        if (words.Length != 2)
            return $"{ListText.Quote(part)} is no gate with a level";
        if (!s_defaults.ContainsKey(words[0]))
            return $"{ListText.Quote(words[0])} is none of the gates that can be set: {string.Join(", ", s_defaults.Keys)}";
        if (words[1] is not ("refuse" or "warn" or "off"))
            return $"{ListText.Quote(words[1])} is none of refuse, warn, off";
        if (!set.TryAdd(words[0], words[1] switch { "warn" => GateLevel.Warn, "off" => GateLevel.Off, _ => GateLevel.Refuse }))
            return $"{ListText.Quote(words[0])} is set twice";
        return null;
    }
}
