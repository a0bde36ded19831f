using System.Xml.Linq;

namespace PcmkKpatch.ToolTests.Support;

/// <summary>
/// A CIB in a file. While it lives, CIB_file makes the Pacemaker tools that this process starts read and write it, with no cluster.
/// There is no lock between processes on such a file, so nothing here runs side by side: that fight is the node lab's.
/// </summary>
internal sealed class CibFile : IDisposable
{
    private const string Variable = "CIB_file";

    // The digest that the scheduler expects of a resource without parameters; with another one it would start it again.
    private const string DigestOfNoParameters = "f2317cad3d54cec5d7d7aa7d0bf35cf8";
    private readonly TempFolder _folder = new();
    // Beyond what the CIBs themselves have.
    private int _calls = 100;

    /// <summary>A copy of one of the CIBs in the folder Cibs.</summary>
    public CibFile(string name = "three-nodes")
    {
        Path = _folder.At("cib.xml");
        File.Copy(System.IO.Path.Combine(TestContext.CurrentContext.TestDirectory, "Cibs", name + ".xml"), Path);
        Environment.SetEnvironmentVariable(Variable, Path);
    }

    public string Path { get; }

    public string Text => File.ReadAllText(Path);

    public XDocument Xml => XDocument.Load(Path);

    /// <summary>Puts a piece of XML into the element at that path, such as "configuration/crm_config".</summary>
    public CibFile Add(string where, string xml)
    {
        var document = Xml;
        var element = where.Split('/').Aggregate(document.Root, (e, name) => e?.Element(name)) ?? throw new ArgumentException($"no {where} in the CIB");
        element.Add(XElement.Parse(xml));
        document.Save(Path);
        return this;
    }

    public CibFile Replace(string old, string with)
    {
        Assert.That(Text, Does.Contain(old), "the CIB of the test does not have what is to be replaced");
        File.WriteAllText(Path, Text.Replace(old, with));
        return this;
    }

    /// <summary>Writes into the status section that this operation ended like that on that node, after all that was written before.</summary>
    public CibFile Ran(string node, string resource, string operation, int exitCode = 0)
    {
        var document = Xml;
        var state = document.Descendants("node_state").Single(e => (string?)e.Attribute("uname") == node);
        var id = (string)state.Attribute("id")!;
        var resources = Child(Child(state, "lrm", id), "lrm_resources");
        var history = resources.Elements().SingleOrDefault(e => (string?)e.Attribute("id") == resource);
        if (history is null)
        {
            var template = document.Descendants("primitive").FirstOrDefault(e => (string?)e.Attribute("id") == resource.Split(':')[0]);
            history = new XElement("lrm_resource", new XAttribute("id", resource), new XAttribute("class", "ocf"), new XAttribute("provider", "pacemaker"),
                new XAttribute("type", (string?)template?.Attribute("type") ?? "Dummy"));
            resources.Add(history);
        }

        var call = ++_calls;
        var (interval, expected) = (operation == "monitor" ? 10000 : 0, 0);
        if (operation == "probe")
            (operation, expected) = ("monitor", exitCode);
        var good = exitCode == expected;
        var action = $"{call}:1:{expected}:11111111-1111-1111-1111-111111111111";
        history.Add(XElement.Parse(
            $"""
            <lrm_rsc_op id="{resource}_{(good ? "last" : "last_failure")}_{call}" operation_key="{resource}_{operation}_{interval}" operation="{operation}"
                interval="{interval}" call-id="{call}" rc-code="{exitCode}" op-status="{(good ? 0 : 4)}" last-rc-change="{call}" exec-time="1" queue-time="0"
                crm_feature_set="3.6.0" op-digest="{DigestOfNoParameters}" transition-key="{action}" transition-magic="{(good ? 0 : 4)}:{exitCode};{action}"/>
            """));
        document.Save(Path);
        return this;
    }

    /// <summary>Writes into the status section that every node that has no history of this resource has looked for it, and has found that it does not run.</summary>
    public CibFile Probed(string resource)
    {
        foreach (var state in Xml.Descendants("node_state").Where(s => !s.Descendants("lrm_resource").Any(r => ((string)r.Attribute("id")!).Split(':')[0] == resource.Split(':')[0])).ToList())
            Ran((string)state.Attribute("uname")!, resource, "probe", 7);
        return this;
    }

    /// <summary>Pacemaker's own judgement of the CIB.</summary>
    public Answer Verify() => Shell.Run("crm_verify", ["-V", "--xml-file", Path]);

    private static XElement Child(XElement parent, string name, string? id = null)
    {
        if (parent.Element(name) is { } there)
            return there;
        var child = new XElement(name, id is null ? null : new XAttribute("id", id));
        parent.Add(child);
        return child;
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        _folder.Dispose();
    }
}
