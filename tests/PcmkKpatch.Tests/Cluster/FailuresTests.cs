using NUnit.Framework;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Tests.Cluster;

public sealed class FailuresTests
{
    [Test]
    public void they_are_counted_by_node_and_build()
    {
        var failures = Failures.None.With("b", "01").With("a", "01").With("b", "01").With("c", "02");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(failures.Of("01"), Is.EqualTo(3));
            Assert.That(failures.Of("02"), Is.EqualTo(1));
            Assert.That(failures.Of("b", "01"), Is.EqualTo(2));
            Assert.That(failures.Of("b", "02"), Is.Zero);
            Assert.That(failures.List, Is.EqualTo((Failure[])[new("a", "01", 1), new("b", "01", 2), new("c", "02", 1)]));
        }
    }

    [Test]
    public void another_build_on_a_node_begins_anew_there() =>
        Assert.That(Failures.None.With("a", "01").With("a", "01").With("b", "01").With("a", "02").List, Is.EqualTo((Failure[])[new("a", "02", 1), new("b", "01", 1)]));

    [Test]
    public void two_are_the_same_where_they_say_the_same()
    {
        var (one, other) = (Failures.None.With("a", "01").With("b", "01"), Failures.None.With("b", "01").With("a", "01"));

        Assert.That(one, Is.EqualTo(other));
        Assert.That(one.GetHashCode(), Is.EqualTo(other.GetHashCode()));
        Assert.That(one, Is.Not.EqualTo(Failures.None));
    }
}
