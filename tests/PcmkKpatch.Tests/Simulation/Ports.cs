using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>The ports over the simulated world. Every call passes through <see cref="Call{T}"/>, where the faults are.</summary>
internal sealed class SimPorts(World world, SimNode node) : ICluster, IToken, IHolds, IForesight, IKernel, IHealth, IPackages, IBootStore, IAttempts, IJournal, IHost, IRehearsals, ILockspaces
{
    private int _runs;

    /// <summary>The ports of the machine on that node.</summary>
    public static Ports Of(World world, SimNode node)
    {
        var ports = new SimPorts(world, node);
        return new Ports(ports, ports, ports, ports, ports, ports, ports, ports, ports, ports, ports, ports, ports);
    }

    string IHost.BootId => node.BootId;

    string IHost.Node => node.Name;

    string IHost.StartedBy => "the agent";

    ClusterView ICluster.See() => Call("Cluster.See", () => world.Cluster.ViewOf(node));

    DrainMarks ICluster.SeeMarks() => Call("Cluster.SeeMarks", () => world.Cluster.CibOf(node).MarksOf(node.Name));

    void ICluster.SetMark(DrainMode kind) => Call("Cluster.SetMark", () =>
    {
        world.Laws.Marking(node, kind, set: true);
        world.Cluster.WriteTransient(node, DrainMarks.AttributeOf(kind), DrainMarks.ValueOf(kind));
    });

    void ICluster.ClearMark(DrainMode kind) => Call("Cluster.ClearMark", () =>
    {
        world.Laws.Marking(node, kind, set: false);
        world.Cluster.WriteTransient(node, DrainMarks.AttributeOf(kind), null);
    });

    Token? IToken.Read() => Call("Token.Read", () => world.Cluster.CibOf(node).Token is { } text ? Token.Parse(text) : null);

    void IToken.Create() => Call("Token.Create", () => world.Cluster.CreateToken(node));

    bool IToken.Swap(Token from, Token to) => Call("Token.Swap", () => world.Cluster.SwapToken(node, from, to));

    IReadOnlyList<Hold> IHolds.Read() => Call("Holds.Read", () => world.Cluster.CibOf(node).Configuration.Holds.Values.Select(Hold.Parse).ToList());

    FencingView IForesight.Fencing(string name) => Call("Foresight.Fencing", () => world.Cluster.Foresight.Fencing(node, name));

    VotesView IForesight.Votes() => Call("Foresight.Votes", () => world.Cluster.Foresight.Votes(node));

    Forecast IForesight.Drain(string name, DrainMode mode) => Call("Foresight.Drain", () => world.Cluster.Foresight.Without(node, name, mode));

    Forecast IForesight.Loss(string name) => Call("Foresight.Loss", () => world.Cluster.Foresight.Without(node, name, DrainMode.Standby));

    HealthRules IForesight.HealthRules() => Call("Foresight.HealthRules", () => world.Cluster.Foresight.HealthRules(node));

    IReadOnlyList<LockUser> IForesight.LockUsers() => Call("Foresight.LockUsers", () => world.Cluster.Foresight.LockUsers(node));

    // A kernel without DLM has nothing that could not be read.
    LocksView ILockspaces.See() => world.Options.Shared ? Call("Lockspaces.See", node.Locks) : LocksView.None;

    string? ILockspaces.Write(SharedMount mount, string name) => Words("Lockspaces.Write", node.WriteToShared);

    LossTimes IForesight.LossTimes(string name)
    {
        try
        {
            return Call("Foresight.LossTimes", () => SimForesight.LossTimes);
        }
        catch (ToolFailedException e)
        {
            return new LossTimes { Noticed = Fact.Unknown<TimeSpan>(e.Message), Fenced = Fact.Unknown<TimeSpan>(e.Message) };
        }
    }

