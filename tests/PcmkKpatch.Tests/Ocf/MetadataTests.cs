using System.Xml;
using System.Xml.Linq;
using NUnit.Framework;
using PcmkKpatch.Core.Ocf;

namespace PcmkKpatch.Tests.Ocf;

/// <summary>
/// The agent's metadata against its golden copy, ocf/metadata.xml: what administrators and their tools see changes only on purpose.
/// PCMK_KPATCH_REFRESH=1 writes the golden copy anew.
/// </summary>
public sealed class MetadataTests
{
    private static readonly string s_golden = Sources.Path("ocf", "metadata.xml");

    [Test]
    public void it_is_what_its_golden_copy_says()
    {
        var metadata = Metadata.Of(Version());
        if (Sources.Refresh)
            File.WriteAllText(s_golden, metadata);

        Assert.That(metadata, Is.EqualTo(File.ReadAllText(s_golden)),
            "where the change is meant: PCMK_KPATCH_REFRESH=1 dotnet run --project tests/PcmkKpatch.Tests, and commit ocf/metadata.xml");
    }

    [Test]
    public void it_declares_every_parameter_once_with_its_default()
    {
        var declared = Document().Descendants("parameter").Select(p => (p.Attribute("name")!.Value, p.Element("content")!.Attribute("default")!.Value));

        Assert.That(declared, Is.EqualTo(Parameters.All.Select(p => (p.Name, p.Default))));
    }

    [Test]
    public void every_default_is_one_that_the_agent_takes() =>
        Assert.That(Parameters.Parse(name => Parameters.All.Single(p => p.Name == name).Default, out _), Is.EqualTo(Parameters.Defaults));

    [Test]
    public void it_declares_the_actions_with_a_timeout_each()
    {
        var actions = Document().Descendants("action").ToList();

        Assert.That(actions.Select(a => a.Attribute("name")!.Value), Is.EqualTo(new[] { "start", "stop", "monitor", "meta-data", "validate-all" }));
        Assert.That(actions.Select(a => a.Attribute("timeout")?.Value), Has.All.Match("^[0-9]+s$"));
        Assert.That(actions.Single(a => a.Attribute("name")!.Value == "monitor").Attribute("interval")?.Value, Is.EqualTo("30s"));
    }

    private static XDocument Document()
    {
        using var reader = XmlReader.Create(new StringReader(Metadata.Of("1")), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
        return XDocument.Load(reader);
    }

    // The version of Directory.Build.props, as this very build has it.
    private static string Version() => typeof(Metadata).Assembly.GetName().Version!.ToString(3);
}
