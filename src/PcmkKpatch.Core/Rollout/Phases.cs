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

    /// <summary>The distributed locks of this node's kernel.</summary>
    protected ILockspaces Lockspaces => ports.Lockspaces;

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
        PatchGates.Judge(module, kernelNow, Attempts.Quarantined()).Concat(policy.Persist == Rollout.Persist.Yes ? BootGates.Judge(Boot.See(module)) : [])
            .Concat(KernelGates.JudgeSupport(kernelNow.Support, module)).Concat(KernelGates.JudgeProbes(module, kernelNow.Kprobes, Kernel.Functions));

    /// <summary>
    /// The run where neither its own mark nor the administrator's standby is there any more, and with what it then leaves; null where one is, or none is
    /// needed. It is not set again: who cleared it wants the node back.
    /// </summary>
    protected Run? WithoutMark(Run run)
    {
        if (run.Drain == DrainMode.None)
            return null;
        var marks = Cluster.SeeMarks();
        if (marks.HasOurs(run.Drain) || marks.IsAdministrators)
            return null;
        var gone = run.Drain == DrainMode.Health ? $"marked as unhealthy by {DrainMarks.HealthAttribute}" : "in standby";
        return run with { Verdict = Verdict.TakenAway, Why = $"{run.Node} is no longer {gone}: somebody cleared it, or the cluster was restarted here" };
    }

    /// <summary>What still keeps the run's node from being drained, or the cluster from being at rest.</summary>
    protected IEnumerable<Refusal> NotDrained(Run run, ClusterView view)
    {
        // What may stay is asked for where something is there that may be it.
        var asked = run.Drain == DrainMode.Health && view.ActiveOn(run.Node, r => !r.IsOurs).Count > 0;
        return DrainGates.Judge(view, run.Drain, asked ? Foresight.HealthRules().Staying : []).Concat(LockspaceGates.JudgeLeft(Lockspaces, Foresight, view, run.Drain, run.LocksBefore));
    }

    /// <summary>What speaks against having everything stopped here, by what this node's kernel locks together with others; as it would be drained in that way.</summary>
    protected IReadOnlyList<Refusal> LockspacesAgainst(Run run, DrainMode mode, Func<ClusterView> see) => LockspaceGates.Judge(Lockspaces, Foresight, see, run.Policy, mode);

    /// <summary>The token is this run's.</summary>
    protected bool HasToken(Run run) => Tokens.Read()?.IsHeldBy(run.Node, run.Id) == true;

    /// <summary>What is wrong with the node since the load, and what could not be read; nothing where there was no load.</summary>
    protected (IReadOnlyList<Trouble> Troubles, IReadOnlyList<string> Unknown) LookAtHealth(Run run)
    {
        if (run.HealthBefore is not { } before)
            return ([], []);
        var seen = HealthOf.Since(before);
        var patch = run.Patch is { } module && DlmWarnings.MayBeIn(seen.KernelLog) ? Kernel.See().Patch(module.Name) : null;
        return (Health.Judge(before, seen, patch), seen.Unknown);
    }

    /// <summary>What the administrator's own check complains of, or nothing.</summary>
    protected IEnumerable<Trouble> Complaint(Run run) =>
        run.Policy.HealthCheck is { } check && HealthOf.Ask(check) is { } complaint ? [new($"{check}: {complaint}", InKernel: false)] : [];

    /// <summary>The live patches in that kernel, to be compared with later.</summary>
    protected static IReadOnlyList<string> Words(KernelView kernel) => [.. kernel.Patches.Select(p => $"{p.Name} {p.BuildId} {p.InForce}").Order(StringComparer.Ordinal)];

    /// <summary>How long the run has been in its phase.</summary>
    protected static TimeSpan Elapsed(Run run, Moment now) => now.Uptime - run.PhaseSince;

    /// <summary>A time for people.</summary>
    protected static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0} s";

    /// <summary>On to that phase, at once.</summary>
    protected static Next Go(Run run, Phase phase, Moment now) => Next.Go(run with { Phase = phase, PhaseSince = now.Uptime });

    /// <summary>The patch was found good: on to have it loaded at boot, where that is wanted.</summary>
    protected static Next ToBoot(Run run, Moment now) => Go(run, run.Policy.Persist == Persist.No ? Phase.Release : Phase.Persist, now);

    /// <summary>Home, with that verdict.</summary>
    protected static Next Leave(Run run, Verdict verdict, string why, Moment now) => GoHome(run with { Verdict = verdict, Why = why }, now);

    /// <summary>Home. A run that has marked nothing has nothing to take back.</summary>
    protected static Next GoHome(Run run, Moment now) =>
        Go(run, run.Drain == DrainMode.None && run.MarksInFlight.Count == 0 ? Phase.Confirm : Phase.Unstandby, now);
}
