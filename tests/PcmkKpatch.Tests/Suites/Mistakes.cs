using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Core.Schedule;
using PcmkKpatch.Tests.Simulation;

namespace PcmkKpatch.Tests.Suites;

/// <summary>
/// Plausible mistakes. One that would be inside the machine is planted as a port that lies in such a way that the machine does what it
/// would do with that mistake.
/// </summary>
internal static class Mistakes
{
    /// <summary>Looks whether the token is as expected, and then writes: two steps.</summary>
    public sealed class SwapInTwoSteps(World world, SimNode node, IToken inner) : ForwardingToken(inner)
    {
        public override bool Swap(Token from, Token to)
        {
            if (Read() != from)
                return false;
            world.RunDuringCall(TimeSpan.FromMilliseconds(100));
            world.Cluster.OverwriteToken(node, to);
            return true;
        }
    }

    /// <summary>crm_standby -D without a lifetime deletes both.</summary>
    public sealed class ClearsBothLifetimes(World world, SimNode node, ICluster inner) : ForwardingCluster(inner)
    {
        public override void ClearMark(DrainMode kind)
        {
            base.ClearMark(kind);
            if (node.Partition?.Cib.Configuration.Standby.ContainsKey(node.Name) == true)
                world.Cluster.SetPermanent(node, node, null, Writer.Program);
        }
    }

    /// <summary>Takes any standby for its own, by looking at whether one is there and not at what it says.</summary>
    public sealed class TakesAnyStandbyForItsOwn(ICluster inner) : ForwardingCluster(inner)
    {
        public override DrainMarks SeeMarks() => base.SeeMarks() is { Standby.Transient: not null } seen ? seen with { Standby = seen.Standby with { Transient = Standby.OurValue } } : base.SeeMarks();
    }

    /// <summary>Believes that the mark is gone because the command was sent, and sends it no more.</summary>
    public sealed class DoesNotReadBack(ICluster inner) : ForwardingCluster(inner)
    {
        private bool _cleared;

        public override DrainMarks SeeMarks() => _cleared ? new DrainMarks(new Standby(null, null)) : base.SeeMarks();

        public override void ClearMark(DrainMode kind)
        {
            if (_cleared)
                return;
            _cleared = true;
            base.ClearMark(kind);
        }
    }

    /// <summary>Gives the token back before the node is home.</summary>
    public sealed class ReleasesBeforeUnstandby(ICluster inner, IToken token) : ForwardingCluster(inner)
    {
        public override void ClearMark(DrainMode kind)
        {
            if (token.Read() is { State: TokenState.Held } held)
                token.Swap(held, Token.Free);
            base.ClearMark(kind);
        }
    }

    /// <summary>Asks neither the membership for quorum nor the DC for the members.</summary>
    public sealed class DoesNotLookAtQuorum(ICluster inner) : ForwardingCluster(inner)
    {
        public override ClusterView See()
        {
            var seen = base.See();
            return seen with { QuorumByCib = true, QuorumByMembership = true, Nodes = [.. seen.Nodes.Select(n => n with { Online = true, Unclean = false, Pending = false })] };
        }
    }

    /// <summary>Takes the drain for done when the mark is set.</summary>
    public sealed class DoesNotWaitForTheDrain(SimNode node, ICluster inner) : ForwardingCluster(inner)
    {
        public override ClusterView See()
        {
            var seen = base.See();
            return seen with { Settled = true, Resources = [.. seen.Resources.Where(r => !r.Nodes.Contains(node.Name) || seen.Local is { Standby: false, Unhealthy: false })] };
        }
    }

    /// <summary>Reads the token once, and remembers that it holds it.</summary>
    public sealed class RemembersTheToken(IToken inner) : ForwardingToken(inner)
    {
        private Token? _held;

        public override Token? Read() => _held ?? base.Read();

        public override bool Swap(Token from, Token to)
        {
            var swapped = base.Swap(from, to);
            _held = swapped && to.State == TokenState.Held ? to : null;
            return swapped;
        }
    }

    /// <summary>Keeps the mark in memory: it is not on disk when the node goes down.</summary>
    public sealed class MarkIsNotSynced(IAttempts inner) : ForwardingAttempts(inner)
    {
        private Attempt? _mark;

        public override Attempt? Read() => _mark;

        public override void Mark(Attempt attempt) => _mark = attempt;

        public override void Probation(Attempt attempt, TimeSpan lasts, TimeSpan uptime) => _mark = attempt with { ProvedAt = uptime + lasts };

        public override void Clear() => _mark = null;
    }

    /// <summary>Finds the mark of an earlier boot and only tidies it away.</summary>
    public sealed class DoesNotQuarantine(IAttempts inner) : ForwardingAttempts(inner)
    {
        public override void Quarantine(Attempt attempt)
        {
        }
    }

    /// <summary>Takes the machine's id for the boot's: a reboot is not noticed.</summary>
    public sealed class DoesNotNoticeAReboot(IHost inner) : ForwardingHost(inner)
    {
        public override string BootId => Node;
    }

    /// <summary>Believes that what was given to the loader is in force.</summary>
    public sealed class DoesNotReadTheKernel(IKernel inner) : ForwardingKernel(inner)
    {
        private PatchModule? _loaded;

        public override KernelView See()
        {
            var seen = base.See();
            return _loaded is null ? seen : seen with { Patches = [new LivePatch(_loaded.Name, true, false, _loaded.BuildId)] };
        }

        public override LoadAnswer Load(PatchModule module, Loader loader)
        {
            _loaded = module;
            return base.Load(module, loader);
        }
    }

    /// <summary>Takes the node for well without looking.</summary>
    public sealed class DoesNotLookAtTheHealth(IHealth inner) : ForwardingHealth(inner)
    {
        public override HealthView Since(HealthMark mark) => base.Since(mark) with { Taint = mark.Taint, KernelLog = [], Unknown = [] };
    }

