using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;

namespace PcmkKpatch.Core.Rollout;

/// <summary>What the phases share: the ports, the ways from one phase to the next, and how long to wait between two looks.</summary>
public abstract class Phases(Ports ports)
{
    /// <summary>How soon a change of our own is read back.</summary>
    protected static readonly TimeSpan ReadBack = TimeSpan.FromMilliseconds(100);

    /// <summary>How soon the cluster or the kernel is looked at again.</summary>
    protected static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    /// <summary>How soon something is looked at again that may take for ever.</summary>
    protected static readonly TimeSpan IdlePoll = TimeSpan.FromSeconds(2);

    /// <summary>The cluster.</summary>
    protected ICluster Cluster => ports.Cluster;

    /// <summary>The rollout's token.</summary>
    protected IToken Tokens => ports.Tokens;

    /// <summary>What people hold.</summary>
    protected IHolds Holds => ports.Holds;

    /// <summary>What would come of a drain, or of the node's death.</summary>
    protected IForesight Foresight => ports.Foresight;

    /// <summary>The running kernel.</summary>
    protected IKernel Kernel => ports.Kernel;

    /// <summary>How the node is.</summary>
    protected IHealth HealthOf => ports.Health;

    /// <summary>The package manager.</summary>
    protected IPackages Packages => ports.Packages;

    /// <summary>What is loaded at boot.</summary>
    protected IBootStore Boot => ports.Boot;

    /// <summary>The patches on trial.</summary>
    protected IAttempts Attempts => ports.Attempts;

    /// <summary>This node's journal.</summary>
    protected IJournal Journal => ports.Journal;

    /// <summary>This machine.</summary>
    protected IHost Host => ports.Host;

    /// <summary>What people want rehearsed.</summary>
    protected IRehearsals Rehearsals => ports.Rehearsals;

    /// <summary>The run must not go on, whatever it is doing, and the kernel is certain.</summary>
    protected Next? MustLeave(Run run, Moment now) =>
        Host.AbortAsked() ? Leave(run, Verdict.Aborted, "aborted by a person", now)
        : !HasToken(run) ? Leave(run, Verdict.TakenAway, "the token was taken away from this run", now)
        : IsCalledOff(run) ? Leave(run, Verdict.Cancelled, "the rehearsal was called off", now)
        : null;

    /// <summary>It is a rehearsal, and that one is not wished any more.</summary>
    protected bool IsCalledOff(Run run) => run.Rehearsal is { } rehearsal && Rehearsals.Read()?.Id != rehearsal.Id;

    /// <summary>What this node itself says for or against the patch.</summary>
    protected IEnumerable<Refusal> HereGates(PatchModule module, KernelView kernelNow, Policy policy) =>
        PatchGates.Judge(module, kernelNow, Attempts.Quarantined()).Concat(policy.Persist == Rollout.Persist.Yes ? BootGates.Judge(Boot.See(module)) : []);

    /// <summary>
    /// The run where neither its own standby nor the administrator's is there any more, and with what it then leaves; null where one is. It is not
    /// set again: who cleared it wants the node back.
    /// </summary>
    protected Run? WithoutStandby(Run run) => Cluster.SeeStandby() is { IsOurs: false, IsAdministrators: false }
        ? run with { Verdict = Verdict.TakenAway, Why = $"{run.Node} is no longer in standby: somebody cleared it, or the cluster was restarted here" }
        : null;

    /// <summary>The token is this run's.</summary>
    protected bool HasToken(Run run) => Tokens.Read()?.IsHeldBy(run.Node, run.Id) == true;

    /// <summary>What is wrong with the node since the load, and what could not be read; nothing where there was no load.</summary>
    protected (IReadOnlyList<Trouble> Troubles, IReadOnlyList<string> Unknown) LookAtHealth(Run run)
    {
        if (run.HealthBefore is not { } before)
            return ([], []);
        var seen = HealthOf.Since(before);
        return (Health.Judge(before, seen), seen.Unknown);
    }

    /// <summary>What the administrator's own check complains of, or nothing.</summary>
    protected IEnumerable<Trouble> Complaint(Run run) =>
        run.Policy.HealthCheck is { } check && HealthOf.Ask(check) is { } complaint ? [new($"{check}: {complaint}", InKernel: false)] : [];

    /// <summary>How long the run has been in its phase.</summary>
    protected static TimeSpan Elapsed(Run run, Moment now) => now.Uptime - run.PhaseSince;

    /// <summary>A time for people.</summary>
    protected static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0} s";

    /// <summary>On to that phase, at once.</summary>
    protected static Next Go(Run run, Phase phase, Moment now) => Next.Go(run with { Phase = phase, PhaseSince = now.Uptime });

    /// <summary>Home, with that verdict.</summary>
    protected static Next Leave(Run run, Verdict verdict, string why, Moment now) => Go(run with { Verdict = verdict, Why = why }, Phase.Unstandby, now);
}
