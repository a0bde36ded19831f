using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Published;

/// <summary>
/// "quarantine" of the published binary, and the files behind it. As long as the folder is there, kpatch.service loads nothing at boot:
/// so what is cleared must be gone whole, and what cannot be read must never be taken for nothing.
/// </summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class QuarantineTests : IDisposable
{
    private readonly Sandbox _box = new();

    private string Folder => _box.State("quarantine");

    public void Dispose() => _box.Dispose();

    [TestCase("quarantine")]
    [TestCase("quarantine", "--clear")]
    public void Where_nothing_is_quarantined_it_says_so_and_changes_nothing(params string[] verb)
    {
        var answer = _box.Verb(verb);
        Assert.That((answer.ExitCode, answer.Output, answer.Errors), Is.EqualTo((0, "nothing is quarantined on this node\n", "")));
        Assert.That(_box.Left(), Is.Empty);
    }

    [Test]
    public void What_is_quarantined_is_listed_until_it_is_cleared()
    {
        Lay("abc1.json", "kpatch_1", "abc1");
        Lay("abc2.json", "kpatch_2", "abc2");
        for (var twice = 0; twice < 2; twice++)
            Assert.That(_box.Verb("quarantine").Output, Is.EqualTo("kpatch_1 (build abc1), in the boot b\nkpatch_2 (build abc2), in the boot b\n"));
        Assert.That(_box.Verb("quarantine", "--clear").Output, Does.Contain("kpatch_1").And.Contain("kpatch_2").And.Contain("may be loaded again"));
        Assert.That(Directory.Exists(Folder), Is.False);
        Assert.That(_box.Verb("quarantine").Output, Does.Contain("nothing is quarantined"));
    }

    [Test]
    public void A_file_under_another_name_is_cleared_too()
    {
        Lay("copied-by-hand.json", "kpatch_1", "abc1");
        Assert.That(_box.Verb("quarantine", "--clear").ExitCode, Is.Zero);
        Assert.That(Directory.Exists(Folder), Is.False);
    }

    [Test]
    public void What_a_crash_left_beside_is_cleared_too()
    {
        Lay("abc1.json", "kpatch_1", "abc1");
        File.WriteAllText(Path.Combine(Folder, "abc2.json.new"), "{\"bo");
        Assert.That(_box.Verb("quarantine", "--clear").ExitCode, Is.Zero);
        Assert.That(Directory.Exists(Folder), Is.False);
    }

    [Test]
    public void An_empty_folder_that_a_crash_left_is_cleared_too()
    {
        Directory.CreateDirectory(Folder);
        Assert.That(_box.Verb("quarantine", "--clear").ExitCode, Is.Zero);
        Assert.That(Directory.Exists(Folder), Is.False);
    }

    [TestCase("")]
    [TestCase("{")]
    [TestCase("{}")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{\"boot\":\"b\",\"patch\":\"p\"}")]
    [TestCase("{\"boot\":\"b\",\"patch\":\"p\",\"build_id\":null}")]
    [TestCase("{\"boot\":\"b\",\"patch\":\"p\",\"build_id\":\"abc1\",\"format\":2}")]
    [TestCase("{\"boot\":\"b\",\"patch\":\"p\",\"build_id\":\"abc1\",\"only_with\":\"5.14\"}")]
    [TestCase("\u0000\u0000\u0000\u0000")]
    public void A_file_that_cannot_be_read_is_named_and_never_taken_for_nothing(string content)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "abc1.json"), content);
        foreach (var verb in (string[][])[["quarantine"], ["quarantine", "--clear"]])
        {
            var answer = _box.Verb(verb);
            Assert.That(answer.ExitCode, Is.EqualTo(1), answer.ToString());
            Assert.That(answer.Errors, Does.StartWith("pcmk-kpatch: /var/lib/pcmk-kpatch/quarantine/abc1.json: cannot be read").And.Not.Contain("   at "));
        }

        Assert.That(File.ReadAllText(Path.Combine(Folder, "abc1.json")), Is.EqualTo(content));
    }

    [Test]
    public void A_read_only_disk_is_a_sentence_and_nothing_is_half_cleared()
    {
        Lay("abc1.json", "kpatch_1", "abc1");
        _box.Mounts = "mount -o remount,bind,ro /var/lib";
        var answer = _box.Verb("quarantine", "--clear");
        Assert.That(answer.ExitCode, Is.EqualTo(1), answer.ToString());
        Assert.That(answer.Errors, Does.Contain("Read-only file system"));
        Assert.That(answer.Output, Does.Not.Contain("may be loaded again"), "it must not say what it did not do");
        Assert.That(_box.Verb("quarantine").Output, Does.Contain("kpatch_1"));
    }

    private void Lay(string file, string patch, string build) => _box.Lay(Path.Combine(Folder, file), $$"""{"boot":"b","patch":"{{patch}}","build_id":"{{build}}"}""");
}
