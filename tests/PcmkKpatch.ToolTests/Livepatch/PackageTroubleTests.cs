using System.Diagnostics;
using System.Globalization;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Livepatch;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Livepatch;

/// <summary>patch=package where dnf does not answer: locked, without its repository, on a full disk, too late; and for how long an answer is good.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class PackageTroubleTests
{
    private static string Nine => Rpms.Patch(9);
    private static string Ten => Rpms.Patch(10);

    [Test]
    public void A_lock_of_somebody_else_is_named_and_not_waited_for() => PackageNode.Run([], [Ten], node =>
    {
        var module = ((PatchChoice.Found)node.Packages.Newest(Rpms.Kernel)).Module;
        using var other = Process.Start(new ProcessStartInfo("sleep", "1000"))!;
        try
        {
            foreach (var (file, words) in (ReadOnlySpan<(string, string)>)[("/var/cache/dnf/metadata_lock.pid", "dnf install"), ("/var/lib/dnf/rpmdb_lock.pid", "dnf install")])
            {
                File.WriteAllText(file, other.Id.ToString(CultureInfo.InvariantCulture));
                Assert.That(node.Packages.Install(module.Package!), Does.Contain($"{words}: exit code 200: locked by sleep (process {other.Id})"));
                Assert.That(PackageNode.Has(Ten), Is.False);
                File.Delete(file);
            }
        }
        finally
        {
            other.Kill();
            other.WaitForExit();
        }

        Assert.That(node.Packages.Install(module.Package!), Is.Null);
    });

    [Test]
    public void A_lock_at_the_look_is_a_look_that_failed_and_soon_is_tried_again() => PackageNode.Run([], [Ten], node =>
    {
        Directory.CreateDirectory("/var/cache/dnf");
        using var other = Process.Start(new ProcessStartInfo("sleep", "1000"))!;
        File.WriteAllText("/var/cache/dnf/metadata_lock.pid", other.Id.ToString(CultureInfo.InvariantCulture));
        try
        {
            Assert.That(node.Packages.Newest(Rpms.Kernel), Is.TypeOf<PatchChoice.None>());
            Assert.That(Packages.Problem(Rpms.Kernel), Does.Contain("locked by sleep"));
        }
        finally
        {
            other.Kill();
            other.WaitForExit();
        }

        Assert.That(node.Packages.Newest(Rpms.Kernel), Is.TypeOf<PatchChoice.None>());
        node.Uptime += TimeSpan.FromSeconds(61);
        Assert.That(node.Packages.Newest(Rpms.Kernel), Is.TypeOf<PatchChoice.Found>());
        Assert.That(Packages.Problem(Rpms.Kernel), Is.Null);
    });

    [Test]
    public void What_was_fetched_stays_good_when_the_repository_has_gone() => PackageNode.Run([], [Ten], node =>
    {
        var choice = node.Packages.Newest(Rpms.Kernel);
        node.LoseRepository();
        node.Uptime += TimeSpan.FromMinutes(11);
        Assert.That(node.Packages.Newest(Rpms.Kernel), Is.EqualTo(choice));
        Assert.That(Packages.Problem(Rpms.Kernel), Does.Contain("patches"));
        Assert.That(node.Packages.Install(Rpms.NameOf(Ten)), Is.Null);
    });

    [TestCase("skip_if_unavailable=False")]
    [TestCase("skip_if_unavailable=True")]
    public void A_repository_that_never_answered_is_not_taken_for_an_empty_one(string setting) => PackageNode.Run([Nine], [Ten], node =>
    {
        node.Configure(setting);
        node.LoseRepository();
        // What is installed is there all the same.
        Assert.That(((PatchChoice.Found)node.Packages.Newest(Rpms.Kernel)).Module.Path, Is.EqualTo(Rpms.PathOf(9)));
        Assert.That(Packages.Problem(Rpms.Kernel), Does.Contain("patches"));
    });

    [Test]
    public void A_full_disk_leaves_nothing_half_fetched() => PackageNode.Run([], [Ten], node =>
    {
        Assert.That(Shell.Script("mount --no-mtab -t tmpfs -o size=256k small /var/cache && head -c 300000 /dev/zero >/var/cache/ballast").ExitCode, Is.Not.Zero);
        Assert.That(node.Packages.Newest(Rpms.Kernel), Is.TypeOf<PatchChoice.None>());
        Assert.That(Packages.Problem(Rpms.Kernel), Is.Not.Null);
        File.Delete("/var/cache/ballast");
        node.Uptime += TimeSpan.FromMinutes(2);
        Assert.That(node.Packages.Newest(Rpms.Kernel), Is.TypeOf<PatchChoice.Found>());
    });

    [Test]
    public void An_answer_is_good_for_ten_minutes_and_then_dnf_is_asked_again() => PackageNode.Run([], [Nine], node =>
    {
        var nine = node.Packages.Newest(Rpms.Kernel);
        node.Offer(Nine, Ten);
        node.Uptime += TimeSpan.FromMinutes(9);
        Assert.That(node.Packages.Newest(Rpms.Kernel), Is.EqualTo(nine));
        node.Uptime += TimeSpan.FromMinutes(2);
        Assert.That(((PatchChoice.Found)node.Packages.Newest(Rpms.Kernel)).Module.Path, Is.EqualTo(Rpms.PathOf(10)));
        Assert.That(PackageNode.Fetched(), Is.EqualTo((string[])[Path.GetFileName(Ten)]));
    });

    [Test]
    public void The_same_package_is_not_fetched_twice() => PackageNode.Run([], [Ten], node =>
    {
        var choice = node.Packages.Newest(Rpms.Kernel);
        var fetched = File.GetLastWriteTimeUtc($"/var/cache/pcmk-kpatch/{Path.GetFileName(Ten)}");
        PackageNode.Tool("rpm2cpio", "exit 1");
        node.Uptime += TimeSpan.FromMinutes(11);
        Assert.That(node.Packages.Newest(Rpms.Kernel), Is.EqualTo(choice));
        Assert.That(File.GetLastWriteTimeUtc($"/var/cache/pcmk-kpatch/{Path.GetFileName(Ten)}"), Is.EqualTo(fetched));
        Assert.That(Packages.Problem(Rpms.Kernel), Is.Null);
    });

    [Test]
    public void The_agent_asks_nobody_and_wants_a_look_where_the_last_is_an_hour_old() => PackageNode.Run([Nine], [Nine, Ten], node =>
    {
        Assert.That(((PatchChoice.Found)Packages.Known(Rpms.Kernel)).Module.Path, Is.EqualTo(Rpms.PathOf(9)));
        Assert.That(node.Packages.IsLookDue(Rpms.Kernel), Is.True);
        var choice = node.Packages.Newest(Rpms.Kernel);
        PackageNode.Tool("dnf", "touch /var/dnf-was-called");
        PackageNode.Tool("rpm", "touch /var/dnf-was-called");
        Assert.That(Packages.Known(Rpms.Kernel), Is.EqualTo(choice));
        node.Uptime += TimeSpan.FromMinutes(59);
        Assert.That(node.Packages.IsLookDue(Rpms.Kernel), Is.False);
        node.Uptime += TimeSpan.FromMinutes(2);
        Assert.That(node.Packages.IsLookDue(Rpms.Kernel), Is.True);
        Assert.That(Packages.Known(Rpms.Kernel), Is.EqualTo(choice));
        Assert.That(node.Packages.IsLookDue("another kernel"), Is.True);
        Assert.That(File.Exists("/var/dnf-was-called"), Is.False);
    });

    [TestCase("")]
    [TestCase("{")]
    [TestCase("null")]
    [TestCase("{\"kernel\": 5}")]
    public void A_record_that_cannot_be_read_is_made_anew(string content) => PackageNode.Run([], [Ten], node =>
    {
        File.WriteAllText("/run/pcmk-kpatch/package", content);
        Assert.That(node.Packages.IsLookDue(Rpms.Kernel), Is.True);
        Assert.That(node.Packages.Newest(Rpms.Kernel), Is.TypeOf<PatchChoice.Found>());
        Assert.That(node.Packages.IsLookDue(Rpms.Kernel), Is.False);
    });
}
