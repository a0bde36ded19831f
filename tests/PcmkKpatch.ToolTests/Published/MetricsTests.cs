using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>"metrics" of the published binary, with the real crm_mon and cibadmin on a CIB in a file, judged by Prometheus' own promtool.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MetricsTests : IDisposable
{
    private readonly Sandbox _box = new();
    private readonly TempFolder _folder = new();
    private readonly CibFile _cib = new();

    [SetUp]
    public void Begin() => _box.ThreeNodes();

    public void Dispose()
    {
        _cib.Dispose();
        _box.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void A_cluster_is_told_as_promtool_wants_it()
    {
        _cib.Add("configuration/crm_config", """<cluster_property_set id="pcmk-kpatch"><nvpair id="pcmk-kpatch-token" name="pcmk-kpatch-token" value="halted node=n2 run=r1 boot=b since=2026-01-31T22:15:00Z why=three%20%22tasks%22%0A%5C"/><nvpair id="pcmk-kpatch-kpatch-hold" name="kpatch-hold" value="hold node= until= by=anna why=audit"/></cluster_property_set>""");
        var text = Told();

        Assert.That(text, Does.Contain("pcmk_kpatch_cluster_up 1\n").And.Contain("pcmk_kpatch_token_state{state=\"halted\"} 1\n").And.Contain("pcmk_kpatch_holds 1\n"));
        Assert.That(text, Does.Contain("pcmk_kpatch_token_info{state=\"halted\",node=\"n2\",run=\"r1\",reason=\"three \\\"tasks\\\"?\\\\\"} 1\n"));
        foreach (var node in (string[])["n1", "n2", "n3"])
            Assert.That(text, Does.Contain($"pcmk_kpatch_node_online{{node=\"{node}\"}}"));
        Assert.That(_box.Left(), Is.Empty, "it changes nothing");
    }

    [Test]
    public void A_cluster_that_is_down_is_told_too()
    {
        _box.Tool("crm_mon", "echo 'crm_mon: Connection to cluster failed: Connection refused' >&2; exit 102");
        var text = Told();

        Assert.That(text, Does.Contain("pcmk_kpatch_cluster_up 0\n").And.Contain("pcmk_kpatch_kernel_info{release=").And.Not.Contain("pcmk_kpatch_token"));
    }

    [Test]
    public void What_a_node_has_kept_is_told()
    {
        _box.Lay(_box.State("quarantine/abcd.json"), """{"boot":"b","patch":"kpatch_1_1","build_id":"abcd"}""");
        _box.Lay(_box.Runtime("attention"), "look at \"it\"");
        var text = Told();

        Assert.That(text, Does.Contain("pcmk_kpatch_quarantined_patches 1\n").And.Contain("pcmk_kpatch_attention 1\n").And.Contain("pcmk_kpatch_attention_info{reason=\"n1 needs a person: look at \\\"it\\\"\"} 1\n"));
    }

    [Test]
    public void A_quarantine_that_cannot_be_read_is_unknown_and_the_rest_is_told()
    {
        _box.Lay(_box.State("quarantine/abcd.json"), "{");

        Assert.That(Told(), Does.Contain("pcmk_kpatch_unknown{what=\"quarantine\"} 1\n").And.Contain("pcmk_kpatch_cluster_up 1\n").And.Not.Contain("quarantined_patches"));
    }

    [Test]
    public void A_file_is_replaced_whole_for_everybody_to_read_whatever_was_there()
    {
        var (file, other) = (_folder.At("pcmk-kpatch.prom"), _folder.At("other"));
        File.WriteAllText(other, "untouched");
        File.CreateSymbolicLink(file, other);
        var answer = Ask("sh", "-c", "umask 077; exec \"$@\"", "sh", _box.Program, "metrics", "--textfile", file);

        Assert.That((answer.ExitCode, answer.Output, answer.Errors), Is.EqualTo((0, "", "")), answer.ToString());
        Assert.That(File.ReadAllText(other), Is.EqualTo("untouched"), "nothing is written through a link");
        Assert.That(new FileInfo(file).LinkTarget, Is.Null);
        Assert.That(File.GetUnixFileMode(file), Is.EqualTo((UnixFileMode)0b110_100_100));
        Assert.That(File.ReadAllText(file), Does.StartWith("# HELP pcmk_kpatch_").And.EndWith("\n"));
        Assert.That(Directory.GetFileSystemEntries(_folder.Path), Is.EquivalentTo((string[])[file, other]), "nothing is left beside it");
    }

    [TestCase("nowhere/x.prom", "its folder is not there")]
    [TestCase("", "is a folder")]
    public void A_file_that_cannot_be_written_is_said_and_nothing_is_left(string name, string why)
    {
        var answer = Ask(_box.Program, "metrics", "--textfile", _folder.At(name));

        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Errors, Does.StartWith("pcmk-kpatch: ").And.Contain(why));
        Assert.That(Directory.GetFileSystemEntries(_folder.Path), Is.Empty);
    }

    private string Told()
    {
        var answer = Ask(_box.Program, "metrics");
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        var file = _folder.At("metrics");
        File.WriteAllText(file, answer.Output);
        var judged = Shell.Script("promtool check metrics <\"$1\"", file);
        Assert.That((judged.ExitCode, judged.Output, judged.Errors), Is.EqualTo((0, "", "")), judged.ToString());
        return answer.Output;
    }

    private Answer Ask(params string[] command) => _box.Run(command, ("CIB_file", _cib.Path), ("PATH", "/usr/bin:/bin"));
}
