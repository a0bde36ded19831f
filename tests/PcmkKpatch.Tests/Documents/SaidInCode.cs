using System.Text;
using System.Text.RegularExpressions;

namespace PcmkKpatch.Tests.Documents;

/// <summary>What kind of complaint it is.</summary>
internal enum Kind
{
    /// <summary>A gate's, or a command's.</summary>
    Refusal,

    /// <summary>A finding of "check".</summary>
    Finding,
}

/// <summary>One complaint that the program can make.</summary>
/// <param name="Id">Its stable name.</param>
/// <param name="Kind">A gate's, or one of "check".</param>
/// <param name="Severity">How much a finding weighs.</param>
/// <param name="Why">What it says; … for what is filled in.</param>
/// <param name="Remedy">What it says to do; empty where the code makes that up elsewhere.</param>
internal sealed record Complaint(string Id, Kind Kind, string Severity, string Why, string Remedy);

/// <summary>
/// Reads from the code every refusal and finding that it can make, with its words. The ids are declared where they are used, and not once more in a list that could drift;
/// an id that is written in a way which this does not follow fails a test.
/// </summary>
internal static partial class SaidInCode
{
    private const char Hole = '…';

    /// <summary>Every complaint, by id.</summary>
    public static IReadOnlyList<Complaint> All()
    {
        var constants = Constants();
        return [.. Sources.Code().SelectMany(file => Of(File.ReadAllText(file), Path.GetFileNameWithoutExtension(file), constants)).Distinct().OrderBy(c => c.Id, StringComparer.Ordinal).ThenBy(c => c.Kind)];
    }

