using NUnit.Framework;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Kernel;

public sealed class PatchOrderTests
{
    [TestCase("kpatch-5_14_0-362_8_1-1-10", "kpatch-5_14_0-362_8_1-1-9", 1, TestName = "10 comes after 9")]
    [TestCase("kpatch-5_14_0-362_8_1-1-9", "kpatch-5_14_0-362_8_1-1-10", -1, TestName = "9 comes before 10")]
    [TestCase("kpatch-5_14_0-362_8_1-2-1", "kpatch-5_14_0-362_8_1-1-10", 1, TestName = "the version counts before the release")]
    [TestCase("kpatch_5_14_0_362_8_1_1_9", "kpatch-5_14_0-362_8_1-1-9", 0, TestName = "the kernel makes _ of -")]
    [TestCase("kpatch-1-09", "kpatch-1-9", 0, TestName = "leading zeros do not count")]
    [TestCase("kpatch-1-1-1", "kpatch-1-1", 1, TestName = "more numbers come after fewer")]
    [TestCase("kpatch-1-99999999999999999999999", "kpatch-1-100000000000000000000000", -1, TestName = "numbers of any length")]
    [TestCase("livepatch-20260101", "livepatch-20251231", 1, TestName = "dates")]
    [TestCase("a", "a", 0, TestName = "the same name")]
    [TestCase("", "", 0, TestName = "no name")]
    public void patches_of_one_family_have_an_order(string left, string right, int order)
    {
        Assert.That(Math.Sign(PatchOrder.Compare(left, right)!.Value), Is.EqualTo(order));
        Assert.That(Math.Sign(PatchOrder.Compare(right, left)!.Value), Is.EqualTo(-order));
    }

    [TestCase("kpatch-1-1", "livepatch-1-2")]
    [TestCase("kpatch-1-1", "kpatch-1-a")]
    [TestCase("kpatch-2-fix", "kpatch-1-test")]
    [TestCase("test_a", "test_b")]
    public void patches_of_different_families_have_none(string left, string right)
    {
        Assert.That(PatchOrder.Compare(left, right), Is.Null);
        Assert.That(PatchOrder.Compare(right, left), Is.Null);
    }

    [Test]
    public void the_newest_of_a_family_is_chosen_wherever_it_stands()
    {
        PatchModule[] modules = [Of("kpatch-1-9"), Of("kpatch-1-10"), Of("kpatch-1-2")];

        Assert.That(PatchOrder.Newest(modules, "/x"), Is.EqualTo(new PatchChoice.Found(modules[1])));
        Assert.That(PatchOrder.Newest([.. modules.Reverse()], "/x"), Is.EqualTo(new PatchChoice.Found(modules[1])));
    }

    [Test]
    public void the_first_of_two_with_the_same_name_is_chosen()
    {
        var first = Of("kpatch-1-1") with { Path = "/usr/lib/kpatch/kpatch-1-1.ko" };

        Assert.That(PatchOrder.Newest([first, Of("kpatch-1-1")], "/x"), Is.EqualTo(new PatchChoice.Found(first)));
    }

    [Test]
    public void where_there_is_none_nothing_is_wrong() =>
        Assert.That(PatchOrder.Newest([], "/x"), Is.EqualTo(new PatchChoice.None("/x")));

    [Test]
    public void between_unrelated_patches_a_person_must_choose()
    {
        var choice = PatchOrder.Newest([Of("kpatch-1-1"), Of("hotfix")], "/x");

        Assert.That((choice as PatchChoice.Unusable)?.Why.Id, Is.EqualTo("patch.ambiguous"));
    }

    private static PatchModule Of(string file) => Views.Module with { Path = $"/x/{file}.ko", Name = file.Replace('-', '_') };
}
