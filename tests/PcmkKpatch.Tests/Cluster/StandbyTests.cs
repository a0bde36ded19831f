using NUnit.Framework;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Tests.Cluster;

public sealed class StandbyTests
{
    [TestCase(null, null, false, false, TestName = "nothing is set")]
    [TestCase("y", null, true, false, TestName = "ours")]
    [TestCase("y", "on", true, true, TestName = "ours, and the administrator's beneath it")]
    [TestCase("y", "off", true, false, TestName = "ours over a permanent off")]
    [TestCase("on", null, false, true, TestName = "a person's transient one")]
    [TestCase("TRUE", null, false, true, TestName = "a person's transient one in capitals")]
    [TestCase("1", null, false, true, TestName = "a person's transient one as a number")]
    [TestCase("Y", null, false, true, TestName = "a capital Y is not ours")]
    [TestCase("off", "on", false, false, TestName = "a transient off hides a permanent on")]
    [TestCase("", "on", false, false, TestName = "an empty transient value is no standby")]
    [TestCase(null, "on", false, true, TestName = "pcs node standby")]
    [TestCase(null, "yes", false, true, TestName = "a permanent yes")]
    [TestCase(null, "false", false, false, TestName = "a permanent false")]
    [TestCase(null, "bogus", false, false, TestName = "a permanent value that means nothing")]
    public void tells_ours_from_the_administrators(string? transient, string? permanent, bool ours, bool administrators)
    {
        var standby = new Standby(transient, permanent);

        Assert.That((standby.IsOurs, standby.IsAdministrators), Is.EqualTo((ours, administrators)));
    }
}