    /// <summary>Every text in the code that has the form of an id of a family that there is; what is no id is not asked for here.</summary>
    public static IEnumerable<string> Candidates(IReadOnlyCollection<string> families) => Sources.Code().SelectMany(file => AnyId().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value))
        // A unit of systemd's is none.
        .Where(text => families.Contains(text.Split('.')[0]) && !text.EndsWith(".service", StringComparison.Ordinal)).Distinct();

    private static Dictionary<string, string> Constants()
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Sources.Code())
        {
            foreach (Match constant in Constant().Matches(File.ReadAllText(file)))
                found[$"{Path.GetFileNameWithoutExtension(file)}.{constant.Groups[1].Value}"] = constant.Groups[2].Value;
        }

        return found;
    }

    private static IEnumerable<Complaint> Of(string code, string type, Dictionary<string, string> constants)
    {
        foreach (Match call in Call().Matches(code))
        {
            var arguments = Arguments(code, call.Index + call.Length);
            var at = arguments.FindIndex(argument => Id(argument, type, constants).Count > 0);
            if (at is not (0 or 1))
                continue;
            foreach (var id in Id(arguments[at], type, constants))
            {
                if (Read(call.Groups["callee"].Value, id, [.. arguments.Skip(at + 1)]) is { } complaint)
                    yield return complaint;
            }
        }
    }

    private static Complaint? Read(string callee, string id, string[] rest) => callee switch
    {
        "NotKnown" when rest.Length == 3 => new($"{id}.unknown", Kind.Finding, "warning", $"{Literal(rest[0])} is not known: {Hole}", Literal(rest[2])),
        "Error" or "Warning" or "Note" when IsAnId(id) => new(id, Kind.Finding, callee.ToLowerInvariant(), Literal(rest[0]), Both(Named(rest, "command", 1), Named(rest, "remedy", 2))),
        "Finding" when IsAnId(id) && rest.Length > 1 => new(id, Kind.Finding, string.Join(" or ", Weight().Matches(rest[0]).Select(m => m.Groups[1].Value.ToLowerInvariant())), Literal(rest[1]), ""),
        "Unknown" or "Ask" when IsAnId(id) => new(id, Kind.Refusal, "", $"it cannot be told: {Hole}", Literal(rest[0])),
        "new" or "Refusal" or "Unusable" when IsAnId(id) && rest.Length > 0 => new(id, Kind.Refusal, "", Literal(rest[0]), rest.Length > 1 ? Literal(rest[1]) : ""),
        _ => null,
    };

    private static bool IsAnId(string text) => text.Contains('.', StringComparison.Ordinal);

    private static string Both(string command, string remedy) => (command, remedy) switch
    {
        ("", _) => remedy,
        (_, "") => command,
        _ => $"{command}; {remedy}",
    };

    private static string Named(string[] arguments, string name, int place) =>
        arguments.FirstOrDefault(a => a.StartsWith(name + ":", StringComparison.Ordinal)) is { } named ? Literal(named[(name.Length + 1)..].Trim())
        : arguments.Length > place && !ArgumentName().IsMatch(arguments[place]) ? Literal(arguments[place]) : "";

    // What an argument names: an id, or more where a part of it is filled in; a family alone for NotKnown.
    private static List<string> Id(string argument, string type, Dictionary<string, string> constants)
    {
        if (constants.TryGetValue(argument, out var elsewhere) || constants.TryGetValue($"{type}.{argument}", out elsewhere))
            return IdForm().IsMatch(elsewhere) ? [elsewhere] : [];
        // The one id that is put together: which end of life it is.
        if (argument == "$\"{kind}.end-of-life\"")
            return ["kernel.end-of-life", "patch.end-of-life"];
        return argument is ['"', .. var inside, '"'] && (IdForm().IsMatch(inside) || Family().IsMatch(inside)) ? [inside] : [];
    }

    // The text of a literal, with … for what is filled in or put behind it; of one that is chosen, each that may be.
    private static string Literal(string argument)
    {
        const string Created = "string.Create(CultureInfo.InvariantCulture, ";
        var text = argument.StartsWith(Created, StringComparison.Ordinal) ? argument[Created.Length..].TrimEnd(')') : argument;
        var said = new List<string>();
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '(' or '[' or '{')
                depth++;
            else if (text[i] is ')' or ']' or '}')
                depth--;
            else if (text[i] == '"' || (text[i] == '$' && text[i + 1] == '"'))
            {
                var one = new StringBuilder();
                var isJoined = said.Count > 0 && text[..i].EndsWith(" + ", StringComparison.Ordinal);
                i = Skip(text, i, one) - 1;
                if (depth == 0 && isJoined)
                    said[^1] = said[^1].TrimEnd(Hole) + one;
                else if (depth == 0)
                    said.Add(one.ToString());
                // What is put behind it, unless that is a text too.
                if (depth == 0 && text[(i + 1)..].StartsWith(" + ", StringComparison.Ordinal))
                    said[^1] += Hole;
            }
        }

        return Holes().Replace(string.Join(" / ", said), $"{Hole}");
    }

    // The arguments of a call, from behind its bracket on.
    private static List<string> Arguments(string code, int from)
    {
        var arguments = new List<string>();
        int depth = 0, begin = from;
        for (var i = from; i < code.Length;)
        {
            if (code[i] == '"' || (code[i] == '$' && code[i + 1] == '"'))
            {
                i = Skip(code, i, null);
                continue;
            }

            if (code[i] == '\'')
                i += code[i + 1] == '\\' ? 3 : 2;
            else if (code[i] is '(' or '[' or '{')
                depth++;
            else if (code[i] is ')' or ']' or '}' && depth-- == 0)
            {
                arguments.Add(code[begin..i].Trim());
                return arguments;
            }
            else if (code[i] == ',' && depth == 0)
            {
                arguments.Add(code[begin..i].Trim());
                begin = i + 1;
            }

            i++;
        }

        return [];
    }

    // Behind the string that begins there; its text into the builder, with … for each hole.
    private static int Skip(string code, int from, StringBuilder? said)
    {
        var isFilled = code[from] == '$';
        var i = from + (isFilled ? 2 : 1);
        while (code[i] != '"')
        {
            var isTwice = code[i] == '\\' || (isFilled && code[i] is '{' or '}' && code[i + 1] == code[i]);
            if (isFilled && code[i] == '{' && !isTwice)
            {
                i = BehindHole(code, i + 1);
                said?.Append(Hole);
                continue;
            }

            i += isTwice ? 1 : 0;
            said?.Append(code[i]);
            i++;
        }

        return i + 1;
    }

    private static int BehindHole(string code, int from)
    {
        var depth = 0;
        for (var i = from; ; i++)
        {
            while (code[i] == '"' || (code[i] == '$' && code[i + 1] == '"'))
                i = Skip(code, i, null);
            if (code[i] == '\'')
                i += code[i + 1] == '\\' ? 3 : 2;
            else if (code[i] is '{' or '(' or '[')
                depth++;
            else if (code[i] is '}' && depth == 0)
                return i + 1;
            else if (code[i] is '}' or ')' or ']')
                depth--;
        }
    }

    [GeneratedRegex(@"\b(?<callee>new|Refusal|Finding|Unusable|NotKnown|Unknown|Ask|Error|Warning|Note)\(")]
    private static partial Regex Call();

    [GeneratedRegex("const string (\\w+) = \"([^\"]*)\";")]
    private static partial Regex Constant();

    [GeneratedRegex(@"^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$")]
    private static partial Regex IdForm();

    [GeneratedRegex("\"([a-z]+\\.[a-z]+(?:-[a-z]+)*)\"")]
    private static partial Regex AnyId();

    [GeneratedRegex(@"^[a-z]+(-[a-z]+)*$")]
    private static partial Regex Family();

    [GeneratedRegex(@"Severity\.(\w+)")]
    private static partial Regex Weight();

    [GeneratedRegex("^[a-z]+:")]
    private static partial Regex ArgumentName();

    [GeneratedRegex("……+")]
    private static partial Regex Holes();
}
