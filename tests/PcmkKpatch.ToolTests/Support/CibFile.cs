using System.Xml.Linq;

namespace PcmkKpatch.ToolTests.Support;

/// <summary>
/// A CIB in a file. While it lives, CIB_file makes the Pacemaker tools that this process starts read and write it, with no cluster.
/// There is no lock between processes on such a file, so nothing here runs side by side: that fight is the node lab's.
/// </summary>
internal sealed class CibFile : IDisposable
{
    private const string Variable = "CIB_file";
    private readonly TempFolder _folder = new();

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

    /// <summary>Pacemaker's own judgement of the CIB.</summary>
    public Answer Verify() => Shell.Run("crm_verify", ["-V", "--xml-file", Path]);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        _folder.Dispose();
    }
}
