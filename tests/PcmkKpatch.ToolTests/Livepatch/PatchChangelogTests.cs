using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Livepatch;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Livepatch;

/// <summary>What a package says that it mends, asked of the real rpm.</summary>
internal sealed class PatchChangelogTests
{
    private static readonly string s_package = Rpms.Patch(3);

    private static RolledPatch Patch(string? package, params string[] from) => new("kpatch_5_14_0_362_8_1_1_3", "ab03", Rpms.Kernel, package, from, ["n1"]);

    private static string Ask(RolledPatch patch, string? file = null) => PatchChangelog.Ask(patch, file) is { } cves ? $"{string.Join(' ', cves.Ids)} after {cves.After ?? "none"}" : "nothing";

    [Test]
    public void An_installed_package_says_it_by_its_name_or_as_the_owner_of_the_file() => PackageNode.Run([s_package], [], _ =>
    {
        Assert.That(Ask(Patch(Rpms.NameOf(s_package))), Is.EqualTo("CVE-2023-6817 CVE-2023-5178 after none"));
        Assert.That(Ask(Patch(Rpms.NameOf(s_package), "kpatch_5_14_0_362_8_1_1_2")), Is.EqualTo("CVE-2023-6817 after 1-2"));
        Assert.That(Ask(Patch(null), Rpms.PathOf(3)), Is.EqualTo("CVE-2023-6817 CVE-2023-5178 after none"));
        Assert.That(Ask(Patch("gone-1-1.x86_64"), Rpms.PathOf(3)), Is.EqualTo("CVE-2023-6817 CVE-2023-5178 after none"));
    });

    [Test]
    public void Where_there_is_none_nothing_is_said() => PackageNode.Run([], [], _ =>
    {
        Assert.That(Ask(Patch(Rpms.NameOf(s_package)), Rpms.PathOf(3)), Is.EqualTo("nothing"));
        foreach (var strange in (string[])["-a", "--eval=%{lua:os.execute('touch /var/lib/evil')}", "a b", "kpatch*", "$(touch /var/lib/evil)"])
            Assert.That(Ask(Patch(strange)), Is.EqualTo("nothing"), strange);
        Assert.That(Ask(Patch(null), "relative.ko"), Is.EqualTo("nothing"));
        Assert.That(File.Exists("/var/lib/evil"), Is.False);
        PackageNode.Tool("rpm", "echo 'error: rpmdb open failed' >&2; exit 1");
        Assert.That(Ask(Patch(Rpms.NameOf(s_package)), Rpms.PathOf(3)), Is.EqualTo("nothing"));
        File.Delete("/usr/bin/rpm");
        Assert.That(Ask(Patch(Rpms.NameOf(s_package)), Rpms.PathOf(3)), Is.EqualTo("nothing"));
    });
}
