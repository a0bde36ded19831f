using NUnit.Framework;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Tests.Cluster;

public sealed class DrainMarksTests
{
    [TestCase(null, null, false, false, true, true, TestName = "no mark")]
    [TestCase("y", null, true, false, false, true, TestName = "our standby")]
    [TestCase("on", null, false, false, false, true, TestName = "somebody else's standby")]
    [TestCase(null, "red", false, true, true, false, TestName = "our health attribute")]
    [TestCase(null, "green", false, true, true, false, TestName = "our health attribute, whatever it says")]
    [TestCase("on", "red", false, true, false, false, TestName = "our health attribute beside somebody else's standby")]
    public void tells_which_of_ours_is_there(string? standby, string? health, bool ourStandby, bool ourHealth, bool noStandby, bool noHealth)
    {
        var marks = new DrainMarks(new Standby(standby, null), health);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((marks.HasOurs(DrainMode.Standby), marks.HasOurs(DrainMode.Health), marks.HasOurs(DrainMode.None)), Is.EqualTo((ourStandby, ourHealth, false)));
            Assert.That((marks.IsVacant(DrainMode.Standby), marks.IsVacant(DrainMode.Health)), Is.EqualTo((noStandby, noHealth)));
            Assert.That(marks.IsOurs, Is.EqualTo(ourStandby || ourHealth));
            Assert.That(marks.IsAdministrators, Is.EqualTo(standby == "on"));
        }
    }

    [Test]
    public void each_mode_has_its_own_mark_and_none_has_none()
    {
        Assert.That(DrainMarks.Of(DrainMode.Standby), Is.EqualTo(new[] { DrainMode.Standby }));
        Assert.That(DrainMarks.Of(DrainMode.Health), Is.EqualTo(new[] { DrainMode.Health }));
        Assert.That(DrainMarks.Of(DrainMode.None), Is.Empty);
        Assert.That(DrainMarks.Kinds.Select(DrainMarks.AttributeOf), Is.EqualTo(new[] { "standby", "#health-pcmk-kpatch" }));
        Assert.That(DrainMarks.Kinds.Select(DrainMarks.ValueOf), Is.EqualTo(new[] { "y", "red" }));
    }
}
