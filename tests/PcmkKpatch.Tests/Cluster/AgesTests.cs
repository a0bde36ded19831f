using NUnit.Framework;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Tests.Cluster;

public sealed class AgesTests
{
    private static readonly DateTimeOffset s_first = new(2026, 3, 1, 22, 0, 0, TimeSpan.Zero);

    [Test]
    public void what_stays_the_same_keeps_its_age_and_what_is_new_begins_one()
    {
        var ages = new Ages().Seen("5.14", "none", s_first).SeenVersion("pacemaker 2.1.5", s_first);
        Assert.That(ages.Seen("5.14", "none", s_first.AddDays(3)), Is.EqualTo(ages));
        Assert.That(ages.SeenVersion("pacemaker 2.1.5", s_first.AddDays(3)), Is.EqualTo(ages));

        var later = ages.Seen("5.14", "kpatch_1", s_first.AddDays(3)).SeenVersion("pacemaker 2.1.6", s_first.AddDays(4));
        Assert.That(later, Is.EqualTo(new Ages { Kernel = new("5.14", s_first), Patch = new("kpatch_1", s_first.AddDays(3)), Version = new("pacemaker 2.1.6", s_first.AddDays(4)) }));
        Assert.That(later.SeenVersion(null, s_first.AddDays(5)).Version, Is.Null);
    }

    [Test]
    public void an_age_that_lies_in_the_future_begins_anew() =>
        Assert.That(new Ages().Seen("5.14", "none", s_first.AddDays(3)).Seen("5.14", "none", s_first).Kernel, Is.EqualTo(new Aged("5.14", s_first)));

    [Test]
    public void what_is_published_is_read_again()
    {
        var text = new Ages().Seen("5.14", "none", s_first).Seen("5.14", "kpatch_1", s_first.AddDays(3)).SeenVersion("pacemaker 2.1.5", s_first.AddDays(4)).Text;
        Assert.That(text, Is.EqualTo("kernel=2026-03-01T22:00:00Z patch=2026-03-04T22:00:00Z version=2026-03-05T22:00:00Z"));
        Assert.That((Ages.OfKernel(text), Ages.OfPatch(text), Ages.OfVersion(text)), Is.EqualTo(((DateTimeOffset?)s_first, (DateTimeOffset?)s_first.AddDays(3), (DateTimeOffset?)s_first.AddDays(4))));
        Assert.That(new Ages().Seen("5.14", "none", s_first).Text, Does.Not.Contain("version"));
        Assert.That(new Ages().Text, Is.Empty);
    }

    [Test]
    public void what_is_kept_is_read_again_to_the_second()
    {
        var ages = new Ages().Seen("5.14", "kpatch_1 kpatch_2", s_first.AddMilliseconds(700)).SeenVersion("pacemaker 2.1.5 corosync 3.1.7", s_first.AddDays(4));
        Assert.That(ages.Lines, Is.EqualTo("kernel 2026-03-01T22:00:00Z 5.14\npatch 2026-03-01T22:00:00Z kpatch_1 kpatch_2\nversion 2026-03-05T22:00:00Z pacemaker 2.1.5 corosync 3.1.7\n"));
        Assert.That(Ages.FromLines(ages.Lines), Is.EqualTo(ages));
        Assert.That(Ages.FromLines(new Ages().Lines), Is.EqualTo(new Ages()));
    }

    [TestCase("")]
    [TestCase("kernel")]
    [TestCase("kernel 2026-03-01T22:00:00Z")]
    [TestCase("kernel yesterday 5.14")]
    [TestCase("\0\0\0")]
    [TestCase("{\"kernel\": 1}")]
    public void what_is_kept_and_not_understood_is_as_good_as_nothing(string text) => Assert.That(Ages.FromLines(text), Is.EqualTo(new Ages()));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("kernel")]
    [TestCase("kernel=")]
    [TestCase("kernel=now")]
    [TestCase("kernel=%ZZ")]
    [TestCase("xkernel=2026-03-01T22:00:00Z")]
    public void what_is_not_understood_is_not_known(string? text) => Assert.That(Ages.OfKernel(text), Is.Null);
}
