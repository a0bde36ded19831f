using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>"collect" of the published binary, with the real cibadmin and crm_mon on a CIB file and without any cluster. On a cluster it is in the node lab.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class CollectTests : IDisposable
{
    private const string Secret = "hunter2&<secret>";
    private readonly Sandbox _box = new();
    private readonly TempFolder _folder = new();

    public CollectTests() => _box.ThreeNodes();

    private string Archive => _folder.At("case.tar.gz");

    public void Dispose()
    {
        _box.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void It_is_one_archive_for_root_alone_with_what_is_there_and_says_what_is_missing()
    {
        _box.Lay(_box.State("history/run-0.json"), "{}");
        var journal = new JournalFile(_box.State(""));
        journal.Close(Runs.Full with { Why = "the last one" });
        journal.Write(Runs.InPhase(Phase.Drain));

        var answer = Collect(Cib());

        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
        Assert.That(answer.Output.Split('\n')[0], Is.EqualTo(Archive));
        Assert.That(File.GetUnixFileMode(Archive), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Part("run.json"), Does.Contain("\"phase\": \"Drain\""));
            Assert.That(Part("files/var/lib/pcmk-kpatch/last.json"), Does.Contain("the last one"));
            Assert.That(Part("files/var/lib/pcmk-kpatch/history/run-0.json"), Is.EqualTo("{}"));
            Assert.That(Part("cluster/cib.xml"), Does.Contain("<nvpair id=\"fence-ip\" name=\"ip\" value=\"10.0.0.1\""));
            Assert.That(Part("cluster/crm_mon.txt"), Does.Contain("n1"));
            Assert.That(Part("cluster/quorum.txt"), Does.Contain("Quorate"));
            Assert.That(Part("versions.txt"), Does.Contain($"pcmk-kpatch: {Sandbox.Version}").And.Contain("crm_mon: Pacemaker").And.Contain("kpatch: not installed").And.Contain("PRETTY_NAME"));
            Assert.That(Part("kernel/state.txt"), Does.Contain("tainted: "));
            Assert.That(Part("MANIFEST"), Does.Contain($"pcmk-kpatch {Sandbox.Version} collect on n1").And.Contain("cluster/cib.xml: there").And.Contain("Masked: the values")
                .And.Match("cluster/links.txt: missing: corosync-cfgtool: not installed on this node"));
        }
    }

    [Test]
    public void No_secret_of_the_cib_is_anywhere_in_it()
    {
        // Where a secret may turn up that was in the CIB once: what a run noted, what an administrator has written.
        _box.Lay(_box.State("last.json"), $"{{\"why\": \"the gate said {Secret}\"}}");
        _box.Lay(_box.Runtime("attention"), $"the health check said: --password {Secret}");
        _box.Tool("corosync-quorumtool", $"echo 'quorum of {Secret}'");
        var cib = Cib();
        Assert.That(File.ReadAllText(cib), Does.Contain("hunter2"));

        Collect(cib);

        Unpack();
        Assert.That(Shell.Run("grep", ["-r", "-a", "-l", "hunter2", _folder.At("unpacked")]).Output, Is.Empty);
        Assert.That(Part("cluster/cib.xml"), Does.Contain("<nvpair value=\"******\" name=\"passwd\" id=\"fence-passwd\"/>").And.Contain("name=\"pcmk-kpatch-token\" value=\"free\""));
        Assert.That(Part("files/var/lib/pcmk-kpatch/last.json"), Is.EqualTo("{\"why\": \"the gate said ******\"}"));
    }

    [Test]
    public void Without_a_cluster_and_with_tools_that_fail_the_rest_is_collected()
    {
        foreach (var tool in (string[])["cibadmin", "crm_mon", "crm_node", "stonith_admin", "corosync-quorumtool"])
            _box.Tool(tool, "echo 'no cluster here' >&2; exit 102");
        _box.Lay(_box.State("last.json"), "{}");

        var answer = Collect(_folder.At("none"));

        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        Assert.That(Part("MANIFEST"), Does.Contain("cluster/cib.xml: missing: cibadmin --query: exit code 102: no cluster here").And.Contain("The CIB could not be read").And.Contain("status.json: missing"));
        Assert.That(Part("files/var/lib/pcmk-kpatch/last.json"), Is.EqualTo("{}"));
    }

    [Test]
    public void A_cib_that_does_not_parse_is_left_out()
    {
        _box.Tool("cibadmin", "echo '<cib><nvpair name=\"passwd\" value=\"hunter2\"/>'");

        Collect(_folder.At("none"));

        Unpack();
        Assert.That(Shell.Run("grep", ["-r", "-a", "-l", "hunter2", _folder.At("unpacked")]).Output, Is.Empty);
        Assert.That(Part("MANIFEST"), Does.Contain("cluster/cib.xml: missing: cibadmin: its output does not parse"));
    }

    [Test]
    public void A_file_that_is_there_is_not_written_over()
    {
        File.WriteAllText(Archive, "mine");
        File.CreateSymbolicLink(_folder.At("link"), _folder.At("nowhere"));
        foreach (var file in (string[])[Archive, _folder.At("link")])
        {
            var answer = _box.Verb("collect", "--output", file);
            Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
            Assert.That(answer.Errors, Does.Match("^pcmk-kpatch: .* is there already, and is not written over: name another file, with --output\n$"));
        }

        Assert.That(File.ReadAllText(Archive), Is.EqualTo("mine"));
    }

    [Test]
    public void A_folder_that_others_could_change_is_refused()
    {
        Directory.CreateDirectory(_folder.At("open"));
        File.SetUnixFileMode(_folder.At("open"), (UnixFileMode)0b111_111_111);

        var answer = _box.Verb("collect", "--output", _folder.At("open/x.tar.gz"));

        Assert.That((answer.ExitCode, Directory.GetFiles(_folder.At("open"))), Is.EqualTo((1, Array.Empty<string>())), answer.ToString());
        Assert.That(answer.Errors, Does.Contain("can be changed by others than root").And.Contain("--output"));
    }

    [TestCase("/nowhere/x.tar.gz")]
    [TestCase("/")]
    public void A_folder_that_is_not_there_is_refused(string file)
    {
        var answer = _box.Verb("collect", "--output", file);

        Assert.That((answer.ExitCode, answer.Output), Is.EqualTo((1, "")), answer.ToString());
        Assert.That(answer.Errors, Does.Contain("there is no such folder"));
    }

    [Test]
    public void Without_a_name_it_is_named_after_node_and_time()
    {
        _box.Mounts = "mkdir /run/tmp; chmod 1777 /run/tmp; mount --bind /run/tmp /var/tmp";

        var answer = _box.Verb("collect");

        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        Assert.That(answer.Output, Does.Match("^/var/tmp/pcmk-kpatch-n1-[0-9]{8}T[0-9]{6}Z.tar.gz\n"));
    }

    private Answer Collect(string cib) => _box.Run([_box.Program, "collect", "--output", Archive], ("CIB_file", cib));

    private string Cib()
    {
        var cib = _folder.At("cib.xml");
        var text = File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Cibs", "three-nodes.xml"));
        var escaped = System.Security.SecurityElement.Escape(Secret);
        File.WriteAllText(cib, text.Replace("<resources>", $"""
            <resources><primitive id="fence" class="stonith" type="fence_x"><instance_attributes id="fence-i">
            <nvpair id="fence-ip" name="ip" value="10.0.0.1"/><nvpair value="{escaped}" name="passwd" id="fence-passwd"/></instance_attributes></primitive>
            """).Replace("<crm_config>", """<crm_config><cluster_property_set id="pcmk-kpatch"><nvpair id="pcmk-kpatch-token" name="pcmk-kpatch-token" value="free"/></cluster_property_set>"""));
        return cib;
    }

    private string Part(string name)
    {
        Unpack();
        return File.ReadAllText(_folder.At($"unpacked/case/{name}"));
    }

    // By the real tar, as a person does it.
    private void Unpack()
    {
        if (Directory.Exists(_folder.At("unpacked")))
            return;
        Directory.CreateDirectory(_folder.At("unpacked"));
        var answer = Shell.Run("tar", ["-xzf", Archive, "-C", _folder.At("unpacked")]);
        Assert.That((answer.ExitCode, answer.Errors), Is.EqualTo((0, "")), answer.ToString());
    }
}
