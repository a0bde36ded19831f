using PcmkKpatch.Report;

namespace PcmkKpatch.ToolTests.Report;

/// <summary>Where moments and labels are in a picture.</summary>
internal sealed class TimeScaleTests
{
    private static readonly DateTime s_begin = new(2026, 11, 27, 22, 0, 0, DateTimeKind.Utc);

    private static (DateTime, DateTime) Spell(double from, double to) => (s_begin.AddSeconds(from), s_begin.AddSeconds(to));

    [Test]
    public void What_happened_is_as_long_as_it_was()
    {
        var scale = new TimeScale([Spell(0, 60), Spell(60, 80), Spell(90, 100)]);
        Assert.That(scale.Gaps, Is.Empty);
        Assert.That((scale.At(s_begin), scale.At(s_begin.AddSeconds(50)), scale.At(s_begin.AddSeconds(100))), Is.EqualTo((TimeScale.Left, 50.0, TimeScale.Right)));
    }

    [Test]
    public void A_long_time_in_which_nothing_did_is_not()
    {
        var scale = new TimeScale([Spell(0, 60), Spell(30000, 30040)]);
        var gap = scale.Gaps.Single();
        Assert.That((gap.From, gap.To), Is.EqualTo((s_begin.AddSeconds(60), s_begin.AddSeconds(30000))));
        Assert.That(gap.Right - gap.Left, Is.InRange(4, 10));
        Assert.That((scale.At(gap.From) - TimeScale.Left) / (TimeScale.Right - scale.At(gap.To)), Is.EqualTo(1.5).Within(0.01), "60 s and 40 s");
    }

    [Test]
    public void Many_gaps_leave_room_for_what_happened()
    {
        var scale = new TimeScale(Enumerable.Range(0, 30).Select(i => Spell(i * 100000, (i * 100000) + 10)));
        Assert.That(scale.Gaps.Sum(gap => gap.Right - gap.Left), Is.LessThan((TimeScale.Right - TimeScale.Left) / 2));
    }

    [Test]
    public void Whatever_the_clocks_say_everything_is_in_order_and_inside()
    {
        var scale = new TimeScale([Spell(0, 0), Spell(-4e9, -4e9), Spell(4e9, 4e9 - 100), Spell(10, 5), Spell(3, 40)]);
        var places = ((double[])[-5e9, -4e9, 0, 3, 5, 10, 40, 4e9, 5e9]).Select(at => scale.At(s_begin.AddSeconds(at))).ToList();
        Assert.That(places, Is.Ordered);
        Assert.That(places, Has.All.InRange(TimeScale.Left, TimeScale.Right));
    }

    [Test]
    public void A_label_has_its_place_or_none()
    {
        var row = new LabelRow(200);
        Assert.That(((double[])[0, 10, 35, 60, 100, 90]).Select(at => row.TryPlace("22:15", at)), Is.EqualTo((bool[])[true, false, true, true, true, false]));
        Assert.That(row.Placed.Select(label => label.Anchor), Is.EqualTo((string[])["start", "middle", "middle", "end"]));
        Assert.That(row.TryPlace(new string('x', 100), 50), Is.False);
    }

    [TestCase("node1", 5, "node1")]
    [TestCase("node10", 5, "node…")]
    [TestCase("<b>&", 4, "&lt;b&gt;&amp;")]
    [TestCase("東京都", 6, "東京都")]
    [TestCase("東京都庁", 6, "東京…")]
    [TestCase("a\u202eb\n", 9, "a?b?")]
    [TestCase("", 5, "")]
    [TestCase("e\u0301\u0301\u0301\u0301\u0301\u0301x", 5, "e\u0301\u0301\u0301\u0301x", TestName = "a tower of marks is cut")]
    public void A_name_is_cut_to_its_room(string name, int letters, string shown) => Assert.That(Html.Short(name, letters), Is.EqualTo(shown));
}
