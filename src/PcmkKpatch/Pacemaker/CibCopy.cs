using System.Xml;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// Copies of the CIB in which one node's state is another one, to ask the scheduler about. They are written by hand rather than by crm_attribute and
/// crm_simulate's own options: those put the node's name into an XPath as it is, and abort where it has a quote in it.
/// </summary>
internal static class CibCopy
{
    private const string Name = "cibadmin";

    /// <summary>Writes the CIB as it is. In it the node must have a state, for a CIB without one would forecast nothing at all.</summary>
    public static void AsItIs(string cib, string node, string path) => Write(cib, node, path, _ => { });

    /// <summary>Writes the CIB with that node marked by us in that way: the same elements as the attribute daemon writes.</summary>
    public static void Drained(string cib, string node, DrainMode kind, string path) => Write(cib, node, path, state =>
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

    /// <summary>Writes the CIB with that node gone: as the controller leaves it behind after the node's fencing.</summary>
    public static void Lost(string cib, string node, string path) => Write(cib, node, path, state =>
    {
        foreach (var child in state.ChildNodes.OfType<XmlElement>().Where(e => e.Name is "lrm" or "transient_attributes").ToList())
            state.RemoveChild(child);
        state.SetAttribute("in_ccm", "false");
        state.SetAttribute("crmd", "offline");
        state.SetAttribute("join", "down");
        state.SetAttribute("expected", "down");
    });

    private static void Write(string cib, string node, string path, Action<XmlElement> change)
    {
        var found = 0;
        try
        {
            using var text = new StringReader(cib);
            using var reader = XmlReader.Create(text, XmlText.Settings);
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OurFile.ForRootAlone });
            using var writer = XmlWriter.Create(file);
            reader.Read();
            while (!reader.EOF)
            {
                if (reader is { Name: "node_state", Depth: 2, NodeType: XmlNodeType.Element } && reader.GetAttribute("uname") == node)
                {
                    var state = (XmlElement)new XmlDocument { XmlResolver = null }.ReadNode(reader)!;
                    change(state);
                    state.WriteTo(writer);
                    found++;
                }
                else if (reader.Depth < 2)
                {
                    CopyTag(reader, writer);
                }
                else
                {
                    writer.WriteNode(reader, defattr: false);
                }
            }
        }
        catch (XmlException e)
        {
            throw new ToolFailedException(Name, null, $"its output does not parse: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolFailedException(path, null, e.Message);
        }

        if (found != 1)
            throw new ToolFailedException(Name, null, $"the CIB has {found} states of the node {node}, not one");
    }

    // The CIB's outer elements, down to the one that holds the nodes' states: their contents follow by themselves.
    private static void CopyTag(XmlReader reader, XmlWriter writer)
    {
        if (reader.NodeType == XmlNodeType.Element)
        {
            writer.WriteStartElement(reader.Name);
            writer.WriteAttributes(reader, defattr: false);
        }

        if (reader.NodeType == XmlNodeType.EndElement || reader.IsEmptyElement)
            writer.WriteEndElement();
        reader.Read();
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
