using System.Text.RegularExpressions;
using System.Xml;
using PcmkKpatch.Core;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>Reading a tool's XML as a stream. What is missing or malformed is a failure of the tool, never a silent "false".</summary>
internal static partial class XmlText
{
    private const int LongestDocument = 64 * 1024 * 1024;

    /// <summary>How XML of others is read: without what it could have fetched or unfolded.</summary>
    public static readonly XmlReaderSettings Settings = new()
    {
        MaxCharactersInDocument = LongestDocument,
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreWhitespace = true,
        IgnoreProcessingInstructions = true,
    };

    /// <summary>Reads a document with a reader that stands on each element in turn, together with the names of its ancestors.</summary>
    /// <exception cref="ToolFailedException">The document is cut off, malformed, or lacks what must be there.</exception>
    public static void ForEachElement(string tool, string xml, Action<XmlReader, IReadOnlyList<string>> visit)
    {
        using var text = new StringReader(xml);
        ForEachElement(tool, text, visit);
    }

    /// <summary>Reads a document as it comes in.</summary>
    /// <exception cref="ToolFailedException">As for a text; also where there is more of it than can be true.</exception>
    public static void ForEachElement(string tool, TextReader xml, Action<XmlReader, IReadOnlyList<string>> visit)
    {
        try
        {
            using var reader = XmlReader.Create(xml, Settings);
            var ancestors = new List<string>();
            while (reader.Read())
            {
                if (reader.NodeType != XmlNodeType.Element)
                    continue;
                ancestors.RemoveRange(reader.Depth, ancestors.Count - reader.Depth);
                var name = reader.Name;
                visit(reader, ancestors);
                reader.MoveToElement();
                ancestors.Add(name);
            }
        }
        catch (XmlException e)
        {
            throw new ToolFailedException(tool, null, $"its output does not parse: {e.Message}");
        }
    }

    /// <summary>An attribute that must be there.</summary>
    public static string Required(this XmlReader reader, string tool, string attribute) =>
        reader.GetAttribute(attribute) ?? throw new ToolFailedException(tool, null, $"its output has a {reader.Name} without {attribute}");

    /// <summary>An attribute that must be there and must be true or false.</summary>
    public static bool RequiredBool(this XmlReader reader, string tool, string attribute) => reader.Required(tool, attribute) switch
    {
        "true" => true,
        "false" => false,
        var other => throw new ToolFailedException(tool, null, $"its output has {attribute}=\"{other}\", neither true nor false"),
    };

    /// <summary>The text within the element on which the reader stands: the last that is asked of it, for the reader stands on the text then.</summary>
    public static string Text(this XmlReader reader, string tool)
    {
        var name = reader.Name;
        return !reader.IsEmptyElement && reader.Read() && reader.NodeType == XmlNodeType.Text ? reader.Value
            : throw new ToolFailedException(tool, null, $"its output has a {name} without a text");
    }

    /// <summary>The answer of a tool that failed, with its errors: they stand in its XML, and nothing on standard error.</summary>
    public static ToolAnswer WithErrors(ToolAnswer answer) =>
        answer with { Errors = string.Join('\n', ErrorElement().Matches(answer.Output).Select(m => m.Groups[1].Value).Prepend(answer.Errors)) };

    [GeneratedRegex("<error>([^<]*)</error>")]
    private static partial Regex ErrorElement();
}
