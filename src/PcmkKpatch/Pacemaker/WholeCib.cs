using System.Text;
using System.Xml;
using PcmkKpatch.Core;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// A CIB as cibadmin prints it, taken apart where each node's state, and the history in it, begins and ends. The histories are nearly all of a large
/// cluster's CIB, tens of megabytes, and nobody but the scheduler reads them: they are passed over, and on, as they came. What an older node has deleted
/// and a newer one only marked so is not in it.
/// </summary>
internal sealed class WholeCib
{
    /// <summary>Stands for the history in what is read without it.</summary>
    public const string InPlaceOfHistory = "<lrm />";

    private const string Tool = "cibadmin";
    private readonly List<NodeState> _states = [];

    /// <summary>Takes it apart.</summary>
    /// <exception cref="ToolFailedException">It is no whole CIB.</exception>
    public WholeCib(ReadOnlyMemory<byte> text)
    {
        Text = text;
        Text = WithoutDeleted();
        // The last section; no tag begins within a value, for there XML has a &lt; in its place. A comment could hold one, and Pacemaker writes none there.
        var at = text.Span.LastIndexOf("<status"u8);
        if (at < 0 || text.Span[at..].IndexOf("<!"u8) >= 0 || !text.Span.TrimEnd("\n"u8).EndsWith("</cib>"u8))
            throw NotWhole();
        while (text.Span[at..].IndexOf("<node_state"u8) is >= 0 and var next)
        {
            _states.Add(NodeStateAt(at + next));
            at = _states[^1].End;
        }
    }

    /// <summary>All of it.</summary>
    public ReadOnlyMemory<byte> Text { get; }

    /// <summary>The nodes' states in their order.</summary>
    public IReadOnlyList<NodeState> States => _states;

    /// <summary>Everything but the histories, to be read.</summary>
    public TextReader WithoutHistories()
    {
        var text = new StringBuilder();
        var at = 0;
        foreach (var state in _states)
        {
            text.Append(Characters(at, state.Start)).Append(WithoutHistory(state));
            at = state.End;
        }

        return new StringReader(text.Append(Characters(at, Text.Length)).ToString());
    }

    /// <summary>The state of that node: there must be one, and one only.</summary>
    public NodeState StateOf(string node)
    {
        var found = _states.Where(s => s.Name == node).ToList();
        return found.Count == 1 ? found[0] : throw new ToolFailedException(Tool, null, $"the CIB has {found.Count} states of the node {node}, not one");
    }

    /// <summary>A node's state without its history.</summary>
    public string WithoutHistory(NodeState state) =>
        state.HistoryStart == state.HistoryEnd ? Characters(state.Start, state.End) : Characters(state.Start, state.HistoryStart) + InPlaceOfHistory + Characters(state.HistoryEnd, state.End);

    // pacemaker-attrd up to 2.1.6 deletes a value by writing it empty with a mark (build_update_element in attrd_cib.c), and the CIB manager then takes it
    // away. That of 3.0 does not know the mark any more: beside such a node its own copy keeps the empty value, which the other nodes and the DC do not have.
    // A mark with a value is left from before, and that value holds. Blanks are laid over it, so that nothing moves.
    private ReadOnlyMemory<byte> WithoutDeleted()
    {
        var mark = "__delete__=\"value\""u8;
        byte[]? changed = null;
        for (var at = 0; Find(at, Text.Length, mark) is { } found; at = found + mark.Length)
        {
            // No value holds a "<".
            var start = Text.Span[..found].LastIndexOf((byte)'<');
            if (start < 0)
                break;
            var end = TagEnd(start);
            if (!Text.Span[start..].StartsWith("<nvpair "u8) || !IsEmpty(end) || AttributeIn(Characters(start, end), "value") is not "")
                continue;
            changed ??= Text.ToArray();
            changed.AsSpan(start..end).Fill((byte)' ');
        }

        return changed ?? Text;
    }

    private NodeState NodeStateAt(int start)
    {
        var inside = TagEnd(start);
        var (history, historyEnd, end) = (inside, inside, inside);
        if (!IsEmpty(inside))
        {
            var close = Find(inside, Text.Length, "</node_state"u8) ?? throw NotWhole();
            end = TagEnd(close);
            // The first tag that begins so is that of the history itself; the others are within it.
            if (Find(inside, close, "<lrm"u8) is { } found)
            {
                history = found;
                historyEnd = TagEnd(found);
                if (!IsEmpty(historyEnd))
                    historyEnd = TagEnd(Find(historyEnd, close, "</lrm>"u8) ?? throw NotWhole());
            }
        }

        return new NodeState(AttributeIn(Characters(start, inside), "uname"), start, end, history, historyEnd);
    }

    private static string? AttributeIn(string tag, string name)
    {
        try
        {
            using var text = new StringReader(tag);
            using var reader = XmlReader.Create(text, XmlText.Settings);
            reader.Read();
            return reader.GetAttribute(name);
        }
        catch (XmlException e)
        {
            throw new ToolFailedException(Tool, null, $"its output does not parse: {e.Message}");
        }
    }

    // Behind the tag that begins there: a value may hold a ">".
    private int TagEnd(int start)
    {
        var text = Text.Span;
        byte quote = 0;
        for (var at = start; at < text.Length; at++)
        {
            if (quote != 0 ? text[at] == quote : text[at] is (byte)'"' or (byte)'\'')
                quote = quote == 0 ? text[at] : (byte)0;
            else if (quote == 0 && text[at] == '>')
                return at + 1;
        }

        throw NotWhole();
    }

    private bool IsEmpty(int tagEnd) => Text.Span[tagEnd - 2] == '/';

    private int? Find(int from, int to, ReadOnlySpan<byte> what) => Text.Span[from..to].IndexOf(what) is >= 0 and var at ? from + at : null;

    private string Characters(int from, int to) => Encoding.UTF8.GetString(Text.Span[from..to]);

    private static ToolFailedException NotWhole() => new(Tool, null, "its output is no whole CIB");

    /// <summary>Where a node's state stands in the text, and the history in it; an empty one where it has none.</summary>
    internal sealed record NodeState(string? Name, int Start, int End, int HistoryStart, int HistoryEnd);
}