    IReadOnlyList<LeftOver> IForesight.LeftOvers() => Call<IReadOnlyList<LeftOver>>("Foresight.LeftOvers", () => []);

    IReadOnlyList<FailCount> IForesight.FailCounts() => Call<IReadOnlyList<FailCount>>("Foresight.FailCounts", () => []);

    KernelView IKernel.See() => Call("Kernel.See", () => node.Kernel.View());

    PatchTransition IKernel.SeeTransition() => Call("Kernel.SeeTransition", () => node.Kernel.InTransition ? new PatchTransition(1, [new Blocker(1, "init", [])]) : new PatchTransition(0, []));

    PatchChoice IKernel.Choose(string patch, KernelView kernel) => Call("Kernel.Choose", () => node.Disk.Choose(patch));

    Fact<IReadOnlyList<string>> IKernel.Functions(PatchModule module)
    {
        try
        {
            return Call("Kernel.Functions", () => Fact.Known<IReadOnlyList<string>>([SimKernel.Replaced]));
        }
        catch (ToolFailedException e)
        {
            return Fact.Unknown<IReadOnlyList<string>>(e.Message);
        }
    }

    LoadAnswer IKernel.Load(PatchModule module, Loader loader) => Call("Kernel.Load", () =>
    {
        world.Laws.Loading(node, module);
        return node.Kernel.Load(module);
    });

    void IKernel.Disable(string name) => Call("Kernel.Disable", () => node.Kernel.Disable(name));

    void IKernel.Remove(string name) => Call("Kernel.Remove", () => node.Kernel.Remove(name));

    HealthMark IHealth.Mark() => Call("Health.Mark", node.Kernel.HealthMark);

    HealthView IHealth.Since(HealthMark mark)
    {
        try
        {
            return Call("Health.Since", () => node.Kernel.HealthSince(mark));
        }
        catch (ToolFailedException e)
        {
            return node.Kernel.HealthSince(mark) with { KernelLog = [], Taint = mark.Taint, Unknown = [e.Message] };
        }
    }

    string? IHealth.Ask(string command) => Words("Health.Ask", () => node.HealthCheckSays);

    string? IPackages.Install(string package) => Words("Packages.Install", node.InstallPackage);

    BootView IBootStore.See(PatchModule module) => Call("Boot.See", () => node.Disk.Boot.See(module));

    string? IBootStore.Stage(PatchModule module) => Words("Boot.Stage", () => node.Disk.Boot.Stage(module));

    string? IBootStore.Remove(string path) => Words("Boot.Remove", () => node.Disk.Boot.Remove(path));

    string? IBootStore.Commit(PatchModule module) => Words("Boot.Commit", () =>
    {
        if (node.Disk.Boot.Commit(module) is { } failure)
            return failure;
        world.Laws.Persisted(node, module);
        return null;
    });

    string? IBootStore.Enable() => Words("Boot.Enable", node.Disk.Boot.Enable);

    Attempt? IAttempts.Read() => Call("Attempts.Read", () => node.Disk.Mark);

    void IAttempts.Mark(Attempt attempt) => Call("Attempts.Mark", () => node.Disk.Mark = attempt);

    void IAttempts.Probation(Attempt attempt, TimeSpan lasts, TimeSpan uptime) => Call("Attempts.Probation", () =>
    {
        node.Disk.Mark = attempt with { ProvedAt = uptime + lasts };
        world.Laws.OnProbation(node, world.Now + lasts);
        node.OfThisBoot(lasts, () => node.Disk.Proved(attempt.Boot));
    });

    void IAttempts.Clear() => Call("Attempts.Clear", () => node.Disk.Mark = null);

    void IAttempts.Quarantine(Attempt attempt) => Call("Attempts.Quarantine", () =>
    {
        if (!node.Disk.Quarantined.Contains(attempt.BuildId))
            node.Disk.Quarantined.Add(attempt.BuildId);
        world.Cluster.AttributesChanged(node);
    });