    /// <summary>Lets a patch off when its run has ended: there is no probation.</summary>
    public sealed class KnowsNoProbation(IAttempts inner) : ForwardingAttempts(inner)
    {
        public override void Probation(Attempt attempt, TimeSpan lasts, TimeSpan uptime) => Clear();
    }

    /// <summary>Leaves the older patch where it is loaded at boot too.</summary>
    public sealed class LeavesTheOlderAtBoot(IBootStore inner) : ForwardingBootStore(inner)
    {
        public override BootView See(PatchModule module) => base.See(module) with { Modules = [] };
    }

    /// <summary>Takes a failed load for one that was put off: a gate's refusal halts nothing.</summary>
    public sealed class FailureDoesNotHalt(IToken inner) : ForwardingToken(inner)
    {
        public override bool Swap(Token from, Token to) => base.Swap(from, to.State == TokenState.Halted ? Token.Free : to);
    }

    /// <summary>Reads the parameter as drain=none.</summary>
    public sealed class DrainsNothing(IHost inner) : ForwardingHost(inner)
    {
        public override Policy? Wanted() => base.Wanted() is { } policy ? policy with { Drain = DrainMode.None } : null;
    }

    /// <summary>Puts the node in standby, whatever was asked for.</summary>
    public sealed class KnowsStandbyOnly(ICluster inner) : ForwardingCluster(inner)
    {
        public override void SetMark(DrainMode kind) => base.SetMark(DrainMode.Standby);
    }

    /// <summary>Loads without waiting for the cluster to come to rest.</summary>
    public sealed class DoesNotWaitForRest(SimNode node, ICluster inner) : ForwardingCluster(inner)
    {
        public override ClusterView See() => base.See() is var seen && node.Disk.Journal?.Phase == Phase.Load ? seen with { Settled = true } : seen;
    }

    /// <summary>Takes any wish to have something done about a node that is not well for a wish to have it rebooted.</summary>
    public sealed class TakesRollbackForAReboot(IHost inner) : ForwardingHost(inner)
    {
        public override Policy? Wanted() => base.Wanted() is { } policy ? policy with { Rollback = Rollback.Reboot } : null;
    }

    /// <summary>Does not read the kernel any more once the run is on its way home.</summary>
    public sealed class RemembersThatItIsInForce(SimNode node, IKernel inner) : ForwardingKernel(inner)
    {
        public override KernelView See() => base.See() is var seen && node.Disk.Journal is { Verdict: Verdict.Patched, Patch: { } patch }
            ? seen with { Patches = [new LivePatch(patch.Name, true, false, patch.BuildId)] } : seen;
    }

    /// <summary>Has said in the token that its node is parked, and never looks again whether that still stands there.</summary>
    public sealed class RemembersWhatItParked(IToken inner) : ForwardingToken(inner)
    {
        private Token? _parked;

        public override Token? Read() => _parked ?? base.Read();

        public override bool Swap(Token from, Token to)
        {
            var swapped = base.Swap(from, to);
            _parked = swapped && to.State == TokenState.Parked ? to : _parked;
            return swapped;
        }
    }

    /// <summary>Does not ask whether a rehearsal is wished.</summary>
    public sealed class LooksForNoRehearsal(IRehearsals inner) : ForwardingRehearsals(inner)
    {
        public override RehearsalWish? Read() => null;
    }

    /// <summary>Asks whether a rehearsal is wished when it wants the token, and not again when it has it.</summary>
    public sealed class LooksForOneOnlyAtFirst(SimNode node, IRehearsals inner) : ForwardingRehearsals(inner)
    {
        public override RehearsalWish? Read() => node.Disk.Journal is { Phase: Phase.Gate, Rehearsal: null } ? null : base.Read();
    }

    /// <summary>Does not remember which rehearsals the node went through.</summary>
    public sealed class ForgetsRehearsals(IJournal inner) : ForwardingJournal(inner)
    {
        public override IReadOnlyList<Run> Rehearsed() => [];
    }

    /// <summary>Takes for granted that the cluster has mounted whatever is mounted.</summary>
    public sealed class LooksForNoLockspaces(ILockspaces inner) : ForwardingLockspaces(inner)
    {
        public override LocksView See() => LocksView.None;
    }

    /// <summary>Looks for lockspaces at the gate, and not again in the moment before the standby.</summary>
    public sealed class LooksForLockspacesOnce(SimNode node, ILockspaces inner) : ForwardingLockspaces(inner)
    {
        public override LocksView See() => node.Disk.Journal?.Phase == Phase.Standby ? LocksView.None : base.See();
    }

    /// <summary>Takes what was locked before the drain for locked again when the resources are back.</summary>
    public sealed class BelievesTheClusterOfLocks(SimNode node, ILockspaces inner) : ForwardingLockspaces(inner)
    {
        public override LocksView See() => node.Disk.Journal is { Phase: Phase.Confirm, LocksBefore: [var key, ..] } && LockUse.Parts(key) is (var lockspace, { } point)
            ? new() { Lockspaces = [lockspace], Mounts = [new("gfs2", "/dev/shared", "253:0", point, lockspace)] } : base.See();
    }

    /// <summary>Takes a write that fails for one that worked.</summary>
    public sealed class WritesNothing(ILockspaces inner) : ForwardingLockspaces(inner)
    {
        public override string? Write(SharedMount mount, string node) => null;
    }

    /// <summary>Forgets to write one phase down.</summary>
    public sealed class JournalForgets(IJournal inner, Phase phase) : ForwardingJournal(inner)
    {
        public override void Write(Run run)
        {
            if (run.Phase != phase)
                base.Write(run);
        }
    }
}
