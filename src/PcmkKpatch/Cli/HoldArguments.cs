namespace PcmkKpatch.Cli;

/// <summary>What a person typed behind "pcmk-kpatch hold", the options in any order.</summary>
internal sealed record HoldArguments
{
    /// <summary>The node; null for all.</summary>
    public string? Node { get; private init; }

    /// <summary>When the hold is to be over, as it was typed; null where nothing was.</summary>
    public string? Until { get; private init; }

    /// <summary>Why; null where nothing was typed.</summary>
    public string? Reason { get; private init; }

    /// <summary>A hold is to be taken away.</summary>
    public bool Clear { get; private init; }

    /// <summary>The holds are to be shown.</summary>
    public bool List { get; private init; }

    /// <summary>Reads the words; null where they make no sense.</summary>
    public static HoldArguments? Read(IEnumerable<string> words)
    {
        var asked = new HoldArguments();
        var rest = new Queue<string>(words);
        while (rest.TryDequeue(out var word))
        {
            var value = "";
            switch (word)
            {
                case "--list" when !asked.List:
                    asked = asked with { List = true };
                    break;
                case "--clear" when !asked.Clear:
                    asked = asked with { Clear = true };
                    break;
                case "--until" when asked.Until is null && rest.TryDequeue(out value) && IsValue(value):
                    asked = asked with { Until = value };
                    break;
                case "--reason" when asked.Reason is null && rest.TryDequeue(out value) && IsValue(value):
                    asked = asked with { Reason = value };
                    break;
                case { Length: > 0 } when word[0] != '-' && asked.Node is null:
                    asked = asked with { Node = word };
                    break;
                default:
                    return null;
            }
        }

        return asked switch
        {
            { List: true } => asked == new HoldArguments { List = true } ? asked : null,
            { Clear: true } => asked is { Until: null, Reason: null } ? asked : null,
            _ => asked,
        };
    }

    // An option in the place of a value: the value was forgotten.
    private static bool IsValue(string word) => word.Length > 0 && !word.StartsWith("--", StringComparison.Ordinal);
}
