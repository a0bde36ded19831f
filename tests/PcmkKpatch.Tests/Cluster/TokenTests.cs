using NUnit.Framework;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Tests.Cluster;

public sealed class TokenTests
{
    private static readonly DateTimeOffset s_since = new(2026, 1, 31, 23, 15, 7, TimeSpan.FromHours(1));

    private static readonly string[] s_hostile =
    [
        "node1", "node-1.lan", "n n", "n'\"<&>]]>", "a=b why=c", "%41", "100%", "%", "100%25", "ünïcode-☃", "😀", "\t\r\n\0", "free", "../..", "$(reboot)", "`", "a;b|c", "",
    ];

    [TestCaseSource(nameof(s_hostile))]
    public void what_is_written_is_read_again_whatever_the_names_are(string name)
    {
        var node = name.Length > 0 ? name : "n";
        foreach (var token in new[] { Token.Parked(node, "run-" + name, name, s_since, name), Token.Halted(node, "run-" + name, name, s_since, name) })
        {
            var read = Token.Parse(token.Text);

            using (Assert.EnterMultipleScope())
            {
                Assert.That(read, Is.EqualTo(token));
                Assert.That(read.State, Is.EqualTo(token.State));
                Assert.That(read.Node, Is.EqualTo(node));
                Assert.That(read.Run, Is.EqualTo("run-" + name));
                Assert.That(read.Boot, Is.EqualTo(name));
                Assert.That(read.Why, Is.EqualTo(name));
                Assert.That(read.Since, Is.EqualTo("2026-01-31T22:15:07Z"));
            }
        }
    }

    [TestCaseSource(nameof(s_hostile))]
    public void the_text_needs_no_quoting_anywhere(string name) =>
        Assert.That(Token.Halted("n" + name, "r", name, s_since, name).Text, Does.Match("^[A-Za-z0-9 =%._:-]+$"));

    [Test]
    public void its_text_is_what_it_always_was() => Assert.That(
        Token.Halted("n1", "r1", "b1", s_since, "load refused: 3%").Text,
        Is.EqualTo("halted node=n1 run=r1 boot=b1 since=2026-01-31T22:15:07Z why=load%20refused:%203%25"),
        "tokens outlive releases: a cluster in the midst of an upgrade has both");

    [TestCaseSource(nameof(s_hostile))]
    public void the_failures_so_far_go_with_it_through_every_state(string name)
    {
        var failures = Failures.None.With("n" + name, "b01d").With("n" + name, "b01d").With("z:1", "0a");
        foreach (var token in (Token[])[Token.FreeAfter(failures), Token.Held("n", "r", "b", s_since, failures), Token.HeldToRehearse("n", "r", "b", s_since, failures), Token.Parked("n", "r", "b", s_since, name, failures), Token.Halted("n", "r", "b", s_since, name, failures), Token.Released(Token.Held("n", "r", "b", s_since, failures), "anna", s_since)])
        {
            Assert.That(token.Text, Does.Match("^[A-Za-z0-9 =%._:-]+$"));
            Assert.That(Token.Parse(token.Text), Is.EqualTo(token));
            Assert.That(Token.Parse(token.Text).State, Is.EqualTo(token.State).And.Not.EqualTo(TokenState.Unreadable));
            Assert.That(Token.Parse(token.Text).Failures.List, Is.EqualTo(failures.List));
        }
    }

    [Test]
    public void without_a_failure_a_free_token_is_what_it_always_was_and_with_one_it_is_no_less_free()
    {
        Assert.That(Token.FreeAfter(Failures.None), Is.EqualTo(Token.Free));
        Assert.That(Token.FreeAfter(Failures.None.With("n3", "b01d")).Text, Is.EqualTo("free failed=1:b01d:n3"));
        Assert.That(Token.FreeAfter(Failures.None.With("n3", "b01d")).State, Is.EqualTo(TokenState.Free));
    }

    [TestCase("free failed=")]
    [TestCase("free failed=1")]
    [TestCase("free failed=1:b01d")]
    [TestCase("free failed=1:b01d:")]
    [TestCase("free failed=1::n3")]
    [TestCase("free failed=0:b01d:n3")]
    [TestCase("free failed=-1:b01d:n3")]
    [TestCase("free failed=10000:b01d:n3")]
    [TestCase("free failed=1:build:n3")]
    [TestCase("free failed=1:b01d:n3 failed=1:b01d:n3")]
    [TestCase("free  failed=1:b01d:n3")]
    [TestCase("free failed=1:b01d:n3 ")]
    [TestCase("free failed=1:b01d:n3 more=1")]
    [TestCase("free failed=1:b01d:n'3")]
    [TestCase("held node=a run=b boot=c since=d why= failed=many")]
    public void failures_that_are_not_understood_are_not_taken_for_none(string text) => Assert.That(Token.Parse(text).State, Is.EqualTo(TokenState.Unreadable));

