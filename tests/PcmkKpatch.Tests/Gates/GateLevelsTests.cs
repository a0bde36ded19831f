using NUnit.Framework;
using PcmkKpatch.Core.Gates;

namespace PcmkKpatch.Tests.Gates;

public sealed class GateLevelsTests
{
    // An administrator who has set one relies on its name.
    [Test]
    public void these_can_be_set_and_are_so_by_themselves() => Assert.That(GateLevels.Settable, Is.EqualTo(new Dictionary<string, GateLevel>
    {
        ["fencing.disabled"] = GateLevel.Refuse,
        ["fencing.no-device"] = GateLevel.Refuse,
        ["fencing.device-failed"] = GateLevel.Refuse,
        ["fencing.recent"] = GateLevel.Refuse,
        ["fencing.unknown"] = GateLevel.Refuse,
        ["survivable.quorum"] = GateLevel.Refuse,
        ["survivable.stranded"] = GateLevel.Refuse,
        ["survivable.unknown"] = GateLevel.Refuse,
        ["drain.blocked"] = GateLevel.Refuse,
        ["drain.orphaned"] = GateLevel.Refuse,
        ["drain.unmanaged"] = GateLevel.Refuse,
        ["drain.leftover-constraint"] = GateLevel.Warn,
        ["drain.failcount"] = GateLevel.Warn,
        ["dlm.drain"] = GateLevel.Refuse,
        ["fleet.kernel-drift"] = GateLevel.Warn,
        ["fleet.patch-drift"] = GateLevel.Warn,
        ["fleet.version-drift"] = GateLevel.Warn,
        ["fleet.oldest-alone"] = GateLevel.Warn,
        ["fleet.unknown"] = GateLevel.Warn,
        ["kernel.unsupported"] = GateLevel.Warn,
        ["kernel.support-unknown"] = GateLevel.Warn,
        ["kernel.kprobes"] = GateLevel.Refuse,
        ["kernel.kprobes-unknown"] = GateLevel.Warn,
    }));

    [Test]
    public void each_of_them_takes_each_level([Values] GateLevel level)
    {
        foreach (var id in GateLevels.Settable.Keys)
            Assert.That(Read($"{id}={level.ToString().ToLowerInvariant()}").Of(Refused(id)), Is.EqualTo(level), id);
    }

    [TestCase("")]
    [TestCase("  ")]
    public void where_nothing_is_set_each_is_as_by_itself(string text)
    {
        var levels = Read(text);

        Assert.That(levels, Is.EqualTo(GateLevels.Default));
        Assert.That(GateLevels.Settable.Keys.ToDictionary(id => id, id => levels.Of(Refused(id))), Is.EqualTo(GateLevels.Settable));
    }

    [Test]
    public void what_is_not_named_stays_as_it_is()
    {
        var levels = Read(" fencing.disabled = warn ,drain.failcount=refuse");

        string[] ids = ["fencing.disabled", "drain.failcount", "fencing.no-device", "drain.leftover-constraint"];
        Assert.That(ids.Select(id => levels.Of(Refused(id))), Is.EqualTo((GateLevel[])[GateLevel.Warn, GateLevel.Refuse, GateLevel.Refuse, GateLevel.Warn]));
    }

    [TestCase("cluster.quorum")]
    [TestCase("cluster.quorum-membership")]
    [TestCase("cluster.dc")]
    [TestCase("cluster.member-offline")]
    [TestCase("cluster.unclean")]
    [TestCase("cluster.pending")]
    [TestCase("cluster.maintenance")]
    [TestCase("fencing.pending")]
    [TestCase("drain.forecast-fence")]
    [TestCase("drain.forecast-unsettled")]
    [TestCase("drain.forecast-unknown")]
    [TestCase("drain.stranded")]
    [TestCase("drain.unknown")]
    [TestCase("drain.active")]
    [TestCase("drain.lockspace")]
    [TestCase("dlm.unmanaged")]
    [TestCase("dlm.unknown")]
    [TestCase("fleet.away")]
    [TestCase("fleet.failures")]
    [TestCase("patch.unsigned")]
    [TestCase("patch.quarantined")]
    [TestCase("patch.quarantined-elsewhere")]
    [TestCase("kernel.transition")]
    [TestCase("schedule.back-off")]
    [TestCase("schedule.window")]
    [TestCase("schedule.hold")]
    [TestCase("schedule.hold-unknown")]
    [TestCase("health.check")]
    [TestCase("gate.command")]
    [TestCase("release.online")]
    public void what_keeps_the_promises_cannot_be_set_and_always_refuses(string id)
    {
        Assert.That(GateLevels.Parse($"{id}=off", out var error), Is.Null);
        Assert.That(error, Does.StartWith($"\"{id}\" is none of the gates that can be set: fencing.disabled, fencing.no-device, "));
        Assert.That(GateLevels.Default.Of(Refused(id)), Is.EqualTo(GateLevel.Refuse));
    }

