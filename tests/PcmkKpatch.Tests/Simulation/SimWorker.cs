using PcmkKpatch.Core;
using PcmkKpatch.Core.Notices;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>The worker's process on a node: the program's own loop around the shipped machine, and systemd around that.</summary>
internal sealed class SimWorker(World world, SimNode node)
{
    private Worker? _machine;

    /// <summary>Counts the lives of the process, so that nothing of an earlier one goes on.</summary>
    public int Life { get; private set; }

    public bool Runs { get; private set; }

    public bool InTick { get; private set; }

    public string LastSaid { get; private set; } = "";

    /// <summary>The events that people were told of; what lasts once for each reason, as the program does it.</summary>
    public List<Notice> Told { get; } = [];

    public void Start()
    {
        if (Runs || !node.PoweredOn)
            return;
        Runs = true;
        Life++;
        Wake(Life, Timing.Tick);
    }

    /// <summary>The process is gone, with nobody to start it again.</summary>
    public void Die()
    {
        Runs = false;
        Life++;
    }

    private void Wake(int life, TimeSpan delay) => world.After(delay, () =>
    {
        if (life != Life || !Runs)
            return;
        // A life that ended inside a slow port call has not been unwound yet.
        if (InTick)
            Wake(life, Timing.Tick);
        else
            Tick(life);
    });

    private void Tick(int life)
    {
        _machine ??= Machine();
        InTick = true;
        world.Laws.TickBegins(node);
        try
        {
            var next = _machine.Tick(world.MomentOn(node));
            LastSaid = next.Say;
            Told.AddRange(StepNotices.Of(next).Where(notice => !notice.Entry.Lasts || Told.FindLast(told => told.Entry == notice.Entry)?.Why != notice.Why));
            if (StateWords.After(next) is { } state)
                world.Cluster.Publish(node, state);
            if (next.After is { } after)
                Wake(life, after > Timing.Tick ? after : Timing.Tick);
            else
                Runs = false;
        }
        catch (ToolFailedException e)
        {
            LastSaid = e.Message;
            world.Trace.Note(world.Now, node.Name, "tool failed:", e.Message);
            Wake(life, Timing.AfterToolFailed);
        }
        catch (WorkerKilledException)
        {
            world.Trace.Note(world.Now, node.Name, "worker killed");
            world.Laws.WorkerKilled(node);
            Die();
            node.OfThisBoot(Timing.WorkerRestart, Start);
        }
        catch (NodeWentDownException)
        {
            // Boot starts another one.
        }
        finally
        {
            InTick = false;
        }
    }

    private Worker Machine()
    {
        return new Worker(world.Options.Plant(SimPorts.Of(world, node), node));
    }
}
