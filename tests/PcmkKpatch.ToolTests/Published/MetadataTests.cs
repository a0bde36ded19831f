using System.Xml.Linq;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>
/// The metadata as the published binary prints it. It answers whoever asks, however poor the circumstances: pcs asks without HOME,
/// ocf-tester as nobody. pcs's own schema is looked at in the node lab, where pcs is installed.
/// </summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MetadataTests : IDisposable
{
    private const string Schemas = "/usr/share/resource-agents";
    private readonly Sandbox _box = new();

    public void Dispose() => _box.Dispose();

    [Test]
    public void It_is_the_metadata_of_this_version()
    {
        Assert.That(Metadata(), Is.EqualTo(Core.Ocf.Metadata.Of(Sandbox.Version)));
        Assert.That(XDocument.Parse(Metadata()).Root!.Attribute("version")!.Value, Is.EqualTo(Sandbox.Version));
    }

    [Test]
    public void It_follows_the_schema_of_the_resource_agents()
    {
        var answer = Lint("--relaxng", $"{Schemas}/metadata.rng");
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
    }

    [Test]
    public void It_follows_the_DTD_that_it_names()
    {
        var answer = Lint("--dtdvalid", $"{Schemas}/ra-api-1.dtd");
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        Assert.That(XDocument.Parse(Metadata()).DocumentType!.SystemId, Is.EqualTo("ra-api-1.dtd"));
    }

    [Test]
    public void It_tells_of_every_parameter_and_of_every_action_that_there_is()
    {
        var document = XDocument.Parse(Metadata());
        Assert.That(document.Descendants("parameter").Select(p => (string?)p.Attribute("name")), Is.EqualTo(Parameters.All.Select(p => p.Name)));
        foreach (var action in document.Descendants("action").Select(a => (string)a.Attribute("name")!))
            Assert.That(_box.Act(action).ExitCode, Is.Not.EqualTo((int)ExitCode.Unimplemented), action);
    }

    [Test]
    public void The_defaults_that_it_tells_are_valid_and_mean_what_nothing_means()
    {
        foreach (var parameter in XDocument.Parse(Metadata()).Descendants("parameter"))
        {
            var (name, value) = ((string)parameter.Attribute("name")!, (string)parameter.Element("content")!.Attribute("default")!);
            Assert.That(_box.Act("validate-all", ($"OCF_RESKEY_{name}", value)).ExitCode, Is.Zero, name);
            Assert.That(Parameters.Parse(n => n == name ? value : null, out _), Is.EqualTo(Parameters.Defaults), name);
        }
    }

    [Test]
    public void It_is_the_same_for_nobody_and_without_HOME_tools_parameters_input_or_libraries()
    {
        var usual = Metadata();
        Assert.That(_box.Run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", _box.Agent, "meta-data"]).Output, Is.EqualTo(usual), "as nobody");
        Assert.That(_box.Run(["env", "-i", _box.Agent, "meta-data"]).Output, Is.EqualTo(usual), "with no environment");
        Assert.That(_box.Run(["sh", "-c", "exec \"$0\" meta-data <&-", _box.Agent]).Output, Is.EqualTo(usual), "with no standard input");
        Assert.That(_box.Run(["sh", "-c", "exec \"$0\" meta-data 2>&-", _box.Agent]).Output, Is.EqualTo(usual), "with no standard error");
        Assert.That(_box.Run(["env", "-i", "OCF_RESKEY_patch=bad", "HOME=/nowhere", "LC_ALL=tr_TR.UTF-8", "PATH=/nowhere", _box.Agent, "meta-data"]).Output, Is.EqualTo(usual), "in bad company");
        _box.Mounts = "mkdir $box/empty; mount --bind /dev/null $box/libexec/libMonoPosixHelper.so; for d in /var/lib /run /usr/sbin /usr/bin; do mount --bind $box/empty $d; done";
        Assert.That(_box.Act("meta-data").Output, Is.EqualTo(usual), "with nothing installed");
    }

    // Where nobody can read the answer there is no good one, but a core dump is the worst.
    [TestCase(">/dev/full")]
    [TestCase(">&-")]
    [TestCase("| true")]
    public void Output_that_cannot_be_written_is_no_crash(string redirection)
    {
        var answer = _box.Run(["sh", "-c", $"\"$0\" meta-data {redirection}", _box.Agent]);
        Assert.That(answer.ExitCode, Is.LessThan(128), answer.ToString());
        Assert.That(answer.Errors, Does.Not.Contain("   at "), "no stack trace");
    }


    private string Metadata()
    {
        var answer = _box.Act("meta-data");
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")));
        return answer.Output;
    }

    private Answer Lint(string option, string schema)
    {
        Assert.That(File.Exists(schema), $"{schema} is not installed on this machine: make deps");
        using var folder = new TempFolder();
        var file = folder.At("metadata.xml");
        File.WriteAllText(file, Metadata());
        // The document names its DTD by a relative path, so that is where it lies.
        File.Copy($"{Schemas}/ra-api-1.dtd", folder.At("ra-api-1.dtd"));
        return Shell.Run("xmllint", ["--noout", "--nonet", option, schema, file]);
    }
}
