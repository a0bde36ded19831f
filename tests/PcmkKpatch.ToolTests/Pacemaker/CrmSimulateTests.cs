using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Host;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>
/// Forecasts by the real scheduler, for a cluster of three nodes at rest (Cibs/forecast.xml). The folder in which they are made must be empty after
/// each of them, whatever became of it.
/// </summary>
internal sealed class CrmSimulateTests
{
    private CibFile _cib = null!;

    [SetUp]
    public void Begin() => _cib = new CibFile("forecast");

    [TearDown]
    public void End() => _cib.Dispose();

    [Test]
    public void The_drain_of_a_node_moves_migrates_strands_and_stops_what_is_there() => Here(() => Assert.That(Words(new PacemakerForesight().Drain("n1", DrainMode.Standby)), Is.EqualTo(
        """
        move web n1 > n2
        move disk n1 > n3
        move address n1 > n3
        migrate vm n1 > n2
        stranded pinned n1
        clone lock
        clone db
        promote db n2
        demote db n1
        """)));

    [Test]
    public void The_loss_of_a_node_starts_the_same_elsewhere_and_migrates_nothing() => Here(() => Assert.That(Words(new PacemakerForesight().Loss("n1")), Is.EqualTo(
        """
        move web n1 > n2
        move disk n1 > n3
        move address n1 > n3
        move vm n1 > n2
        stranded pinned n1
        clone lock
        clone db
        promote db n2
        demote db n1
        """)));

    [Test]
    public void The_drain_of_a_node_without_primitives_stops_clones_alone() => Here(() =>
    {
        Assert.That(Words(new PacemakerForesight().Drain("n3", DrainMode.Standby)), Is.EqualTo("clone lock\nclone db"));
        Assert.That(Words(new PacemakerForesight().Loss("n3")), Is.EqualTo("clone lock\nclone db"));
    });

    [Test]
    public void The_device_that_fences_moves_like_any_other_resource() => Here(() => Assert.That(Words(new PacemakerForesight().Drain("n2", DrainMode.Standby)), Does.Contain("move fence n2 > n3")));

    [Test]
    public void The_live_CIB_stays_as_it_is() => Here(() =>
    {
        var before = _cib.Text;
        new PacemakerForesight().Drain("n1", DrainMode.Standby);
        new PacemakerForesight().Loss("n1");
        FailedStop("n1");
        Assert.That(_cib.Text, Is.EqualTo(before));
    });

    [Test]
    public void What_needs_a_resource_that_moves_is_restarted_elsewhere() => Here(() =>
    {
        Primitive("follower").Ran("n2", "follower", "start").Probed("follower").Add("configuration/constraints", "<rsc_order id=\"after\" first=\"web\" then=\"follower\"/>");
        Assert.That(Words(new PacemakerForesight().Drain("n1", DrainMode.Standby)), Does.Contain("elsewhere follower n2 > n2"));
    });

    [Test]
    public void What_needs_a_stranded_resource_is_stranded_on_its_own_node() => Here(() =>
    {
        Primitive("follower").Ran("n2", "follower", "start").Probed("follower").Add("configuration/constraints", "<rsc_order id=\"after\" first=\"pinned\" then=\"follower\"/>");
        Assert.That(new PacemakerForesight().Drain("n1", DrainMode.Standby).Stops, Is.EqualTo((Placed[])[new("pinned", "n1"), new("follower", "n2")]));
    });

    [Test]
    public void An_instance_of_a_unique_clone_moves_by_its_number() => Here(() =>
    {
        Clone("farm", "<nvpair id=\"farm-u\" name=\"globally-unique\" value=\"true\"/><nvpair id=\"farm-x\" name=\"clone-max\" value=\"2\"/>");
        _cib.Ran("n1", "farm:0", "start").Ran("n2", "farm:1", "start");
        foreach (var (node, instance) in ((string, string)[])[("n1", "farm:1"), ("n2", "farm:0"), ("n3", "farm:0"), ("n3", "farm:1")])
            _cib.Ran(node, instance, "probe", 7);
        Assert.That(Words(new PacemakerForesight().Drain("n1", DrainMode.Standby)), Does.Contain("move farm:0 n1 > n3"));
    });

