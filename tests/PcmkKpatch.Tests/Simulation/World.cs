using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Tests.Simulation.Laws;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>What kind of world it is.</summary>
internal sealed record WorldOptions
{
    public int Nodes { get; init; } = 3;

    public int Seed { get; init; }

    /// <summary>The attribute daemon writes to the CIB only this long after crm_attribute said that it was done.</summary>
    public TimeSpan StandbyLag { get; init; }

    /// <summary>The purge of a lost node's transient attributes loses its race: they are still there when it comes back.</summary>
    public bool PurgeLost { get; init; }

    /// <summary>A file system that all nodes share, with the daemon of its locks, runs in the cluster.</summary>
    public bool Shared { get; init; }

    /// <summary>The agent's parameters.</summary>
    public Policy Policy { get; init; } = Timing.Policy;

    public IFaults Faults { get; init; } = new NoFaults();

    /// <summary>How many of the last happenings are told when a law is broken.</summary>
    public int TraceKept { get; init; } = 200;

    /// <summary>Puts a mistake between the program and its ports.</summary>
    public Func<Ports, SimNode, Ports> Plant { get; init; } = (ports, _) => ports;
}

/// <summary>
/// A cluster of simulated nodes, each running the shipped <see cref="Core.Rollout.Worker"/>. Time is a queue of events: it jumps from
/// one wake-up to the next. No wall clock, no threads, no dependence on anything but the options: the same options give the same world.
/// </summary>
internal sealed class World
{
    private static readonly DateTimeOffset s_calendar = new(2026, 3, 1, 2, 0, 0, TimeSpan.Zero);
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _events = new();
    private long _order;
    private int _depth;
    private readonly HashSet<DrainMode> _drainsWanted = [];
    private bool _rebootWasWanted;

    public World(WorldOptions options)
    {
        Options = options;
        Random = new Random(options.Seed);
        Faults = options.Faults;
        Policy = options.Policy;
        Trace = new Trace(options.TraceKept);
        Laws = new LawBook(this);
        Cluster = new SimCluster(this);
        for (var i = 0; i < options.Nodes; i++)
            Nodes.Add(new SimNode(this, i < 26 ? $"node{(char)('a' + i)}" : $"nodez{(char)('a' + i - 26)}"));
        Admin = new SimAdmin(this);
        Cluster.FormAtOnce();
    }

    public WorldOptions Options { get; }

    public Random Random { get; }

    public IFaults Faults { get; set; }

    public LawBook Laws { get; }

    public Trace Trace { get; }

    public List<SimNode> Nodes { get; } = [];

    public SimCluster Cluster { get; }

    public SimAdmin Admin { get; }

    public TimeSpan Now { get; private set; }

    /// <summary>The agent's parameters: a person may change them at any time.</summary>
    public Policy Policy
    {
        get;
        set
        {
            field = value;
            _rebootWasWanted |= value.Rollback == Rollback.Reboot;
            _drainsWanted.Add(value.Drain);
            MostTolerated = Math.Max(MostTolerated, value.MaxFailures);
        }
    }

    /// <summary>The parameters have asked for a reboot at some time.</summary>
    public bool RebootWasWanted => _rebootWasWanted;

    /// <summary>How the parameters have had nodes drained at any time.</summary>
    public IReadOnlySet<DrainMode> DrainsWanted => _drainsWanted;

    /// <summary>The most failures that the parameters have ever tolerated.</summary>
    public int MostTolerated { get; private set; }

    public int PortCalls { get; set; }

    /// <summary>A port call is slow already: how deep.</summary>
    public int Depth => _depth;

    public SimNode this[string name] => Nodes.Single(node => node.Name == name);

    public Moment MomentOn(SimNode node) => new(s_calendar + Now + node.ClockError, Now - node.BootedAt);

    /// <summary>Puts an event on the queue.</summary>
    public void After(TimeSpan delay, Action happens) => _events.Enqueue(happens, (Now + delay, _order++));

    /// <summary>Lets time pass.</summary>
    public void Run(TimeSpan time)
    {
        var end = Now + time;
        while (_events.TryPeek(out var happens, out var when) && when.At <= end)
        {
            _events.Dequeue();
            // A slow port call ran the queue further than this: what was late happens now.
            if (when.At > Now)
                Now = when.At;
            happens();
            Laws.Look();
        }

        if (end > Now)
            Now = end;
    }

    /// <summary>Lets time pass until it is so, and stays so; false where it did not come to that within the time.</summary>
    public bool RunUntil(Func<bool> so, TimeSpan within, TimeSpan staysSo = default)
    {
        var step = TimeSpan.FromMilliseconds(500);
        TimeSpan? since = null;
        for (var end = Now + within; Now < end;)
        {
            if (!so())
                since = null;
            else if (Now - (since ??= Now) >= staysSo)
                return true;
            Run(step);
        }

        return false;
    }

    /// <summary>A port call takes its time: the world goes on, except for the worker that waits for the answer.</summary>
    public void RunDuringCall(TimeSpan time)
    {
        _depth++;
        try
        {
            Run(time);
        }
        finally
        {
            _depth--;
        }
    }
}
