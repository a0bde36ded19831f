using NUnit.Framework;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Kernel;

public sealed class TaintTests
{
    [TestCase(4, "machine check (M)")]
    [TestCase(5, "bad page (B)")]
    [TestCase(7, "oops (D)")]
    [TestCase(9, "kernel warning (W)")]
    [TestCase(14, "lockup (L)")]
    public void new_trouble_is_named(int bit, string words) => Assert.That(Taint.NewTrouble(0, 1UL << bit), Is.EqualTo(new[] { words }));

    [Test]
    public void trouble_of_before_is_not_new() => Assert.That(Taint.NewTrouble(ulong.MaxValue, ulong.MaxValue), Is.Empty);

    [Test]
    public void what_a_live_patch_brings_itself_is_no_trouble() =>
        Assert.That(Taint.NewTrouble(0, 1UL << 12 | 1UL << 13 | 1UL << 15), Is.Empty, "out of tree, unsigned, live patched");

    [Test]
    public void every_bit_at_once_names_the_five_in_their_order() =>
        Assert.That(string.Concat(Taint.NewTrouble(0, ulong.MaxValue).Select(t => t[^2])), Is.EqualTo("MBDWL"));

    [Test]
    public void only_what_is_new_is_named() => Assert.That(Taint.NewTrouble(1UL << 9, 1UL << 9 | 1UL << 7), Is.EqualTo(new[] { "oops (D)" }));
}
