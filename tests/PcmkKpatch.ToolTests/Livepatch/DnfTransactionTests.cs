using PcmkKpatch.Host;
using PcmkKpatch.Livepatch;

namespace PcmkKpatch.ToolTests.Livepatch;

/// <summary>What dnf says, read as text.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class DnfTransactionTests
{
    private const string Name = "kpatch-patch-5_14_0-362_8_1";

    private static string Table(string rows) =>
        "Updating Subscription Management repositories.\nLast metadata expiration check: 0:12:34 ago on Sun Jan  4 10:00:00 2026.\nDependencies resolved.\n"
        + "================================================================================\n Package    Architecture    Version    Repository    Size\n"
        + $"================================================================================\n{rows}\nTransaction Summary\n"
        + "================================================================================\nInstall  1 Package\n\nTotal download size: 1.0 M\nOperation aborted.\n";

    [TestCase($"Installing:\n {Name}   x86_64   1-3.el9_3   rhel-9-for-x86_64-baseos-rpms   1.0 M\n", true)]
    [TestCase($"Upgrading:\n {Name}   x86_64   1-3.el9_3   @commandline   1.0 M\n", true)]
    [TestCase($"Installing:\n {Name}\n                 x86_64   1-3.el9_3   rhel-9-for-x86_64-baseos-rpms   1.0 M\n", true)]
    [TestCase($"Downgrading:\n {Name}   x86_64   1-3.el9_3   baseos   1.0 M\n", false)]
    [TestCase($"Reinstalling:\n {Name}   x86_64   1-3.el9_3   baseos   1.0 M\n", false)]
    [TestCase($"Removing:\n {Name}   x86_64   1-3.el9_3   baseos   1.0 M\n", false)]
    [TestCase($"Installing:\n {Name}   x86_64   1-3.el9_3   baseos   1.0 M\n     replacing  old.x86_64 1-1\n", false)]
    [TestCase($"Installing:\n {Name}   x86_64   1-3.el9_3   baseos   1.0 M\nInstalling dependencies:\n kpatch   noarch   0.9.7-1.el9   baseos   22 k\n", false)]
    [TestCase($"Installing:\n {Name}   x86_64   1-3.el9_3   baseos   1.0 M\nRemoving dependent packages:\n a   x86_64   1-1   @baseos   1 k\n", false)]
    [TestCase($"Installing:\n {Name}   x86_64   1-3.el9_3   baseos   1.0 M\nEnabling module streams:\n nodejs    18\n", false)]
    [TestCase($"Installing:\n {Name}   x86_64   1-3.el9_3   baseos   1.0 M\nSkipping packages with conflicts:\n(add '--best --allowerasing' to command line to force their upgrade):\n b   x86_64   2-1   baseos   1 k\n", false)]
    [TestCase($"Installing:\n {Name}   x86_64   1-3.el9_3   baseos   1.0 M\n {Name}   aarch64   1-3.el9_3   baseos   1.0 M\n", false)]
    [TestCase("Installing:\n kpatch-patch-5_14_0-362_8_10   x86_64   1-3.el9_3   baseos   1.0 M\n", false)]
    [TestCase("", false)]
    public void Alone_is_the_one_package_installed_or_upgraded_and_nothing_else(string rows, bool alone) =>
        Assert.That(DnfTransaction.Parse(Table(rows)).IsAlone(Name), Is.EqualTo(alone));

    [TestCase("")]
    [TestCase("Dependencies resolved.\nNothing to do.\nComplete!\n")]
    [TestCase("================================================================================\n")]
    [TestCase($"Installing:\n {Name}   x86_64\n")]
    public void Without_a_table_nothing_is_alone(string output) => Assert.That(DnfTransaction.Parse(output).IsAlone(Name), Is.False);

    [Test]
    public void The_others_are_named_with_what_would_happen_to_them()
    {
        var transaction = DnfTransaction.Parse(Table($"Installing:\n {Name} x86_64 1-3 r 1 M\n     replacing  old.x86_64 1-1\nInstalling dependencies:\n a x86_64 1-3 r 1 M\n b x86_64 1-3 r 1 M\n"));
        Assert.That(transaction.Others(Name), Is.EqualTo("replacing old.x86_64; installing dependencies a, b"));
    }

    [TestCase("kpatch-patch-5_14_0-362_8_1-1-3.el9_3.x86_64", "kpatch-patch-5_14_0-362_8_1", "0", "1", "3.el9_3", "x86_64", false)]
    [TestCase("kpatch-patch-5_14_0-362_8_1-2:1-3.el9_3.x86_64", "kpatch-patch-5_14_0-362_8_1", "2", "1", "3.el9_3", "x86_64", false)]
    [TestCase("kpatch-patch-5_14_0-362_8_1-0-0.el9_3.x86_64", "kpatch-patch-5_14_0-362_8_1", "0", "0", "0.el9_3", "x86_64", true)]
    [TestCase("a-0-1.x86_64", "a", "0", "0", "1", "x86_64", false)]
    public void The_name_of_a_package_is_read_and_written(string text, string name, string epoch, string version, string release, string arch, bool empty)
    {
        var package = PackageId.Parse(text);
        Assert.That(package, Is.EqualTo(new PackageId(name, epoch, version, release, arch)));
        Assert.That((package.ToString(), package.IsEmpty), Is.EqualTo((text, empty)));
    }

    [TestCase("")]
    [TestCase("kpatch")]
    [TestCase("kpatch-1.x86_64")]
    [TestCase(".x86_64")]
    public void What_is_no_name_of_a_package_is_told(string text) => Assert.That(() => PackageId.Parse(text), Throws.TypeOf<FormatException>());

    [Test]
    public void Of_what_is_printed_only_packages_are_read() => Assert.That(
        PackageId.In("Please note, kpatch filter is enabled\npackage|a|(none)|1|2|noarch\n\npackage|a|0|1|2|noarch\npackage|b|1|1|2|x86_64\npackage|half\n"),
        Is.EqualTo((PackageId[])[new("a", "0", "1", "2", "noarch"), new("b", "1", "1", "2", "x86_64")]));

    [TestCase(1, "Unable to detect release version\nError: \n Problem: conflicting requests\n  - nothing provides x needed by y\n(try to add '--skip-broken')\n", "Problem: conflicting requests - nothing provides x needed by y")]
    [TestCase(1, "Error: Failed to download metadata for repo 'patches'\n", "Error: Failed to download metadata for repo 'patches'")]
    [TestCase(200, "metadata already locked by 42\n  The application with PID 42 is: dnf\n    Memory : 1.3 M RSS\n", "locked by dnf (process 42)")]
    [TestCase(200, "metadata already locked by 42\n", "locked by another program (process 42)")]
    [TestCase(1, "RPM: error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Resource temporarily unavailable)\nError: Could not run transaction.\n", "another program is changing the rpm database")]
    [TestCase(1, "", "it said nothing")]
    public void A_failure_is_one_line_of_what_counts(int exitCode, string errors, string reason) =>
        Assert.That(Dnf.Reason(new ToolAnswer(exitCode, "", errors)), Is.EqualTo(reason));

    [TestCase("Package kpatch-patch-5_14_0-362_8_1-1-3.el9_3.x86_64.rpm is not signed\nError: GPG check FAILED\n", true)]
    [TestCase("Public key for kpatch-patch-5_14_0-362_8_1-1-3.el9_3.x86_64.rpm is not installed\nError: GPG check FAILED\n", true)]
    [TestCase("However, you do not have any GPG public keys installed. You need to download\n", true)]
    [TestCase("Error: Failed to download metadata for repo 'patches': repomd.xml GPG signature verification error\n", false)]
    [TestCase("Error: Error downloading packages:\n", false)]
    public void A_package_without_trust_is_told_from_one_that_was_not_fetched(string errors, bool distrust) =>
        Assert.That(Dnf.IsDistrust(new ToolAnswer(1, "", errors)), Is.EqualTo(distrust));
}
