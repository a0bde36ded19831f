using NUnit.Framework;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Kernel;

public sealed class FixedCvesTests
{
    private const string Patch = "kpatch_5_14_0_362_8_1_1_3";

    // The form in which kpatch-patch packages have it, the newest entry first.
    private const string Changelog =
        """
        * Thu Jan 11 2024 A Person <a@b.c> [1-3.el9_3]
        - kernel: netfilter: use after free [2253986] {CVE-2023-6817}
        - kernel: smb: two at once {CVE-2023-6606 CVE-2023-6610}

        * Fri Dec 01 2023 A Person <a@b.c> [1-2.el9_3]
        - kernel: again {CVE-2023-6817}
        - kernel: nvmet {CVE-2023-5178}

        * Wed Nov 08 2023 A Person <a@b.c> [0-0.el9_3]
        - An empty patch to subscribe to kpatch stream for kernel-5.14.0-362.8.1.el9_3 [2248475]
        """;

    [Test]
    public void those_of_versions_newer_than_the_one_before_are_told()
    {
        var fixedNow = FixedCves.Of(Changelog, Patch, ["kpatch_5_14_0_362_8_1_1_2"]);
        Assert.That(fixedNow.Ids, Is.EqualTo((string[])["CVE-2023-6817", "CVE-2023-6606", "CVE-2023-6610"]));
        Assert.That(fixedNow.After, Is.EqualTo("1-2"));
    }

    [TestCase]
    [TestCase("kpatch_5_14_0_284_30_1_1_2", TestName = "of another kernel")]
    [TestCase("kpatch_5_14_0_362_8_1_1_1", TestName = "not in the changelog")]
    [TestCase("livepatch_of_somebody")]
    [TestCase("_")]
    [TestCase("kpatch_5_14_0_362_8_1_1_")]
    public void where_the_one_before_tells_nothing_all_are_told(params string[] before)
    {
        var fixedNow = FixedCves.Of(Changelog, Patch, before);
        Assert.That(fixedNow.Ids, Is.EqualTo((string[])["CVE-2023-6817", "CVE-2023-6606", "CVE-2023-6610", "CVE-2023-5178"]));
        Assert.That(fixedNow.After, Is.Null);
    }

    [Test]
    public void a_release_is_no_other_one_that_begins_with_its_number() =>
        Assert.That(FixedCves.Of("* d a <b> 1-21.el9\n- CVE-2024-0001\n* d a <b> 1-2.el9\n- CVE-2023-0001", "k_1_22", ["k_1_2"]).Ids, Is.EqualTo((string[])["CVE-2024-0001"]));

    [TestCase("")]
    [TestCase("* ")]
    [TestCase("CVE-")]
    [TestCase("CVE-2024")]
    [TestCase("CVE-2024-")]
    [TestCase("CVE-2024-123")]
    [TestCase("CVE-24-12345")]
    [TestCase("CVE-2024-12345678901234567890")]
    [TestCase("cve-2024-12345")]
    public void what_is_none_is_none(string changelog) => Assert.That(FixedCves.Of(changelog, Patch, ["kpatch_5_14_0_362_8_1_1_2"]).Ids, Is.Empty);

    [Test]
    public void a_changelog_without_end_is_read_to_a_bound() =>
        Assert.That(FixedCves.Of(string.Join('\n', Enumerable.Range(10000, 5000).Select(i => $"- CVE-2024-{i}")), Patch, []).Ids, Has.Count.LessThan(500));
}
