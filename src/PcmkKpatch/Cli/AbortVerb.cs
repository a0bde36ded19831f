using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Notices;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.Ocf;

namespace PcmkKpatch.Cli;

/// <summary>pcmk-kpatch abort: a person brings this node home, whatever its run is doing. The rollout halts.</summary>
internal sealed class AbortVerb(IToken tokens, IHost host)
{
    /// <summary>Asks the worker to go home and follows it there. Returns 0 where the node is home.</summary>
    public int Execute()
    {
        var entry = JournalFile.OfThisNode.Read();
        if (entry.Run is null && entry.Damaged is null)
            return SayTheEndAgain();

        if (entry.Run is { Phase: Phase.Acquire } waiting)
        {
            Console.Error.WriteLine($"pcmk-kpatch: this node only waits for its turn, nothing was changed; to keep it from beginning: pcmk-kpatch hold {waiting.Node}");
            return 1;
        }

        var asked = DateTimeOffset.UtcNow;
        Posix.Replace(Paths.Abort, "asked by a person\n"u8);
        Deed.Tell(host, Event.AbortAsked, $"the run is aborted{(entry.Run is { } run ? $" in phase {run.Phase.ToString().ToLowerInvariant()}" : "")}", entry.Run);
        return HaveTheWorkerDoIt(asked, "The abort is carried out as soon as it goes on");
    }

    // An old configuration that was pushed, or a partition's that won, may name a run that has ended. Where the agent is stopped here, as by a standby of the
    // administrator's, nobody notices that.
    private int SayTheEndAgain()
    {
        if (tokens.Read()?.IsHeldOn(host.Node) == true)
            return HaveTheWorkerDoIt(DateTimeOffset.UtcNow, "The token is given back as soon as it goes on");
        Console.Error.WriteLine("pcmk-kpatch: this node has no run to abort; see pcmk-kpatch status for the node that has");
        return 1;
    }

    private static int HaveTheWorkerDoIt(DateTimeOffset since, string later)
    {
        Paths.Prepare();
        if (!WorkerLock.IsHeld())
            SystemdRun.StartWorker($"{Caller.BySudo ?? "root"}, with abort");
        StuckWorker? stuck = null;
        Follow.UntilDone(since, timeout: null, isOver: () => (stuck = SignOfLife.Look()) is not null);
        if (stuck is null)
            return 0;
        Console.Error.WriteLine($"pcmk-kpatch: {stuck.Why}; see pcmk-kpatch status. {later}");
        return 1;
    }
}
