using NUnit.Framework;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Tests.Kernel;

public sealed class KernelSupportTests
{
    private const string Table =
        """
        # kernels
        supported-kernels 1
        el9   5.14.0-70.13.1  x86_64,ppc64le  kpatch-5_14_0-70_13_1-1-5  RHEL 9, from 9.0 on
        el10  6.12.0-211.16.1 x86_64          -                          RHEL 10  # and later
        """;

    [TestCase("5.14.0-70.13.1.el9_0.x86_64", SupportState.Supported)]
    [TestCase("5.14.0-70.13.1.el9_0.ppc64le", SupportState.Supported)]
    [TestCase("5.14.0-362.8.1.el9_3.x86_64", SupportState.Supported)]
    [TestCase("5.14.0-503.el9.x86_64", SupportState.Supported)]
    [TestCase("6.12.0-300.el10_3.x86_64", SupportState.Supported)]
    [TestCase("5.14.0-70.5.1.el9_0.x86_64", SupportState.Unsupported)]
    [TestCase("5.14.0-70.el9.x86_64", SupportState.Unsupported)]
    [TestCase("5.14.0-362.8.1.el9_3.aarch64", SupportState.Unsupported)]
    [TestCase("5.14.0-362.8.1.el9_3.x86_64+rt", SupportState.Unsupported)]
    [TestCase("6.12.0-55.9.1.el10_0.x86_64", SupportState.Unsupported)]
    [TestCase("6.1.0-50-amd64", SupportState.Unknown)]
    [TestCase("5.14.21-150500.55.7-default", SupportState.Unknown)]
    [TestCase("4.18.0-305.30.1.el8_4.x86_64", SupportState.Unknown)]
    [TestCase("5.14.0-70.13.1.el90.x86_64", SupportState.Unknown)]
    [TestCase("linux", SupportState.Unknown)]
    [TestCase("", SupportState.Unknown)]
    public void a_kernel_is_supported_unsupported_or_unknown(string release, SupportState state)
    {
        var support = Read(Table).Of(release);

        Assert.That(support.State, Is.EqualTo(state));
        Assert.That(support.Why, Is.Not.Empty);
    }

    [Test]
    public void what_supports_it_is_said()
    {
        Assert.That(Read(Table).Of("5.14.0-362.8.1.el9_3.x86_64"), Is.EqualTo(new KernelSupport(SupportState.Supported, "RHEL 9, from 9.0 on") { FirstPatch = "kpatch_5_14_0_70_13_1_1_5" }));
        Assert.That(Read(Table).Of("6.12.0-300.el10_3.x86_64"), Is.EqualTo(new KernelSupport(SupportState.Supported, "RHEL 10")));
    }

    [TestCase("", "it is empty; its first line must be: supported-kernels 1")]
    [TestCase("supported-kernels 2\nel9 …\n", "line 1: its form is not known to this version; its first line must be: supported-kernels 1")]
    [TestCase("supported-kernels 1\nel9 5.14.0-70 x86_64 -\n", "line 2: write a distribution's word")]
    [TestCase("supported-kernels 1\nel9 5.14.0-70.el9 x86_64 - RHEL\n", "line 2: \"5.14.0-70.el9\" is no kernel's version; write for example 5.14.0-70.13.1")]
    [TestCase("supported-kernels 1\nel9 newest x86_64 - RHEL\n", "line 2: \"newest\" is no kernel's version")]
    [TestCase("supported-kernels 1\nel9 1 x86_64 - RHEL\nel9 2 x86_64 - RHEL\n", "line 3: \"el9\" is written twice")]
    public void a_table_of_another_form_is_refused_whole(string text, string why)
    {
        Assert.That(SupportTable.Parse(text, out var error), Is.Null);
        Assert.That(error, Does.StartWith(why));
    }

    [TestCase("5.14.0-362.8.1.el9_3.x86_64", ".el9_3.x86_64", "elx", "x86_64")]
    [TestCase("6.1.0-50-amd64", "-amd64", "amd", "-amd64")]
    [TestCase("6.8", "", "", "")]
    [TestCase("6.8-rc1", "-rc1", "rc", "-rc1")]
    [TestCase("6.8-", "-", "", "-")]
    public void a_release_is_taken_apart(string text, string rest, string kind, string architecture)
    {
        var release = KernelRelease.Parse(text)!;

        Assert.That((release.Rest, release.Kind, release.Architecture), Is.EqualTo((rest, kind, architecture)));
    }

    [TestCase("x")]
    [TestCase("-1")]
    [TestCase("1234567890.1")]
    public void what_is_no_release_is_none(string text) => Assert.That(KernelRelease.Parse(text), Is.Null);

    [TestCase("5.14.0-362.8.1", "5.14.0-362.8", true)]
    [TestCase("5.14.0-362.10", "5.14.0-362.9", true)]
    [TestCase("6.1", "5.14", true)]
    [TestCase("5.14.0-362.8", "5.14.0-362.8.1", false)]
    [TestCase("5.14.0-362.8.el9", "5.14.0-362.8.el8", false)]
    [TestCase("5.9", "5.14", false)]
    public void numbers_are_compared_as_numbers(string left, string right, bool newer) =>
        Assert.That(KernelRelease.Parse(left)!.IsNewerThan(KernelRelease.Parse(right)!), Is.EqualTo(newer));

    private static SupportTable Read(string text)
    {
        var table = SupportTable.Parse(text, out var error);
        Assert.That(error, Is.Null);
        return table!;
    }
}
