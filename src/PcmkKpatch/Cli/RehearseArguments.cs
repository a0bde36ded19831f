namespace PcmkKpatch.Cli;

/// <summary>What a person typed behind "pcmk-kpatch rehearse", the options in any order.</summary>
internal sealed record RehearseArguments
{
    /// <summary>The one node; null for all.</summary>
    public string? Node { get; private init; }

    /// <summary>The report as JSON.</summary>
    public bool Json { get; private init; }

    /// <summary>The one that goes on is to be followed, no other one begun.</summary>
    public bool Follow { get; private init; }

    /// <summary>The one that goes on is to be called off.</summary>
    public bool Cancel { get; private init; }

    /// <summary>Reads the words; null where they make no sense.</summary>
    public static RehearseArguments? Read(IEnumerable<string> words)
    {
        var asked = new RehearseArguments();
        var rest = new Queue<string>(words);
        while (rest.TryDequeue(out var word))
        {
            var value = "";
            switch (word)
            {
                case "--json" when !asked.Json:
                    asked = asked with { Json = true };
                    break;
                case "--follow" when !asked.Follow:
                    asked = asked with { Follow = true };
                    break;
                case "--cancel" when !asked.Cancel:
                    asked = asked with { Cancel = true };
                    break;
                case "--node" when asked.Node is null && rest.TryDequeue(out value) && value.Length > 0 && value[0] != '-':
                    asked = asked with { Node = value };
                    break;
                default:
                    return null;
            }
        }

        return asked switch
        {
            { Cancel: true } => asked == new RehearseArguments { Cancel = true } ? asked : null,
            { Follow: true } => asked.Node is null ? asked : null,
            _ => asked,
        };
    }
}