    [Test]
    public void An_instance_of_a_clone_that_is_not_everywhere_moves_too() => Here(() =>
    {
        Clone("pair", "<nvpair id=\"pair-x\" name=\"clone-max\" value=\"2\"/>");
        _cib.Ran("n1", "pair", "start").Ran("n2", "pair", "start").Probed("pair");
        Assert.That(Words(new PacemakerForesight().Drain("n1", DrainMode.Standby)), Does.Contain("move pair n1 > n3").And.Not.Contain("clone pair"));
    });

    // Two nodes of three are banned to it; with the third one gone there is none.
    [Test]
    public void A_ban_takes_homes_away() => Here(() =>
    {
        foreach (var node in (string[])["n2", "n3"])
            _cib.Add("configuration/constraints", $"<rsc_location id=\"cli-ban-web-on-{node}\" rsc=\"web\" node=\"{node}\" score=\"-INFINITY\"/>");
        Assert.That(new PacemakerForesight().Drain("n1", DrainMode.Standby).Stops, Does.Contain(new Placed("web", "n1")));
        Assert.That(new PacemakerForesight().Loss("n1").Stops, Does.Contain(new Placed("web", "n1")));
    });

    [Test]
    public void A_node_in_standby_already_has_nothing_left_to_move() => Here(() =>
    {
        Assert.That(Shell.Run("crm_attribute", ["-N", "n3", "-n", "standby", "-v", "on", "-l", "reboot"]).ExitCode, Is.Zero);
        var forecast = new PacemakerForesight().Drain("n3", DrainMode.Standby);
        Assert.That(forecast.Pending, Has.Some.EqualTo("stop lock on n3"));
        Assert.That(Words(forecast with { Pending = [] }), Is.Empty);
    });

    [Test]
    public void What_is_pending_anyway_is_told_and_not_laid_to_the_drain() => Here(() =>
    {
        Primitive("new").Probed("new");
        var forecast = new PacemakerForesight().Drain("n3", DrainMode.Standby);
        Assert.That(forecast.Pending, Is.EqualTo((string[])["start new on n2"]).Or.EqualTo((string[])["start new on n3"]));
        Assert.That(Words(forecast with { Pending = [] }), Does.Not.Contain("> n1").And.Not.Contain("stranded"));
    });

    [Test]
    public void A_fence_that_is_due_already_is_pending() => Here(() =>
    {
        _cib.Ran("n1", "web", "stop", 1);
        var forecast = new PacemakerForesight().Drain("n1", DrainMode.Standby);
        Assert.That(forecast.Pending, Has.Some.EqualTo("fence n1"));
        Assert.That(forecast.Fences, Is.Empty);
    });

    [Test]
    public void A_failed_stop_of_each_resource_would_fence_the_node() => Here(() => Assert.That(FailedStop("n1"), Is.EqualTo(
        (Placed[])[.. ((string[])["web", "disk", "address", "lock", "db", "pinned", "vm"]).Select(r => new Placed(r, "n1"))]), "our own agent's stop does not fail"));

    [Test]
    public void A_failed_stop_that_only_blocks_fences_nobody() => Here(() =>
    {
        _cib.Replace("<primitive id=\"web\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"/>",
            "<primitive id=\"web\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"><operations><op id=\"web-stop\" name=\"stop\" interval=\"0\" on-fail=\"block\"/></operations></primitive>");
        Assert.That(FailedStop("n1").Select(f => f.Resource), Has.None.EqualTo("web").And.Some.EqualTo("lock"));
    });

    [Test]
    public void Where_nobody_is_fenced_no_failed_stop_fences() => Here(() =>
    {
        _cib.Replace("name=\"stonith-enabled\" value=\"true\"", "name=\"stonith-enabled\" value=\"false\"");
        Assert.That(FailedStop("n1"), Is.Empty);
    });

    [TestCase("n\"1")]
    [TestCase("n'1")]
    [TestCase("n1; touch x")]
    [TestCase("<n1>&")]
    public void A_node_of_a_hostile_name_is_forecast_like_any_other(string name) => Here(() =>
    {
        _cib.Replace("uname=\"n1\"", $"uname=\"{System.Security.SecurityElement.Escape(name)}\"");
        Assert.That(Words(new PacemakerForesight().Drain(name, DrainMode.Standby)), Does.Contain($"stranded pinned {name}"));
        Assert.That(Words(new PacemakerForesight().Loss(name)), Does.Contain($"stranded pinned {name}"));
    });