    [TestCase("fencing.disabled", "\"fencing.disabled\" is no gate with a level")]
    [TestCase("warn", "\"warn\" is no gate with a level")]
    [TestCase("fencing.disabled=warn=off", "\"fencing.disabled=warn=off\" is no gate with a level")]
    [TestCase("fencing.disabled=warn drain.failcount=off", "\"fencing.disabled=warn drain.failcount=of\" is no gate with a level")]
    [TestCase("fencing.disabled=warn; drain.failcount=off", "\"fencing.disabled=warn; drain.failcount=o\" is no gate with a level")]
    [TestCase("fencing.disabled=", "\"\" is none of refuse, warn, off")]
    [TestCase("fencing.disabled=Warn", "\"Warn\" is none of refuse, warn, off")]
    [TestCase("fencing.disabled=ignore", "\"ignore\" is none of refuse, warn, off")]
    [TestCase("fencing.disabled=2", "\"2\" is none of refuse, warn, off")]
    [TestCase("fencing.disabled=off\u202e", "\"off?\" is none of refuse, warn, off")]
    [TestCase("fencing.disabled=warn, fencing.disabled=warn", "\"fencing.disabled\" is set twice")]
    [TestCase("fencing.disabled=refuse, fencing.disabled=off", "\"fencing.disabled\" is set twice")]
    [TestCase("fencing.disabled=warn,", "nothing stands on one side of a ,")]
    [TestCase(",fencing.disabled=warn", "nothing stands on one side of a ,")]
    [TestCase("fencing.disabled=warn,,drain.failcount=off", "nothing stands on one side of a ,")]
    [TestCase(",", "nothing stands on one side of a ,")]
    [TestCase("fencing.disabled=warn\ndrain.failcount=off", "a line break, or another character that cannot be seen, is in it")]
    [TestCase("fencing.disabled=off\0", "a line break, or another character that cannot be seen, is in it")]
    public void what_is_malformed_is_said_with_what_to_write(string text, string why)
    {
        Assert.That(GateLevels.Parse(text, out var error), Is.Null);
        Assert.That(error, Is.EqualTo($"{why}; write for example \"fencing.disabled=warn, drain.failcount=refuse\""));
    }

    [TestCase("=off")]
    [TestCase("Fencing.disabled=warn")]
    [TestCase("fencing=off")]
    [TestCase("fencing.*=off")]
    [TestCase("*=off")]
    [TestCase("fencing.disabled.=off")]
    public void there_are_no_other_names_for_a_gate(string text)
    {
        Assert.That(GateLevels.Parse(text, out var error), Is.Null);
        Assert.That(error, Does.StartWith($"\"{text.Split('=')[0]}\" is none of the gates that can be set: "));
    }

    [Test]
    public void a_list_that_is_too_long_for_the_journal_is_refused()
    {
        Assert.That(GateLevels.Parse(new string(' ', 4001), out var error), Is.Null);
        Assert.That(error, Is.EqualTo("it is longer than 4000 characters"));
    }

    [Test]
    public void one_wrong_part_sets_nothing() => Assert.That(GateLevels.Parse("fencing.disabled=off, fencing.times=off", out _), Is.Null);

    [Test]
    public void two_are_the_same_where_their_texts_are()
    {
        var levels = Read(" fencing.disabled=warn ");

        Assert.That(levels, Is.EqualTo(Read("fencing.disabled=warn")).And.Not.EqualTo(GateLevels.Default).And.Not.Null);
        Assert.That(levels.GetHashCode(), Is.EqualTo(Read("fencing.disabled=warn").GetHashCode()));
        Assert.That(levels.ToString(), Is.EqualTo("fencing.disabled=warn"));
    }

    private static GateLevels Read(string text)
    {
        var levels = GateLevels.Parse(text, out var error);
        Assert.That(error, Is.Null);
        return levels!;
    }

    private static Refusal Refused(string id) => new(id, "why", "remedy");
}
