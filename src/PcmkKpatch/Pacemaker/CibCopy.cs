using System.Text;
using System.Xml;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// A copy of the CIB in a file, in which one node's state at a time is another one, to ask the scheduler about. There is room behind each state, so the
/// file is written once and then changed in its place: a large cluster's has tens of megabytes, and is asked about twice for each node.
/// The states are written by hand rather than by crm_attribute and crm_simulate's own options: those put the node's name into an XPath as it is, and abort
/// where it has a quote in it.
/// </summary>
internal sealed class CibCopy : IDisposable
{
    // What a standby adds, and what is escaped in a longer form than it came.
    private const int Room = 4096;

    private readonly WholeCib _cib;
    private readonly string _path;
    private readonly FileStream _file;
    private WholeCib.NodeState? _changed;

    /// <summary>Writes the CIB as it is.</summary>
    public CibCopy(WholeCib cib, string path)
    {
        (_cib, _path) = (cib, path);
        try
        {
            _file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OurFile.ForRootAlone, BufferSize = 0 });
            var at = 0;
            foreach (var state in cib.States)
            {
                _file.Write(cib.Text.Span[at..state.End]);
                _file.Write(Blanks(Room));
                at = state.End;
            }

            _file.Write(cib.Text.Span[at..]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(path, null, e.Message);
        }
    }

    /// <summary>The CIB as it is. In it the node must have a state, for a CIB without one would forecast nothing at all.</summary>
    public void AsItIs(string node)
    {
        _ = _cib.StateOf(node);
        PutBack();
    }

    /// <summary>That node marked by us in that way: the same elements as the attribute daemon writes.</summary>
    public void Drained(string node, DrainMode kind) => Change(node, state =>
    {
        var name = DrainMarks.AttributeOf(kind);
        var id = state.GetAttribute("id");
        var set = Child(Child(state, "transient_attributes", id), "instance_attributes", $"status-{id}");
        foreach (var old in set.ChildNodes.OfType<XmlElement>().Where(e => e.GetAttribute("name") == name).ToList())
            set.RemoveChild(old);
        var mark = (XmlElement)set.AppendChild(state.OwnerDocument.CreateElement("nvpair"))!;
        // An id has no # in it.
        mark.SetAttribute("id", $"status-{id}-{name.Replace('#', '.')}");
        mark.SetAttribute("name", name);
        mark.SetAttribute("value", DrainMarks.ValueOf(kind));
    });

    /// <summary>That node gone: as the controller leaves it behind after the node's fencing.</summary>
    public void Lost(string node) => Change(node, state =>
    {
        foreach (var child in state.ChildNodes.OfType<XmlElement>().Where(e => e.Name is "lrm" or "transient_attributes").ToList())
            state.RemoveChild(child);
        state.SetAttribute("in_ccm", "false");
        state.SetAttribute("crmd", "offline");
        state.SetAttribute("join", "down");
        state.SetAttribute("expected", "down");
    });

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Change(string node, Action<XmlElement> change)
    {
        var state = _cib.StateOf(node);
        var document = new XmlDocument { XmlResolver = null };
        try
        {
            using var text = new StringReader(_cib.WithoutHistory(state));
            using var reader = XmlReader.Create(text, XmlText.Settings);
            document.Load(reader);
        }
        catch (XmlException e)
        {
            throw new ToolFailedException("cibadmin", null, $"its output does not parse: {e.Message}");
        }

        change(document.DocumentElement!);
        PutBack();
        _changed = state;
        var (before, after) = document.OuterXml.Split(WholeCib.InPlaceOfHistory) is [var head, var tail] ? (head, tail) : (document.OuterXml, "");
        var history = after.Length > 0 ? _cib.Text.Span[state.HistoryStart..state.HistoryEnd] : [];
        Put(state, [.. Encoding.UTF8.GetBytes(before), .. history, .. Encoding.UTF8.GetBytes(after)]);
    }

    private void PutBack()
    {
        if (_changed is { } state)
            Put(state, _cib.Text.Span[state.Start..state.End]);
        _changed = null;
    }

    private void Put(WholeCib.NodeState state, ReadOnlySpan<byte> text)
    {
        var blanks = state.End - state.Start + Room - text.Length;
        if (blanks < 0)
            throw new ToolFailedException(_path, null, $"the state of {state.Name} would be longer than can be true");
        try
        {
            _file.Position = state.Start + (_cib.States.TakeWhile(s => s != state).Count() * Room);
            _file.Write(text);
            _file.Write(Blanks(blanks));
        }
        catch (IOException e)
        {
            throw new ToolFailedException(_path, null, e.Message);
        }
    }

    private static byte[] Blanks(int count)
    {
        var blanks = new byte[count];
        Array.Fill(blanks, (byte)' ');
        return blanks;
    }

    private static XmlElement Child(XmlElement parent, string name, string id)
    {
        if (parent[name] is { } there)
            return there;
        var child = (XmlElement)parent.AppendChild(parent.OwnerDocument.CreateElement(name))!;
        child.SetAttribute("id", id);
        return child;
    }
}
