using NUnit.Framework;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Ocf;

namespace PcmkKpatch.Tests.Gates;

public sealed class TokenGatesTests
{
    private static readonly DateTimeOffset s_night = new(2026, 1, 31, 22, 15, 0, TimeSpan.Zero);
    private static readonly Moment s_now = new(s_night, TimeSpan.FromHours(1));

    [Test]
    public void a_free_token_is_no_hindrance_and_nor_is_one_that_is_not_there_yet()
    {
        Assert.That(TokenGates.Judge(Token.Free, Parameters.Defaults, s_now), Is.Empty);
        Assert.That(TokenGates.Judge(null, Parameters.Defaults, s_now), Is.Empty);
    }

    [Test]
    public void a_token_that_a_run_has_is_waited_for_and_one_that_it_has_too_long_is_looked_into()
    {
        Expect("token.held", Token.Held("b", "r", "boot", s_night.AddMinutes(-1)), "b has the token since 2026-01-31T22:14:00Z", "wait until its run has ended");
        Expect("token.held", Token.Held("b", "r", "boot", s_night - Parameters.Defaults.LongestRun - TimeSpan.FromMinutes(1)), "longer than a run takes", "pcmk-kpatch status on b");
    }

    [Test]
    public void a_rollout_that_rests_wants_a_person()
    {
        Expect("token.parked", Token.Parked("b", "r", "boot", s_night, "oops"), "b is parked since 2026-01-31T22:15:00Z: oops", "run pcmk-kpatch abort on b");
        Expect("token.halted", Token.Halted("b", "r", "boot", s_night, "oops"), "halted by b since 2026-01-31T22:15:00Z: oops", "pcmk-kpatch resume");
        Expect("token.unreadable", Token.Parse("held by a later version"), "does not know: held by a later version", "newest version");
    }

    private static void Expect(string id, Token token, string why, string remedy)
    {
        var refusal = TokenGates.Judge(token, Parameters.Defaults, s_now).Single();
        Assert.That((refusal.Id, refusal.NeedsPerson), Is.EqualTo((id, false)));
        Assert.That(refusal.Why, Does.Contain(why));
        Assert.That(refusal.Remedy, Does.Contain(remedy));
    }
}