    [Test]
    public void a_run_that_is_a_rehearsal_says_so_to_who_knows_and_is_a_holder_like_any_other_to_who_does_not()
    {
        var token = Token.HeldToRehearse("n1", "r1", "b1", s_since);
        Assert.That(token.Text, Is.EqualTo("held node=n1 run=r1 boot=b1 since=2026-01-31T22:15:07Z why=rehearsal"));
        Assert.That((Token.Parse(token.Text).IsRehearsal, token.State, token.IsHeldBy("n1", "r1")), Is.EqualTo((true, TokenState.Held, true)));
        Assert.That(Token.Held("n1", "r1", "b1", s_since).IsRehearsal, Is.False);
        Assert.That(Token.Halted("n1", "r1", "b1", s_since, "rehearsal").IsRehearsal, Is.False);
    }

    [Test]
    public void a_long_reason_is_cut_so_that_the_attribute_stays_small()
    {
        var token = Token.Halted("n", "r", "b", s_since, new string('x', 5000));

        Assert.That(token.Why, Is.EqualTo(new string('x', 160) + "…"));
    }

    [Test]
    public void a_reason_cut_in_the_middle_of_a_character_is_still_read()
    {
        var token = Token.Halted("n", "r", "b", s_since, new string('x', 159) + "😀😀");

        Assert.That(Token.Parse(token.Text).State, Is.EqualTo(TokenState.Halted));
    }

    [TestCase("")]
    [TestCase("Free")]
    [TestCase("free ")]
    [TestCase("held")]
    [TestCase("held node=a run=b boot=c since=d")]
    [TestCase("held node= run=b boot=c since=d why=")]
    [TestCase("held node=a run= boot=c since=d why=")]
    [TestCase("held  node=a run=b boot=c since=d why=")]
    [TestCase("held node=a run=b boot=c since=d why= more=1")]
    [TestCase("held run=b node=a boot=c since=d why=")]
    [TestCase("taken node=a run=b boot=c since=d why=")]
    [TestCase("held node=a run=b boot=c since=d because=x")]
    public void what_is_not_understood_is_unreadable_and_held_by_nobody(string text)
    {
        var token = Token.Parse(text);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(token.State, Is.EqualTo(TokenState.Unreadable));
            Assert.That(token.Text, Is.EqualTo(text), "it can be compared with, and is never changed");
            Assert.That(token.IsHeldOn("a"), Is.False);
            Assert.That(token.IsHeldBy("a", "b"), Is.False);
        }
    }

    [TestCase("held node=%ZZ run=% boot=%4 since= why=")]
    [TestCase("held node=%FF%FE run=b boot=c since=d why=")]
    public void a_text_with_broken_escapes_is_no_exception(string text) => Assert.That(() => Token.Parse(text), Throws.Nothing);

    [Test]
    public void who_holds_it_is_said_only_of_a_held_or_parked_token()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Token.Held("a", "r", "b", s_since).IsHeldBy("a", "r"), Is.True);
            Assert.That(Token.Parked("a", "r", "b", s_since, "").IsHeldBy("a", "r"), Is.True);
            Assert.That(Token.Halted("a", "r", "b", s_since, "").IsHeldBy("a", "r"), Is.False);
            Assert.That(Token.Held("a", "r", "b", s_since).IsHeldBy("a", "r2"), Is.False);
            Assert.That(Token.Held("a", "r", "b", s_since).IsHeldBy("b", "r"), Is.False);
            Assert.That(Token.Held("a", "r", "b", s_since).IsHeldOn("a"), Is.True);
            Assert.That(Token.Held("a", "r", "b", s_since).IsHeldOn("b"), Is.False);
            Assert.That(Token.Free.IsHeldOn(""), Is.False);
        }
    }

    [Test]
    public void a_released_token_is_halted_names_the_run_and_says_who_released_it()
    {
        var parked = Token.Parked("n1", "run-1", "boot", DateTimeOffset.UnixEpoch, "oops");

        var released = Token.Released(parked, "anna", DateTimeOffset.UnixEpoch);

        Assert.That((released.State, released.Node, released.Run, released.IsReleased), Is.EqualTo((TokenState.Halted, "n1", "run-1", true)));
        Assert.That(released.Why, Is.EqualTo("released by anna; n1 was parked: oops"));
        Assert.That(Token.Halted("n1", "run-1", "boot", DateTimeOffset.UnixEpoch, "refused").IsReleased, Is.False);
    }
}
