using NUnit.Framework;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Schedule;

public sealed class HoldTests
{
    private static readonly DateTimeOffset s_until = new(2026, 1, 31, 23, 15, 7, TimeSpan.FromHours(1));

    private static readonly string[] s_hostile =
    [
        "node1", "node-1.lan", "n n", "n'\"<&>]]>", "a=b why=c", "%41", "100%", "%", "100%25", "ünïcode-☃", "😀", "\t\r\n\0", "hold", "../..", "$(reboot)", "`", "a;b|c", "",
    ];

    [TestCaseSource(nameof(s_hostile))]
    public void what_is_written_is_read_again_whatever_was_typed(string typed)
    {
        var hold = Hold.Of(typed, s_until, typed, typed);
        var read = Hold.Parse(hold.Text);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(read, Is.EqualTo(hold));
            Assert.That(read.IsUnreadable, Is.False);
            Assert.That(read.Node, Is.EqualTo(typed.Length > 0 ? typed : null));
            Assert.That(read.By, Is.EqualTo(typed.Length > 0 ? typed : null));
            Assert.That(read.Reason, Is.EqualTo(typed));
            Assert.That(read.Until, Is.EqualTo(s_until));
            Assert.That(read.ToString(), Does.Match("^[A-Za-z0-9 =%._:-]+$"), "it needs no quoting anywhere");
        }
    }

    [Test]
    public void its_text_is_what_it_always_was()
    {
        Assert.That(Hold.Of("n1", s_until, "firmware update", "anna").Text, Is.EqualTo("hold node=n1 until=2026-01-31T22:15:07Z by=anna why=firmware%20update"), "holds outlive releases");
        Assert.That(Hold.Of(null, null, "", null).Text, Is.EqualTo("hold node= until= by= why="));
    }

    [Test]
    public void what_is_long_is_cut_so_that_the_value_stays_small()
    {
        var hold = Hold.Of("n", null, new string('x', 159) + "😀😀", new string('y', 5000));

        Assert.That(hold.IsUnreadable, Is.False);
        Assert.That(hold.Reason, Does.StartWith(new string('x', 159)).And.Length.EqualTo(161));
        Assert.That(hold.By, Is.EqualTo(new string('y', 60) + "…"));
        Assert.That(Hold.Of("n", s_until, new string('☃', 999), new string('☃', 999)).IsUnreadable, Is.False);
    }

    [TestCase("")]
    [TestCase("free")]
    [TestCase("Hold node=a until= by= why=")]
    [TestCase("hold")]
    [TestCase("hold node=a until= by=")]
    [TestCase("hold  node=a until= by= why=")]
    [TestCase("hold node=a until= by= why= more=1")]
    [TestCase("hold until= node=a by= why=")]
    [TestCase("hold nodes=a until= by= why=")]
    [TestCase("hold node=a until=tomorrow by= why=")]
    [TestCase("hold node=a until=2026-02-30T00:00:00Z by= why=")]
    [TestCase("hold node=a until=2026-01-31 by= why=")]
    [TestCase("hold node=a until=2026-01-31T22:15:07+01:00 by= why=")]
    [TestCase("hold node=a until= by= why=<script>")]
    [TestCase("hold node=ä until= by= why=")]
    [TestCase("hold node=a until= by= why=x\n")]
    [TestCase("holds node=a until= by= why=")]
    public void what_is_not_understood_holds_every_node_for_ever(string text)
    {
        var hold = Hold.Parse(text);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(hold.IsUnreadable, Is.True);
            Assert.That(hold.Text, Is.EqualTo(text), "it can be compared with");
            Assert.That(hold.Concerns("b"), Is.True);
            Assert.That(hold.InForce(DateTimeOffset.MaxValue), Is.True);
        }
    }

    [Test]
    public void what_is_too_long_is_not_understood() => Assert.That(Hold.Parse("hold node=a until= by= why=" + new string('x', 4000)).IsUnreadable, Is.True);

    [TestCase("hold node=%ZZ until= by=%4 why=%")]
    [TestCase("hold node=%FF%FE until= by= why=")]
    public void a_text_with_broken_escapes_is_no_exception(string text) => Assert.That(() => Hold.Parse(text), Throws.Nothing);

    [Test]
    public void it_is_in_force_until_it_is_over()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Hold.Of("a", s_until, "", null).InForce(s_until.AddTicks(-1)), Is.True);
            Assert.That(Hold.Of("a", s_until, "", null).InForce(s_until), Is.False);
            Assert.That(Hold.Of("a", null, "", null).InForce(DateTimeOffset.MaxValue), Is.True);
        }
    }

    [Test]
    public void it_concerns_its_node_or_all()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Hold.Of("a", null, "", null).Concerns("a"), Is.True);
            Assert.That(Hold.Of("a", null, "", null).Concerns("b"), Is.False);
            Assert.That(Hold.Of(null, null, "", null).Concerns("b"), Is.True);
        }
    }

    [Test]
    public void they_are_the_same_where_their_texts_are() =>
        Assert.That(Hold.Of("a", null, "x", null).GetHashCode(), Is.EqualTo(Hold.Of("a", null, "x", "").GetHashCode()));
}
