using NUnit.Framework;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Ocf;

public sealed class ParametersTests
{
    [Test]
    public void without_a_word_from_the_administrator_the_defaults_count() => Assert.That(Parameters.Defaults, Is.EqualTo(new Policy
    {
        Patch = "installed",
        DrainTimeout = TimeSpan.FromMinutes(10),
        TransitionTimeout = TimeSpan.FromSeconds(60),
        ConfirmTimeout = TimeSpan.FromMinutes(10),
        RetryDelay = TimeSpan.FromMinutes(15),
        Loader = Loader.Auto,
        Soak = TimeSpan.FromSeconds(60),
        HealthCheck = null,
        Rollback = Rollback.None,
        Persist = Persist.Auto,
        Probation = TimeSpan.FromMinutes(10),
        QuarantineScope = QuarantineScope.Cluster,
        Window = "",
        Blackout = "",
        TimeZone = "",
        Order = "",
        FenceQuiet = TimeSpan.FromMinutes(10),
        AllowStranded = "",
        Gates = "",
        GateCommand = null,
        Notify = null,
        Pause = TimeSpan.Zero,
        MaxFailures = 0,
        MaxSkew = TimeSpan.Zero,
    }));

    [TestCase("1", 1)]
    [TestCase("90", 90)]
    [TestCase("90s", 90)]
    [TestCase("90sec", 90)]
    [TestCase("2m", 120)]
    [TestCase("2min", 120)]
    [TestCase("3h", 10800)]
    [TestCase("24h", 86400)]
    [TestCase("24hr", 86400)]
    [TestCase("86400", 86400)]
    [TestCase("007s", 7)]
    public void each_duration_takes_the_units_of_pacemaker(string text, int seconds)
    {
        var expected = TimeSpan.FromSeconds(seconds);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(With("drain_timeout", text)?.DrainTimeout, Is.EqualTo(expected));
            Assert.That(With("transition_timeout", text)?.TransitionTimeout, Is.EqualTo(expected));
            Assert.That(With("confirm_timeout", text)?.ConfirmTimeout, Is.EqualTo(expected));
            Assert.That(With("retry_delay", text)?.RetryDelay, Is.EqualTo(expected));
            Assert.That(With("soak", text)?.Soak, Is.EqualTo(expected));
            Assert.That(With("probation", text)?.Probation, Is.EqualTo(expected));
            Assert.That(With("fence_quiet", text)?.FenceQuiet, Is.EqualTo(expected));
            Assert.That(With("pause", text)?.Pause, Is.EqualTo(expected));
        }
    }

    [TestCase("soak")]
    [TestCase("probation")]
    [TestCase("fence_quiet")]
    [TestCase("pause")]
    public void what_may_be_left_out_takes_no_time_at_all(string parameter) => Assert.That(LinesOf(With(parameter, "0")), Does.Contain($"{parameter}=0s"));

    [TestCase("drain_timeout")]
    [TestCase("transition_timeout")]
    [TestCase("confirm_timeout")]
    [TestCase("retry_delay")]
    public void a_timeout_of_no_time_is_refused(string parameter)
    {
        Parameters.Parse(name => name == parameter ? "0" : null, out var errors);

        Assert.That(errors, Is.EqualTo(new[] { $"{parameter}=0: write a time from 1s to 24h, such as 90s or 10min" }));
    }

    [TestCase("-1")]
    [TestCase("+1")]
    [TestCase("1.5h")]
    [TestCase("25h")]
    [TestCase("86401")]
    [TestCase("999999999h")]
    [TestCase("9999999999")]
    [TestCase("99999999999999999999999999")]
    [TestCase("s")]
    [TestCase("min")]
    [TestCase("1 s")]
    [TestCase(" 1s")]
    [TestCase("1s ")]
    [TestCase("1d")]
    [TestCase("1S")]
    [TestCase("1ms")]
    [TestCase("PT5M")]
    [TestCase("١s")]
    [TestCase("1s\0")]
    public void a_duration_that_is_none_is_said(string text)
    {
        foreach (var parameter in Parameters.All.Where(p => p is { Type: "string", Name: not "max_skew" } && char.IsAsciiDigit(p.Default.FirstOrDefault())))
        {
            var least = parameter.Name is "soak" or "probation" or "fence_quiet" or "pause" ? 0 : 1;
            var policy = Parameters.Parse(name => name == parameter.Name ? text : null, out var errors);

            Assert.That(policy, Is.Null);
            Assert.That(errors, Is.EqualTo(new[] { $"{parameter.Name}={text}: write a time from {least}s to 24h, such as 90s or 10min" }));
        }
    }

    [TestCase("0", 0)]
    [TestCase("90s", 90)]
    [TestCase("25h", 25 * 3600)]
    [TestCase("7d", 7 * 86400)]
    [TestCase("365d", 365 * 86400)]
    public void how_long_nodes_may_differ_may_be_days(string text, int seconds) => Assert.That(With("max_skew", text)?.MaxSkew, Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [TestCase("366d")]
    [TestCase("1w")]
    [TestCase("d")]
    [TestCase("-1d")]
    public void days_that_are_none_are_said(string text)
    {
        Parameters.Parse(name => name == "max_skew" ? text : null, out var errors);

        Assert.That(errors, Is.EqualTo((string[])[$"max_skew={text}: write a time from 0s to 365d, such as 12h or 7d"]));
    }

    [TestCase("0", 0)]
    [TestCase("3", 3)]
    [TestCase("9999", 9999)]
    public void a_number_is_whole(string text, int number) => Assert.That(With("max_failures", text)?.MaxFailures, Is.EqualTo(number));

    [TestCase("-1")]
    [TestCase("1.5")]
    [TestCase("10000")]
    [TestCase("99999999999999999999")]
    [TestCase("1s")]
    [TestCase(" 1")]
    [TestCase("١")]
    [TestCase("all")]
    public void a_number_that_is_none_is_said(string text)
    {
        Parameters.Parse(name => name == "max_failures" ? text : null, out var errors);

        Assert.That(errors, Is.EqualTo((string[])[$"max_failures={text}: write a whole number from 0 to 9999"]));
    }

    [Test]
    public void an_empty_value_is_the_default() => Assert.That(Parameters.Parse(_ => "", out _), Is.EqualTo(Parameters.Defaults));

    [Test]
    public void everything_that_is_wrong_is_said_at_once()
    {
        Parameters.Parse(_ => "? ?", out var errors);

        Assert.That(errors, Has.Count.EqualTo(Parameters.All.Count));
    }

    [Test]
    public void a_choice_is_one_of_its_words()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(With("loader", "kernel")?.Loader, Is.EqualTo(Loader.Kernel));
            Assert.That(With("loader", "kpatch")?.Loader, Is.EqualTo(Loader.Kpatch));
            Assert.That(With("rollback", "reboot")?.Rollback, Is.EqualTo(Rollback.Reboot));
            Assert.That(With("rollback", "unload")?.Rollback, Is.EqualTo(Rollback.Unload));
            Assert.That(With("persist", "no")?.Persist, Is.EqualTo(Persist.No));
            Assert.That(With("persist", "yes")?.Persist, Is.EqualTo(Persist.Yes));
            Assert.That(With("quarantine_scope", "node")?.QuarantineScope, Is.EqualTo(QuarantineScope.Node));
            Assert.That(With("write_probe", "true")?.WriteProbe, Is.True);
            Assert.That(With("write_probe", "false")?.WriteProbe, Is.False);
        }
    }

    [TestCase("loader", "Kernel", "auto, kpatch, kernel")]
    [TestCase("loader", "0", "auto, kpatch, kernel")]
    [TestCase("rollback", "true", "none, reboot, unload")]
    [TestCase("persist", "true", "auto, yes, no")]
    [TestCase("quarantine_scope", "all", "cluster, node")]
    [TestCase("write_probe", "yes", "false, true")]
    public void another_word_is_refused_and_the_right_ones_are_said(string parameter, string text, string words)
    {
        Parameters.Parse(name => name == parameter ? text : null, out var errors);

        Assert.That(errors, Is.EqualTo(new[] { $"{parameter}={text}: write one of {words}" }));
    }

    [TestCase("window", "Sat,Sun 22:00-04:00; Mon..Fri 01:30-03:00")]
    [TestCase("window", "daily 22:00-02:00")]
    [TestCase("blackout", "2026-12-24..2027-01-02, 2026-11-27")]
    [TestCase("blackout", "12-24..12-26")]
    [TestCase("timezone", "Europe/Berlin")]
    [TestCase("timezone", "UTC")]
    [TestCase("order", "fewest")]
    [TestCase("order", "node3,node1")]
    [TestCase("order", "node3, node1.site")]
    [TestCase("allow_stranded", "report,mail")]
    [TestCase("allow_stranded", "*")]
    [TestCase("gates", "fencing.disabled=warn, drain.failcount=refuse")]
    public void a_list_is_kept_as_it_was_written(string parameter, string text) => Assert.That(LinesOf(With(parameter, text)), Does.Contain($"{parameter}={text}"));

    [TestCase("window", "22:00-02:00", "\"22:00-02:00\" does not say on which days; write for example \"Sat,Sun 22:00-04:00; Mon..Fri 01:30-03:00\" or \"daily 22:00-02:00\"")]
    [TestCase("window", "Sun 22:00", "\"Sun 22:00\" has no start and end such as 22:00-04:00; write for example \"Sat,Sun 22:00-04:00; Mon..Fri 01:30-03:00\" or \"daily 22:00-02:00\"")]
    [TestCase("blackout", "12-32", "\"12-32\" is no day of the calendar; write for example \"2026-12-24..2027-01-02, 2026-11-27\", or for every year \"12-24..12-26\"")]
    [TestCase("blackout", "2026-12-26..2026-12-24", "\"2026-12-26..2026-12-24\" ends before it begins; write for example \"2026-12-24..2027-01-02, 2026-11-27\", or for every year \"12-24..12-26\"")]
    [TestCase("timezone", "Moon/Tycho", "this node knows no such time zone; write its IANA name, such as Europe/Berlin, and see timedatectl list-timezones")]
    [TestCase("timezone", " ", "this node knows no such time zone; write its IANA name, such as Europe/Berlin, and see timedatectl list-timezones")]
    [TestCase("timezone", "../../../etc/passwd", "this node knows no such time zone; write its IANA name, such as Europe/Berlin, and see timedatectl list-timezones")]
    [TestCase("order", "node3 node1", "\"node3 node1\" is no name of a node: commas stand between names; write for example \"fewest\", or names such as \"node3,node1\"")]
    [TestCase("order", "fewest,node1", "fewest stands alone, not beside names; write for example \"fewest\", or names such as \"node3,node1\"")]
    [TestCase("order", "node1,node1", "\"node1\" is named twice; write for example \"fewest\", or names such as \"node3,node1\"")]
    [TestCase("allow_stranded", "report mail", "\"report mail\" is no id of a resource: commas stand between ids; write for example \"report,mail\" or \"*\"")]
    [TestCase("allow_stranded", "report,", "nothing stands on one side of a ,; write for example \"report,mail\" or \"*\"")]
    [TestCase("gates", "fencing.disabled=maybe", "\"maybe\" is none of refuse, warn, off; write for example \"fencing.disabled=warn, drain.failcount=refuse\"")]
    public void a_list_that_is_malformed_is_said_with_what_to_write(string parameter, string text, string why)
    {
        var policy = Parameters.Parse(name => name == parameter ? text : null, out var errors);

        Assert.That(policy, Is.Null);
        Assert.That(errors, Is.EqualTo(new[] { $"{parameter}={text}: {why}" }));
    }

    [Test]
    public void the_name_of_a_zone_is_no_way_to_have_a_long_file_name_looked_up() => Assert.That(With("timezone", new string('x', 100)), Is.Null);

    [Test]
    public void a_line_break_cannot_smuggle_in_another_parameter()
    {
        foreach (var parameter in Parameters.All)
        {
            foreach (var lineBreak in (string[])["\n", "\r\n", "\r", "\0", "\v", "\u0085"])
            {
                var text = $"{Good(parameter.Name)}{lineBreak}rollback=unload";

                Assert.That(Parameters.Parse(name => name == parameter.Name ? text : null, out var errors), Is.Null, text);
                Assert.That(errors.Single(), Does.StartWith($"{parameter.Name}={text}: "));
            }
        }
    }

    [Test]
    public void whatever_is_taken_is_read_by_the_worker_as_it_was_meant()
    {
        string[] hostile = ["=", "rollback=unload", "a=b", ";", "%", "%k", "#", "\"", "'", "\\n", "\\", "$(reboot)", "`reboot`", "&amp;", "<", "\u2028rollback=unload", "\u202e", "é", "=rollback=unload="];
        var taken = new HashSet<string>();
        foreach (var parameter in Parameters.All)
        {
            foreach (var text in hostile.SelectMany(what => (string[])[what, Good(parameter.Name) + what, what + Good(parameter.Name), $"{Good(parameter.Name)},{what}"]))
            {
                if (With(parameter.Name, text) is not { } policy)
                    continue;
                Assert.That(Parameters.FromText(Parameters.Text(policy), out var errors), Is.EqualTo(policy), text);
                Assert.That(errors, Is.Empty);
                taken.Add(parameter.Name);
            }
        }

        Assert.That(taken, Is.EquivalentTo((string[])["patch", "health_check", "order", "allow_stranded", "gate_command", "notify"]), "the others have a grammar of their own");
    }

    [Test]
    public void what_another_version_wrote_has_the_defaults_of_what_it_did_not_know_and_no_more_than_is_known() =>
        Assert.That(Parameters.FromText("patch=installed\nsoak=5s\nmoon=full\n", out _), Is.EqualTo(Parameters.Defaults with { Soak = TimeSpan.FromSeconds(5) }));

    [Test]
    public void what_is_written_twice_is_not_guessed_at()
    {
        Assert.That(Parameters.FromText("soak=5s\nsoak=6s\n", out var errors), Is.Null);
        Assert.That(errors, Is.EqualTo((string[])["soak is written twice"]));
    }

    [Test]
    public void the_gates_that_can_be_set_are_named_where_the_parameter_is_described()
    {
        var full = Parameters.All.Single(p => p.Name == "gates").Full;

        Assert.That(GateLevels.Settable.Keys, Has.All.Matches<string>(id => full.Contains(id, StringComparison.Ordinal)));
    }

    [Test]
    public void what_was_written_for_the_worker_is_read_as_it_was_meant()
    {
        var policy = Parameters.Parse(
            name => name switch
            {
                "patch" => "/srv/a=b.ko",
                "loader" => "kernel",
                "soak" => "0",
                "health_check" => "/opt/x=y",
                "rollback" => "unload",
                "persist" => "no",
                "probation" => "90min",
                "quarantine_scope" => "node",
                "retry_delay" => "7s",
                "window" => "Sat,Sun 22:00-04:00; Mon..Fri 01:30-03:00",
                "blackout" => "2026-12-24..2027-01-02, 11-27",
                "timezone" => "Europe/Berlin",
                "order" => "node3,node=1",
                "fence_quiet" => "0",
                "allow_stranded" => "report,mail=x",
                "gates" => "fencing.disabled=warn, drain.failcount=refuse",
                "gate_command" => "/opt/y=z",
                "notify" => "/opt/z=z",
                "pause" => "2h",
                "max_failures" => "3",
                "max_skew" => "30d",
                "write_probe" => "true",
                _ => null,
            },
            out _)!;

        Assert.That(Parameters.FromText(Parameters.Text(policy), out var errors), Is.EqualTo(policy));
        Assert.That(errors, Is.Empty);
    }

    private static string[] LinesOf(Policy? policy) => Parameters.Text(policy!).Split('\n');

    // A value that is taken, other than nothing.
    private static string Good(string parameter) => parameter switch
    {
        "patch" => "/srv/patch.ko",
        "health_check" => "/usr/local/sbin/well",
        "window" => "daily 22:00-02:00",
        "blackout" => "12-24",
        "timezone" => "UTC",
        "order" => "node1",
        "allow_stranded" => "web",
        "gates" => "fencing.disabled=warn",
        "gate_command" => "/usr/local/sbin/may-i",
        "notify" => "/usr/local/sbin/tell",
        _ => Parameters.All.Single(p => p.Name == parameter).Default,
    };

    private static Policy? With(string parameter, string text) => Parameters.Parse(name => name == parameter ? text : null, out _);
}
