using NUnit.Framework;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Tests.Cluster;

public sealed class LossTimesTests
{
    [TestCase("", "", 60, TestName = "what is not set is 60 s and no delay")]
    [TestCase("120s", "", 120)]
    [TestCase("2min", "5s", 125)]
    [TestCase("60|90s|30", "", 90, TestName = "the longest of the cluster's and the devices' own")]
    [TestCase("60s", "5s|15s", 75, TestName = "a random delay counts no less than the fixed one below it")]
    [TestCase("60s", "n1:5s;n2:10s", 70, TestName = "delays for each node")]
    public void one_try_to_fence_takes_no_longer(string timeouts, string delays, int seconds)
    {
        Assert.That(LossTimes.Fence(Texts(timeouts), Texts(delays)).IsKnown(out var time, out var unknown), Is.True, unknown);
        Assert.That(time, Is.EqualTo(TimeSpan.FromSeconds(seconds)));
    }

    [TestCase("soon", "")]
    [TestCase("60s|soon", "5s")]
    [TestCase("60s", "soon")]
    [TestCase("60s", "n1:5s;n2:soon")]
    public void what_is_not_understood_is_not_known(string timeouts, string delays) =>
        Assert.That(LossTimes.Fence(Texts(timeouts), Texts(delays)).Unknown, Is.EqualTo("soon is not understood as a time"));

    private static string[] Texts(string texts) => texts.Split('|', StringSplitOptions.RemoveEmptyEntries);
}
