using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Livepatch;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Livepatch;

/// <summary>What is loaded at boot, on folders of the test's own, with the real systemctl.</summary>
public sealed class BootFolderTests
{
    private const string Release = "5.14.0-1";
    private const string Folder = "/var/lib/kpatch/" + Release;
    private readonly BootFolder _boot = new();

    [Test]
    public void a_patch_is_staged_and_then_there_byte_for_byte_for_all_to_read() => OnANode(module =>
    {
        Assert.That(_boot.See(module), Has.Property("Holds").False.And.Property("Staged").False);
        Assert.That(_boot.Stage(module), Is.Null);
        Assert.That(_boot.See(module), Has.Property("Holds").False.And.Property("Staged").True.And.Property("Modules").Empty, "nothing would load it yet");

        _boot.Commit(module);

        var file = $"{Folder}/kpatch-1-1.ko";
        Assert.That(_boot.See(module), Has.Property("Holds").True.And.Property("Staged").False);
        Assert.That(File.ReadAllBytes(file), Is.EqualTo(File.ReadAllBytes(module.Path)));
        Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead));
        Assert.That(Directory.GetFiles(Folder), Is.EqualTo(new[] { file }));
    });

    [Test]
    public void a_file_of_the_same_name_and_other_content_does_not_hold_it() => OnANode(module =>
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText($"{Folder}/kpatch-1-1.ko", "half a mod");

        Assert.That(_boot.See(module).Holds, Is.False);
        _boot.Stage(module);
        _boot.Commit(module);
        Assert.That(_boot.See(module).Holds, Is.True);
    });

    [Test]
    public void a_patch_that_was_taken_away_meanwhile_is_said_and_nothing_fails() => OnANode(module =>
    {
        File.Delete(module.Path);

        Assert.That(_boot.See(module), Has.Property("Holds").False.And.Property("Staged").False);
        Assert.That(_boot.Stage(module), Does.Contain(module.Path));
    });

    [Test]
    public void an_older_patch_is_seen_and_can_be_taken_away() => OnANode(module =>
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText($"{Folder}/kpatch-1-0.ko", "old");

        Assert.That(_boot.See(module).Modules, Is.EqualTo(new[] { $"{Folder}/kpatch-1-0.ko" }));
        _boot.Remove($"{Folder}/kpatch-1-0.ko");
        Assert.That(_boot.See(module).Modules, Is.Empty);
    });

    [Test]
    public void a_full_disk_is_said_and_nothing_half_is_left() => OnANode(module =>
    {
        Directory.CreateDirectory("/var/lib/kpatch");
        Assert.That(Shell.Script("mount --no-mtab -t tmpfs -o size=8k full /var/lib/kpatch && mkdir " + Folder, []).ExitCode, Is.Zero);

        Assert.That(_boot.Stage(module), Does.Contain("No space left on device"));

        Assert.That(Directory.GetFiles(Folder), Is.Empty);
        Assert.That(_boot.See(module), Has.Property("Staged").False.And.Property("Holds").False);
    });

    [Test]
    public void a_copy_that_cannot_be_given_its_name_is_said_and_stays_staged() => OnANode(module =>
    {
        Assert.That(_boot.Stage(module), Is.Null);
        Directory.CreateDirectory($"{Folder}/kpatch-1-1.ko/in-the-way");

        Assert.That(_boot.Commit(module), Does.Contain($"{Folder}/kpatch-1-1.ko"));

        Assert.That(_boot.See(module), Has.Property("Staged").True.And.Property("Holds").False);
    });

    [Test]
    public void a_service_that_cannot_be_enabled_is_said() => OnANode(module =>
    {
        File.WriteAllText("/etc/systemd/system/kpatch.service", "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n");
        const string wants = "/etc/systemd/system/multi-user.target.wants";
        if (Directory.Exists(wants))
            Directory.Delete(wants, recursive: true);
        File.WriteAllText(wants, "a file in the way");

        Assert.That(_boot.Enable(), Does.Contain("systemctl enable kpatch.service"));

        Assert.That(_boot.See(module).ServiceEnabled, Is.False);
    });

    [Test]
    public void a_service_that_is_not_there_is_told_from_one_that_is_not_enabled_and_it_is_enabled_for_good() => OnANode(module =>
    {
        Assert.That(_boot.See(module), Has.Property("ServiceInstalled").False.And.Property("ServiceEnabled").False);
        File.WriteAllText("/etc/systemd/system/kpatch.service", "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n");
        Assert.That(_boot.See(module), Has.Property("ServiceInstalled").True.And.Property("ServiceEnabled").False);

        _boot.Enable();

        Assert.That(_boot.See(module), Has.Property("ServiceInstalled").True.And.Property("ServiceEnabled").True);
        Assert.That(File.Exists("/etc/systemd/system/multi-user.target.wants/kpatch.service"), Is.True);
    });

    [Test]
    public void a_service_that_an_administrator_masked_counts_as_none() => OnANode(module =>
    {
        File.CreateSymbolicLink("/etc/systemd/system/kpatch.service", "/dev/null");

        Assert.That(_boot.See(module).ServiceInstalled, Is.False);
    });

    private static void OnANode(Action<PatchModule> test)
    {
        using var folder = new TempFolder();
        MountNamespace.Run(folder.Path, ["/var/lib", "/etc/systemd"], () =>
        {
            var path = "/var/lib/kpatch-1-1.ko";
            var content = new byte[100_000];
            new Random(1).NextBytes(content);
            File.WriteAllBytes(path, content);
            test(new PatchModule(path, "kpatch_1_1", "abcd", Release, true));
        });
    }
}
