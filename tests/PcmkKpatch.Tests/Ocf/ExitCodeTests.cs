using NUnit.Framework;
using PcmkKpatch.Core.Ocf;

namespace PcmkKpatch.Tests.Ocf;

public sealed class ExitCodeTests
{
    [TestCase(ExitCode.Success, 0)]
    [TestCase(ExitCode.Generic, 1)]
    [TestCase(ExitCode.Unimplemented, 3)]
    [TestCase(ExitCode.Permission, 4)]
    [TestCase(ExitCode.NotInstalled, 5)]
    [TestCase(ExitCode.NotConfigured, 6)]
    [TestCase(ExitCode.NotRunning, 7)]
    [TestCase(ExitCode.Degraded, 190)]
    public void the_numbers_are_those_of_the_ocf_specification(ExitCode code, int number) => Assert.That((int)code, Is.EqualTo(number));

    [Test]
    public void there_are_no_others() => Assert.That(Enum.GetValues<ExitCode>(), Has.Length.EqualTo(8));
}