    [TestCase("n'1")]
    [TestCase("n=1")]
    public void About_failed_stops_a_name_that_would_be_misunderstood_is_refused(string name) => Here(() =>
    {
        _cib.Replace("uname=\"n1\"", $"uname=\"{name}\"");
        Assert.That(() => FailedStop(name), Throws.TypeOf<ToolFailedException>().With.Message.Contains(name));
    });

    [TestCase("n9")]
    [TestCase("")]
    [TestCase("--help")]
    public void A_node_that_the_CIB_does_not_know_is_a_failure(string name) => Here(() =>
    {
        Assert.That(() => new PacemakerForesight().Drain(name, DrainMode.Standby), Throws.TypeOf<ToolFailedException>().With.Message.Contains("states of the node"));
        Assert.That(() => new PacemakerForesight().Loss(name), Throws.TypeOf<ToolFailedException>());
        Assert.That(() => FailedStop(name), Throws.TypeOf<ToolFailedException>());
    });

    // For one that is empty the tool itself forecasts nothing, with exit code 0.
    [TestCase("<cib/>")]
    [TestCase("<cib")]
    [TestCase("<html>Service unavailable</html>")]
    public void What_is_no_CIB_is_a_failure(string text) => Here(() =>
    {
        using (new Replacement("cibadmin", $"echo '{text}'"))
            Assert.That(() => new PacemakerForesight().Drain("n1", DrainMode.Standby), Throws.TypeOf<ToolFailedException>());
    }, "/usr");

    [TestCase("exit 0", "cannot be read")]
    [TestCase("echo sorry >&2; exit 70", "exit code 70: sorry")]
    [TestCase("kill -9 $$", "killed by signal 9")]
    [TestCase("while [ \"$1\" != --save-graph ]; do shift; done; echo '<transition_graph>' >\"$2\"", "does not parse")]
    [TestCase("while [ \"$1\" != --save-graph ]; do shift; done; echo '<graph/>' >\"$2\"", "where its graph should be")]
    public void A_tool_that_fails_or_talks_nonsense_is_a_failure(string script, string says) => Here(() =>
    {
        using (new Replacement("crm_simulate", script))
        {
            Assert.That(() => new PacemakerForesight().Drain("n1", DrainMode.Standby), Throws.TypeOf<ToolFailedException>().With.Message.Contains(says));
            Assert.That(() => new PacemakerForesight().Loss("n1"), Throws.TypeOf<ToolFailedException>().With.Message.Contains(says));
            Assert.That(() => FailedStop("n1"), Throws.TypeOf<ToolFailedException>().With.Message.Contains(says));
        }
    }, "/usr");

    [Test]
    public void A_failed_stop_that_the_tool_did_not_take_is_a_failure() => Here(() =>
    {
        // What the tool does about a resource that it does not find: it says so, and goes on without.
        using (new Replacement("crm_simulate", "for a; do shift; case $a in web_stop_0@*) a=nobody_stop_0@n1=1;; esac; set -- \"$@\" \"$a\"; done; exec /usr/sbin/crm_simulate.real \"$@\""))
            Assert.That(() => FailedStop("n1"), Throws.TypeOf<ToolFailedException>().With.Message.Contains("did not take a failed stop of web on n1"));
    }, "/usr");

    [Test]
    public void A_tool_that_is_missing_is_named() => Here(() =>
    {
        File.Delete("/usr/sbin/crm_simulate");
        Assert.That(() => new PacemakerForesight().Drain("n1", DrainMode.Standby), Throws.TypeOf<ToolFailedException>().With.Message.EqualTo("crm_simulate: not installed on this node"));
    }, "/usr");

    [Test]
    public void The_copies_are_for_root_alone_and_nothing_is_written_elsewhere() => Here(() =>
    {
        const string Look = "stat -c '%a %U' \"$3\" \"${3%/*}\" >>/run/seen; exec /usr/sbin/crm_simulate.real \"$@\"";
        using (new Replacement("crm_simulate", Look))
            new PacemakerForesight().Drain("n1", DrainMode.Standby);
        Assert.That(File.ReadAllLines("/run/seen"), Is.EqualTo((string[])["600 root", "700 root", "600 root", "700 root"]));
        Assert.That(Directory.GetFiles("/var/lib/pacemaker/cib", "shadow*"), Is.Empty);
    }, "/usr");

