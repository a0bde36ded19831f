namespace PcmkKpatch.Cli;

/// <summary>What a person typed behind "pcmk-kpatch report", the options in any order.</summary>
internal sealed record ReportArguments
{
    /// <summary>The one run; null where it is not about one.</summary>
    public string? Run { get; private init; }

    /// <summary>Since when, as it was typed; null where nothing was.</summary>
    public string? Since { get; private init; }

    /// <summary>The last rollout was asked for by name: it is what is told where nothing is.</summary>
    public bool Last { get; private init; }

    /// <summary>The report as JSON.</summary>
    public bool Json { get; private init; }

    /// <summary>The file of the page, - for standard output; null where none is wanted.</summary>
    public string? Html { get; private init; }

    /// <summary>Reads the words; null where they make no sense.</summary>
    public static ReportArguments? Read(IEnumerable<string> words)
    {
        var asked = new ReportArguments();
        var rest = new Queue<string>(words);
        while (rest.TryDequeue(out var word))
        {
            var value = "";
            switch (word)
            {
                case "--last" when !asked.Last:
                    asked = asked with { Last = true };
                    break;
                case "--json" when !asked.Json:
                    asked = asked with { Json = true };
                    break;
                case "--since" when asked.Since is null && rest.TryDequeue(out value) && value.Length > 0 && value[0] != '-':
                    asked = asked with { Since = value };
                    break;
                case "--html" when asked.Html is null && rest.TryDequeue(out value) && value.Length > 0 && (value == "-" || value[0] != '-'):
                    asked = asked with { Html = value };
                    break;
                case { Length: > 0 } when word[0] != '-' && asked.Run is null:
                    asked = asked with { Run = word };
                    break;
                default:
                    return null;
            }
        }

        var about = (asked.Last ? 1 : 0) + (asked.Run is null ? 0 : 1) + (asked.Since is null ? 0 : 1);
        return about <= 1 && !(asked.Json && asked.Html is not null) ? asked : null;
    }
}
