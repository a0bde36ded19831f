using System.Security;
using System.Text;
using System.Xml;
using PcmkKpatch.Core;

namespace PcmkKpatch.Pacemaker;

/// <summary>
/// A CIB for the eyes of others: as it is, but for the values of what bears a secret's name. Written out by hand, for it has nothing but elements and attributes: .NET's writer of
/// XML would be the largest part of all that "collect" adds to the program.
/// </summary>
internal static class CibSecrets
{
    /// <summary>Copies it without them.</summary>
    /// <param name="cib">The CIB.</param>
    /// <param name="secrets">Takes note of each value that is left out.</param>
    /// <exception cref="ToolFailedException">It does not parse, and so it is not known what in it is one.</exception>
    public static string Without(TextReader cib, Secrets secrets)
    {
        var text = new StringBuilder();
        var open = new Stack<string>();
        void CloseDownTo(int depth)
        {
            while (open.Count > depth)
            {
                var name = open.Pop();
                text.Append(' ', 2 * open.Count).Append($"</{name}>\n");
            }
        }

        XmlText.ForEachElement("cibadmin", cib, (reader, ancestors) =>
        {
            CloseDownTo(ancestors.Count);
            var (name, isEmpty) = (reader.Name, reader.IsEmptyElement);
            text.Append(' ', 2 * open.Count).Append($"<{name}");
            Copy(reader, text, secrets);
            text.Append(isEmpty ? "/>\n" : ">\n");
            if (!isEmpty)
                open.Push(name);
        });
        CloseDownTo(0);
        return text.ToString();
    }

    // A pair names its value beside it. Parameters are also kept as attributes of one element; elsewhere an attribute is Pacemaker's own, such as operation_key.
    private static void Copy(XmlReader reader, StringBuilder text, Secrets secrets)
    {
        var named = reader.GetAttribute("name") is { } name && Secrets.IsSecret(name);
        var isParameters = reader.Name == "parameters";
        while (reader.MoveToNextAttribute())
        {
            var secret = (named && reader.Name == "value") || (isParameters ? Secrets.IsSecret(reader.Name) : Secrets.IsPassword(reader.Name));
            if (secret)
                secrets.Learn(reader.Value);
            text.Append($" {reader.Name}=\"{(secret ? Secrets.Mask : SecurityElement.Escape(reader.Value))}\"");
        }
    }
}
