namespace PcmkKpatch.Tests.Simulation;

/// <summary>One call of a worker through a port.</summary>
internal readonly record struct PortCall(int Index, SimNode Node, string Port);

/// <summary>What befalls a port call.</summary>
internal enum Fault
{
    None,

    /// <summary>The worker is killed before the call had its effect.</summary>
    CrashBefore,

    /// <summary>The worker is killed when the call had its effect.</summary>
    CrashAfter,

    /// <summary>The tool fails and has done nothing.</summary>
    FailBefore,

    /// <summary>The tool fails (say, by its deadline) although it has done its work.</summary>
    FailAfter,

    /// <summary>The node loses its power before the effect.</summary>
    PowerOffBefore,

    /// <summary>The node loses its power after the effect.</summary>
    PowerOffAfter,
}

/// <summary>Decides what befalls each port call; may do anything to the world meanwhile.</summary>
internal interface IFaults
{
    Fault At(World world, PortCall call);
}

/// <summary>A world in which everything works.</summary>
internal sealed class NoFaults : IFaults
{
    public Fault At(World world, PortCall call) => Fault.None;
}

/// <summary>One fault at each of some numbered port calls.</summary>
internal sealed class FaultsAt(params (int Index, Fault Fault)[] plan) : IFaults
{
    public Fault At(World world, PortCall call)
    {
        foreach (var (index, fault) in plan)
        {
            if (index == call.Index)
                return fault;
        }

        return Fault.None;
    }
}

/// <summary>Something happens to the world at the first port call of which it is so.</summary>
internal sealed class Once(Func<World, PortCall, bool> so, Func<World, PortCall, Fault> happens) : IFaults
{
    public bool Happened { get; private set; }

    public Fault At(World world, PortCall call)
    {
        if (Happened || !so(world, call))
            return Fault.None;
        Happened = true;
        return happens(world, call);
    }
}

/// <summary>The same port fails whenever it is called.</summary>
internal sealed class Always(string port, Fault fault) : IFaults
{
    public Fault At(World world, PortCall call) => call.Port == port ? fault : Fault.None;
}

/// <summary>The worker's process is gone. It is thrown through the machine like a kill: nothing in it may catch this.</summary>
internal sealed class WorkerKilledException : Exception;

/// <summary>The whole node is gone.</summary>
internal sealed class NodeWentDownException : Exception;

/// <summary>A law of the design does not hold.</summary>
internal sealed class LawBrokenException(string law, string how, string trace)
    : Exception($"{law}: {how}\n{trace}")
{
    public string Law { get; } = law;

    public string How { get; } = how;
}