    [Test]
    public void What_a_process_that_was_killed_has_left_behind_goes_with_the_next_forecast() => Here(() =>
    {
        foreach (var name in (string[])["4194305-x", "nobody", ""])
        {
            Directory.CreateDirectory(Paths.Scratch + name);
            File.WriteAllText($"{Paths.Scratch}{name}/cib.xml", "secret");
        }

        Directory.CreateDirectory(Paths.Scratch + "1-alive");
        new PacemakerForesight().Drain("n1", DrainMode.Standby);
        Assert.That(Directory.GetFileSystemEntries(Paths.Runtime), Is.EqualTo((string[])[Paths.Scratch + "1-alive"]));
        Directory.Delete(Paths.Scratch + "1-alive");
    });

    [Test]
    public void A_gate_that_asks_about_drain_and_loss_has_no_plan_made_twice() => Here(() =>
    {
        var foresight = new PacemakerForesight();
        using (new Replacement("crm_simulate", "echo asked >>/run/asked; exec /usr/sbin/crm_simulate.real \"$@\""))
        {
            foresight.Drain("n1", DrainMode.Standby);
            foresight.Loss("n1");
            Assert.That(File.ReadAllLines("/run/asked"), Has.Length.EqualTo(3), "as it is, drained, lost");
            foresight.Loss("n1");
            Assert.That(File.ReadAllLines("/run/asked"), Has.Length.EqualTo(6), "what is asked later is planned anew");
            foresight.Drain("n1", DrainMode.Standby);
            Primitive("new").Probed("new");
            Assert.That(foresight.Loss("n1").Pending, Has.Some.StartsWith("start new on "), "and so is what is asked about another CIB");
        }
    }, "/usr");

    internal static IReadOnlyList<Placed> FailedStop(string node, DrainMode mode = DrainMode.Standby)
    {
        using var snapshot = new Snapshot();
        return snapshot.FailedStop(node, mode);
    }

    private CibFile Primitive(string id) => _cib.Add("configuration/resources", $"<primitive id=\"{id}\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"/>");

    private void Clone(string id, string meta) => _cib.Add("configuration/resources",
        $"<clone id=\"{id}-clone\"><meta_attributes id=\"{id}-m\">{meta}</meta_attributes><primitive id=\"{id}\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"/></clone>");

    private static string Words(Forecast forecast) => string.Join('\n',
    [
        .. forecast.Moves.Select(m => $"move {m.Resource} {m.From} > {m.To}"),
        .. forecast.Migrations.Select(m => $"migrate {m.Resource} {m.From} > {m.To}"),
        .. forecast.Stops.Select(s => $"stranded {s.Resource} {s.Node}"),
        .. forecast.StopsOfClones.Select(s => $"clone {s}"),
        .. forecast.Promotions.Select(p => $"promote {p.Resource} {p.Node}"),
        .. forecast.Demotions.Select(p => $"demote {p.Resource} {p.Node}"),
        .. forecast.Fences.Select(f => $"fence {f}"),
        .. forecast.Elsewhere.Select(m => $"elsewhere {m.Resource} {m.From} > {m.To}"),
        .. forecast.Pending.Select(p => $"pending {p}"),
    ]);

    // With a /run of the test's own, and layers over these folders.
    private static void Here(Action test, params string[] folders)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.At("scratch"));
        MountNamespace.Run(folder.At("scratch"), folders, () =>
        {
            test();
            Assert.That(Directory.Exists(Paths.Runtime) ? Directory.GetFileSystemEntries(Paths.Runtime) : [], Is.Empty, "nothing stays");
        });
    }

    // A script in the place of a tool, which has another name meanwhile.
    private sealed class Replacement : IDisposable
    {
        private readonly string _path;

        public Replacement(string name, string script)
        {
            _path = $"/usr/sbin/{name}";
            File.Move(_path, _path + ".real");
            File.WriteAllText(_path, $"#!/bin/sh\n{script}\n");
            File.SetUnixFileMode(_path, (UnixFileMode)0b111_101_101);
        }

        public void Dispose() => File.Move(_path + ".real", _path, overwrite: true);
    }
}