    IReadOnlyCollection<string> IAttempts.Quarantined() => Call("Attempts.Quarantined", () => node.Disk.Quarantined.ToArray());

    JournalEntry IJournal.Read() => Call("Journal.Read", () => new JournalEntry(node.Disk.Journal, node.Disk.Damaged ? "damaged" : null));

    void IJournal.Write(Run run) => Call("Journal.Write", () =>
    {
        world.Laws.Journalled(node, run);
        node.Disk.Journal = run;
        node.Disk.Damaged = false;
    });

    void IJournal.Close(Run? run) => Call("Journal.Close", () =>
    {
        world.Laws.Closing(node, run);
        if (run is { Rehearsal: null })
            node.Disk.Last = run;
        else if (run is not null && RehearsalNotes.Counts(run))
            node.Disk.Rehearsed = RehearsalNotes.Keep(node.Disk.Rehearsed, run);
        node.Disk.Journal = null;
        node.Disk.Damaged = false;
    });

    Run? IJournal.Last() => Call("Journal.Last", () => node.Disk.Last);

    string? IJournal.Unknown() => Call("Journal.Unknown", () => node.Disk.Unknown);

    IReadOnlyList<Run> IJournal.Rehearsed() => Call("Journal.Rehearsed", () => node.Disk.Rehearsed);

    Policy? IHost.Wanted() => Call("Host.Wanted", () => node.Wanted);

    bool IHost.AbortAsked() => Call("Host.AbortAsked", () => node.AbortAsked);

    void IHost.AbortDone() => Call("Host.AbortDone", () => node.AbortAsked = false);

    string? IHost.AskGate(string command, string release, PatchModule? module) => Words("Host.AskGate", () => node.GateCommandSays);

    void IHost.Reboot() => Call("Host.Reboot", () =>
    {
        world.Laws.Rebooting(node);
        if (!node.RebootHangs)
            node.Reboot();
    });

    string IHost.NewRunId() => Call("Host.NewRunId", () => $"{node.BootId}.run{++_runs}");

    RehearsalWish? IRehearsals.Read() => Call("Rehearsals.Read", () => world.Cluster.CibOf(node).WishRead);

    // A port that does not throw says what failed.
    private string? Words(string port, Func<string?> effect)
    {
        try
        {
            return Call(port, effect);
        }
        catch (ToolFailedException e)
        {
            return e.Message;
        }
    }

    private void Call(string port, Action effect) => Call(port, () =>
    {
        effect();
        return true;
    });

    private T Call<T>(string port, Func<T> effect)
    {
        var life = node.Worker.Life;
        var call = new PortCall(++world.PortCalls, node, port);
        world.Trace.Note(world.Now, node.Name, port, node.Disk.Journal);
        var fault = world.Faults.At(world, call);
        GoesOn(life);
        if (fault != Fault.None)
            world.Trace.Note(world.Now, node.Name, $"call {call.Index}, fault:", fault);
        switch (fault)
        {
            case Fault.CrashBefore:
                throw new WorkerKilledException();
            case Fault.FailBefore:
                throw new ToolFailedException(port, null, "simulated: failed, nothing done");
            case Fault.PowerOffBefore:
                node.PowerOff("power cut");
                throw new NodeWentDownException();
        }

        world.Laws.Look();
        var answer = effect();
        world.Laws.Look();
        GoesOn(life);
        switch (fault)
        {
            case Fault.CrashAfter:
                throw new WorkerKilledException();
            case Fault.FailAfter:
                throw new ToolFailedException(port, null, "simulated: failed, though done");
            case Fault.PowerOffAfter:
                node.PowerOff("power cut");
                throw new NodeWentDownException();
        }

        return answer;
    }

    // While the call was under way, or by it, the node may have gone down (and even come back).
    private void GoesOn(int life)
    {
        if (life != node.Worker.Life)
            throw new NodeWentDownException();
    }
}
