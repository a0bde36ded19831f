using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>The wish for a rehearsal with the real cibadmin: laid where none is, taken away as it was read, and the token left alone.</summary>
internal sealed class RehearsalTests
{
    private static readonly DateTimeOffset s_night = new(2026, 1, 31, 22, 15, 0, TimeSpan.Zero);
    private static readonly RehearsalWish s_wish = Wish("3f2a");
    private readonly CibToken _tokens = new();
    private CibFile _cib = null!;

    [SetUp]
    public void Begin()
    {
        _cib = new CibFile();
        _tokens.Create();
    }

    [TearDown]
    public void End() => _cib.Dispose();

    [Test]
    public void Where_none_is_wished_the_query_says_so() => Assert.That(CibRehearsals.See(), Is.Null);

    [Test]
    public void A_wish_is_laid_beside_the_token_and_the_CIB_stays_valid()
    {
        Assert.That(CibRehearsals.Lay(s_wish), Is.True);
        Assert.That((CibRehearsals.See(), _tokens.Read()), Is.EqualTo((s_wish, Token.Free)));
        Assert.That(_tokens.Swap(Token.Free, Token.HeldToRehearse("n1", "run", "boot", s_night)), Is.True);
        Assert.That((CibRehearsals.See(), _tokens.Read()!.IsRehearsal), Is.EqualTo((s_wish, true)));
        AssertValid();
    }

    [Test]
    public void A_second_wish_is_not_laid()
    {
        CibRehearsals.Lay(s_wish);
        Assert.That(CibRehearsals.Lay(Wish("3f2b")), Is.False);
        Assert.That(CibRehearsals.See(), Is.EqualTo(s_wish));
    }

    [Test]
    public void A_wish_of_a_later_version_is_read_as_such_and_neither_overwritten_nor_taken_away()
    {
        CibAdmin.CreateRehearsal("rehearsal v2 of everything");
        var seen = CibRehearsals.See()!;
        Assert.That((seen.IsUnreadable, seen.Text), Is.EqualTo((true, "rehearsal v2 of everything")));
        Assert.That(CibRehearsals.Lay(s_wish), Is.False);
        Assert.That(() => CibRehearsals.TakeAway(seen), Throws.TypeOf<ToolFailedException>().With.Message.Contains("not written by this version"));
        Assert.That(CibRehearsals.See(), Is.EqualTo(seen));
    }

    [Test]
    public void It_is_taken_away_alone_and_only_as_it_was_read()
    {
        CibRehearsals.Lay(s_wish);
        var before = _cib.Xml.Descendants("nvpair").Count();
        CibRehearsals.TakeAway(Wish("3f2b"));
        Assert.That(CibRehearsals.See(), Is.EqualTo(s_wish), "another one has taken its place meanwhile");
        CibRehearsals.TakeAway(s_wish);
        Assert.That(CibRehearsals.See(), Is.Null);
        Assert.That(_cib.Xml.Descendants("nvpair").Count(), Is.EqualTo(before - 1));
        CibRehearsals.TakeAway(s_wish);
        Assert.That(CibRehearsals.Lay(Wish("3f2b")), Is.True, "a new one may come");
        AssertValid();
    }

    [TestCase("plain-node.example:1_x")]
    [TestCase("' or '1'='1")]
    [TestCase("x'] | //nvpair['")]
    [TestCase("<nvpair/> & &amp; ]]>")]
    [TestCase("Müller, 東京 🐧")]
    public void Every_name_survives_the_way_through_the_CIB(string hostile)
    {
        var wish = RehearsalWish.Of(hostile, [hostile, "n2"], hostile, s_night);
        Assert.That(CibRehearsals.Lay(wish), Is.True);
        var read = CibRehearsals.See()!;
        Assert.That((read.Id, read.By, string.Join('|', read.Nodes)), Is.EqualTo((hostile, hostile, $"{hostile}|n2")));
        CibRehearsals.TakeAway(wish);
        Assert.That(CibRehearsals.See(), Is.Null);
    }

    [Test]
    public void Without_the_property_set_it_is_not_laid_anywhere()
    {
        using var empty = new CibFile("empty");
        Assert.That(CibRehearsals.Lay(s_wish), Is.False);
        Assert.That(CibRehearsals.See(), Is.Null);
    }

    [Test]
    public void A_token_that_somebody_deleted_is_created_again_beside_a_wish()
    {
        CibRehearsals.Lay(s_wish);
        Shell.Run("cibadmin", ["--delete", "--xml-text", "<nvpair id=\"pcmk-kpatch-token\"/>"]);
        _tokens.Create();
        Assert.That((_tokens.Read(), CibRehearsals.See()), Is.EqualTo((Token.Free, s_wish)));
        AssertValid();
    }

    [Test]
    public void Where_no_cluster_runs_every_call_fails_and_says_what_was_tried()
    {
        Environment.SetEnvironmentVariable("CIB_file", null);
        foreach (var call in (Action[])[() => CibRehearsals.See(), () => CibRehearsals.Lay(s_wish), () => CibRehearsals.TakeAway(s_wish)])
        {
            var failure = Assert.Throws<ToolFailedException>(call)!;
            Assert.That((failure.ExitCode, failure.Command[..11]), Is.EqualTo((102, "cibadmin --")));
        }
    }

    private static RehearsalWish Wish(string id) => RehearsalWish.Of(id, ["n1", "n2"], "anna", s_night);

    private void AssertValid()
    {
        var verdict = _cib.Verify();
        Assert.That((verdict.ExitCode, verdict.Output + verdict.Errors), Is.EqualTo((0, "")), verdict.ToString());
    }
}
