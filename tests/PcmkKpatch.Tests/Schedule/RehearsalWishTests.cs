using NUnit.Framework;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Schedule;

public sealed class RehearsalWishTests
{
    private static readonly DateTimeOffset s_since = new(2026, 1, 31, 23, 15, 7, TimeSpan.FromHours(1));

    [Test]
    public void its_text_is_what_it_always_was() => Assert.That(
        RehearsalWish.Of("3f2a", ["n1", "n 2"], "anna (sudo)", s_since).Text,
        Is.EqualTo("rehearsal v1 id=3f2a nodes=n1,n%202 by=anna%20%28sudo%29 since=2026-01-31T22:15:07Z"), "a wish is read by every version in the cluster");

    [TestCase("n'\"<&>]]>")]
    [TestCase("a,b c=d")]
    [TestCase("ünïcode-☃")]
    public void what_is_written_is_read_again_whatever_it_was(string hostile)
    {
        var wish = RehearsalWish.Of(hostile, [hostile, "n1"], hostile, s_since);
        var read = RehearsalWish.Parse(wish.Text);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((read, read.IsUnreadable, read.Id, read.By, read.Since), Is.EqualTo((wish, false, hostile, hostile, "2026-01-31T22:15:07Z")));
            Assert.That(read.Nodes, Is.EqualTo((string[])[hostile, "n1"]));
            Assert.That(read.ToString(), Does.Match("^[A-Za-z0-9 =%,._:-]+$"), "it needs no quoting anywhere");
            Assert.That(read.GetHashCode(), Is.EqualTo(wish.GetHashCode()));
            Assert.That(read.Equals(null), Is.False);
        }
    }

    [Test]
    public void it_is_about_the_nodes_that_it_names()
    {
        var wish = RehearsalWish.Of("r", ["n1", "n2"], "", s_since);
        Assert.That((wish.Concerns("n1"), wish.Concerns("n3")), Is.EqualTo((true, false)));
    }

    [Test]
    public void it_is_good_for_two_weeks()
    {
        var wish = RehearsalWish.Of("r", ["n1"], "b", s_since);
        Assert.That((wish.IsStale(s_since.AddDays(14)), wish.IsStale(s_since.AddDays(14).AddSeconds(1)), wish.IsStale(s_since.AddYears(-1)), RehearsalWish.Parse("another").IsStale(s_since)), Is.EqualTo((false, true, false, false)));
    }

    [TestCase("")]
    [TestCase("rehearsal")]
    [TestCase("rehearsal v2 id=r nodes=n1 by=b since=2026-01-31T22:15:07Z")]
    [TestCase("rehearsal v1 id=r nodes=n1 by=b since=yesterday")]
    [TestCase("rehearsal v1 id= nodes=n1 by=b since=2026-01-31T22:15:07Z")]
    [TestCase("rehearsal v1 id=r nodes= by=b since=2026-01-31T22:15:07Z")]
    [TestCase("rehearsal v1 id=r nodes=n1 by=b since=2026-01-31T22:15:07Z then=halt")]
    [TestCase("rehearsal v1 id=r nodes=n1 since=2026-01-31T22:15:07Z by=b")]
    [TestCase("rehearsal v1 id=r nodes=n1 by=b since=it's")]
    [TestCase("hold v1 id=r nodes=n1 by=b since=2026-01-31T22:15:07Z")]
    public void another_text_is_not_understood_and_about_no_node(string text)
    {
        var wish = RehearsalWish.Parse(text);
        Assert.That((wish.IsUnreadable, wish.Text, wish.Concerns("n1")), Is.EqualTo((true, text, false)));
    }

    [Test]
    public void a_text_that_is_too_long_is_not_understood() => Assert.That(RehearsalWish.Of("r", Enumerable.Range(0, 4000).Select(i => $"n{i}"), "b", s_since).IsUnreadable, Is.True);
}
