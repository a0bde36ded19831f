using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Pacemaker;
using PcmkKpatch.Tests.Simulation;
using PcmkKpatch.ToolTests.Support;

namespace PcmkKpatch.ToolTests.Pacemaker;

/// <summary>
/// The simulator of the unit tests against the real thing: what it lets a cluster do about a standby is what Pacemaker's own scheduler
/// would do, and what it answers to the token's compare-and-set is what cibadmin answers.
/// </summary>
internal sealed class SimulatorTests
{
    private const int Clusters = 40;
    private CibFile _cib = null!;

    [SetUp]
    public void Begin() => _cib = new CibFile();

    [TearDown]
    public void End() => _cib.Dispose();

    [Test]
    public void A_simulated_drain_and_the_way_home_are_those_of_the_real_scheduler()
    {
        var moves = 0;
        for (var seed = 1; seed <= Clusters; seed++)
        {
            var random = new Random(seed);
            var world = Settled(random);
            var node = world.Nodes.Where(n => n.Partition is not null).ElementAt(random.Next(world.Nodes.Count(n => n.Partition is not null)));
            Assert.That(Scheduled(world), Is.EqualTo(Simulated(world)), $"seed {seed}: at rest the scheduler has nothing to do");

            var before = node.Running.Count;
            world.Cluster.SetTransient(node, "on", Writer.Administrator);
            AssertSame(world, $"seed {seed}: {node} is drained");
            moves += before - node.Running.Count;

            world.Cluster.SetTransient(node, null, Writer.Administrator);
            AssertSame(world, $"seed {seed}: {node} comes home");
        }

        Assert.That(moves, Is.GreaterThan(Clusters), "the drains must have something to move");
    }

    // A sequence at random, given to both: reads, creates, and swaps from a value that is there, or was, or never was.
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void A_simulated_token_answers_as_the_real_one(int seed)
    {
        var random = new Random(seed);
        var world = new World(new WorldOptions());
        var simulated = SimPorts.Of(world, world.Nodes[0]).Tokens;
        var real = new CibToken();
        List<Token> values = [Token.Free];
        for (var step = 0; step < 60; step++)
        {
            switch (random.Next(8))
            {
                case 0:
                    real.Create();
                    simulated.Create();
                    break;
                case 1:
                    // Somebody deletes it, or writes what nobody knows.
                    var text = random.Next(2) == 0 ? null : "held by nobody knows whom";
                    world.Cluster.WriteToken(world.Nodes[0].Partition!, text);
                    Shell.Run("cibadmin", text is null ? ["--delete", "--xml-text", "<nvpair id=\"pcmk-kpatch-token\"/>"]
                        : ["--modify", "--xpath", "//nvpair[@id='pcmk-kpatch-token']", "--xml-text", $"<nvpair id=\"pcmk-kpatch-token\" value=\"{text}\"/>"]);
                    if (text is not null && real.Read() is null)
                        world.Cluster.WriteToken(world.Nodes[0].Partition!, null);
                    break;
                default:
                    var from = random.Next(3) == 0 ? values[random.Next(values.Count)] : real.Read() ?? Token.Free;
                    if (from.State == TokenState.Unreadable)
                        from = Token.Free;
                    var to = random.Next(3) switch
                    {
                        0 => Token.Free,
                        1 => Token.Held("nodea", $"run-{step}", "boot", DateTimeOffset.UnixEpoch),
                        _ => Token.Halted("nodeb", $"run-{step}", "boot", DateTimeOffset.UnixEpoch, "it's <broken> & \"quoted\""),
                    };
                    values.Add(to);
                    // The real program changes the token in its own journalled run; the laws are not asked here.
                    var held = world.Nodes[0].Partition!.Cib.Token == from.Text;
                    if (held)
                        world.Cluster.WriteToken(world.Nodes[0].Partition!, to.Text);
                    Assert.That(real.Swap(from, to), Is.EqualTo(held), $"step {step}: {from} -> {to}");
                    break;
            }

            Assert.That(real.Read(), Is.EqualTo(simulated.Read()), $"step {step}");
        }
    }

    // A cluster at rest in some state: nodes stopped, in standby or in maintenance, resources disabled.
    private static World Settled(Random random)
    {
        var world = new World(new WorldOptions { Nodes = random.Next(2, 7) });
        world.Nodes.ForEach(n => n.Disk.Installed = null);
        for (var i = random.Next(4); i > 0; i--)
        {
            var node = world.Nodes[random.Next(world.Nodes.Count)];
            switch (random.Next(5))
            {
                case 0 when world.Nodes.Count(n => n.Partition is null) * 2 + 2 < world.Nodes.Count:
                    world.Cluster.Membership.StopStack(node);
                    break;
                case 1:
                    world.Admin.StandbyOn(node);
                    break;
                case 2:
                    world.Admin.Disable(random.Next(2) == 0 ? "vip" : SimResources.Agent);
                    break;
                case 3:
                    world.Admin.MaintenanceOn(random.Next(4) == 0 ? null : node);
                    break;
                default:
                    world.Admin.StandbyOff(node);
                    break;
            }

            Rest(world);
        }

        Rest(world);
        return world;
    }

    private static void Rest(World world) =>
        Assert.That(world.RunUntil(() => world.Cluster.Partitions.All(world.Cluster.IsSettled), TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(5)), world.Trace.ToString());

    // The scheduler is asked before the simulation goes on from the same state.
    private void AssertSame(World world, string what)
    {
        var scheduled = Scheduled(world);
        Rest(world);
        Assert.That(scheduled, Is.EqualTo(Simulated(world)), what);
    }

    // Where two nodes are as good, who is chosen is a matter of taste. What counts: what leaves a node, what stays where it is, how often each
    // resource is active and promoted afterwards; and for a clone also where.
    private string[] Scheduled(World world)
    {
        File.WriteAllText(_cib.Path, SimulatedCib.Of(world));
        var answer = Shell.Run("crm_simulate", ["--simulate", "--quiet", "--xml-file", _cib.Path, "--save-output", _cib.Path]);
        Assert.That(answer.ExitCode, Is.Zero, answer.ToString());
        var resources = CrmMon.Ask().Resources.Where(r => r.Active).SelectMany(r => r.Nodes.Select(node => (r.Id, Node: node, r.Promoted))).ToList();
        return Words(world, resources);
    }

    private static string[] Simulated(World world) =>
        Words(world, [.. world.Nodes.SelectMany(n => n.Running.Select(r => (r.Key, n.Name, r.Value == "Promoted")))]);

    private static string[] Words(World world, IReadOnlyList<(string Id, string Node, bool Promoted)> active) => [.. SimResources.All.Select(resource =>
    {
        var of = active.Where(a => a.Id == resource.Id).ToList();
        // A primitive that may not stay has no place of its own to be compared.
        var where = resource.Kind == ResourceKind.Primitive ? of.Select(a => world[a.Node].Partition is { } p && p.Cib.InStandby(a.Node) ? $"on {a.Node} still" : "somewhere") : of.Select(a => a.Node);
        return $"{resource.Id}: {string.Join(", ", where.Order(StringComparer.Ordinal))}; {of.Count(a => a.Promoted)} promoted";
    })];
}
