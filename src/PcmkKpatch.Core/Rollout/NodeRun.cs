using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Schedule;

namespace PcmkKpatch.Core.Rollout;

/// <summary>
/// One node's run, top to bottom: acquire → gate → standby → drain → (at the kernel: install → load → verify → soak) → unstandby →
/// confirm → (pausing: pause) → persist → (releasing: release); where nothing is to be drained, without standby, drain and unstandby. A step does one thing and says when
/// to come back; it never sleeps. Every phase looks before it acts,
/// so it may be tried twice, and makes at most one change. A failed run and a good one leave by the same road; only the verdict differs. A
/// rehearsal is the same run, with a look around in the place of all that is at the kernel.
/// </summary>
public sealed class NodeRun(Ports ports) : Phases(ports)
{
    private static readonly TimeSpan s_settleTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_attributeLag = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_standbyTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_persistTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_turnTimeout = TimeSpan.FromSeconds(60);
    private readonly AtTheKernel _atTheKernel = new(ports);
    private readonly Homecoming _homecoming = new(ports);
    private readonly Pausing _pausing = new(ports);
    private readonly Releasing _releasing = new(ports);
    private readonly Rehearsing _rehearsing = new(ports);

    /// <summary>Tries the run's phase once.</summary>
    public Next Step(Run run, Moment now)
    {
        if (run.Boot != Host.BootId)
            return AfterBoot(run, now);
        // Patched is observed, never remembered: who took the patch away or replaced it on the way home has the rollout halted.
        if (run.Verdict == Verdict.Patched && !Kernel.See().HasInForce(run.Patch!))
            run = run with { Verdict = Verdict.LoadRefused, Why = $"{run.Patch!.Name} was in force, and is gone again or replaced" };
        return run.Phase switch
        {
            Phase.Acquire => Acquire(run, now),
            Phase.Gate => Gate(run, now),
            Phase.Standby => Standby(run, now),
            Phase.Drain => Drain(run, now),
            Phase.Install => _atTheKernel.Install(run, now),
            Phase.Load => _atTheKernel.Load(run, now),
            Phase.Reverse => _atTheKernel.Reverse(run, now),
            Phase.Verify => run.Rehearsal is null ? _atTheKernel.Verify(run, now) : _rehearsing.LookAround(run, now),
            Phase.Soak => _atTheKernel.Soak(run, now),
            Phase.Rollback => _atTheKernel.Rollback(run, now),
            Phase.Unstandby => Unstandby(run, now),
            Phase.Confirm => _homecoming.Confirm(run, now),
            Phase.Pause => _pausing.Pause(run, now),
            Phase.Persist => Persist(run, now),
            Phase.Release => _releasing.Release(run, now),
            Phase.Parked => Parked(run, now),
            _ => throw new InvalidOperationException($"no such phase: {run.Phase}"),
        };
    }

    // The node went down in the run. What had only been loaded is gone; if a load was under way, that patch is not tried again.
    private Next AfterBoot(Run run, Moment now)
    {
        var why = $"{run.Node} went down in phase {run.Phase.ToString().ToLowerInvariant()}";
        if (Attempts.Read() is { } attempt)
        {
            Attempts.Quarantine(attempt);
            Attempts.Clear();
            why += $" with {attempt.Patch} on trial: quarantined here";
        }

        // What was counted in another boot says nothing of this one; nor does an attribute daemon of that boot remember anything.
        run = run with { Boot = Host.BootId, HealthBefore = null, MarksToDelete = [], GivingBack = run.GivingBack || (run.Phase == Phase.Release && !run.HaltOwed) };
        // The reboot was ours: the verdict that asked for it stands.
        if (run.Phase == Phase.Rollback && run.Policy.Rollback == Rollback.Reboot)
            return Leave(run, run.Verdict, $"{run.Why}; rebooted without the patch", now);
        // Up to the gate nothing was changed but the token.
        return run.Phase is Phase.Acquire or Phase.Gate
            ? Go(run with { Verdict = Verdict.Refused, Why = why }, Phase.Release, now)
            : Leave(run, Verdict.NodeDown, run.Why.Length > 0 ? $"{why} ({run.Why})" : why, now);
    }

    private Next Acquire(Run run, Moment now)
    {
        var token = Tokens.Read();
        if (token is null)
        {
            Tokens.Create();
            return Next.Wait(run, TimeSpan.Zero, "creating the token");
        }

        if (token.IsHeldBy(run.Node, run.Id))
            return Go(run with { Taken = run.Taken ?? now.Wall }, Phase.Gate, now);
        if (token.IsHeldOn(run.Node))
            return TakeUp(token, run, now);
        if (Host.Wanted() is not { } policy)
            return Next.Done("the agent is stopped on this node");

        // What people want rehearsed goes first. Then it is no matter whether a patch is due.
        var wish = Rehearsals.Read();
        run = _rehearsing.Which(run, wish, now);
        PatchModule? module = null;
        IEnumerable<Refusal> here = [];
        if (run.Rehearsal is null)
        {
            var kernelNow = Kernel.See();
            var choice = Kernel.Choose(policy.Patch, kernelNow);
            if (choice is PatchChoice.Unusable unusable)
                return ForAPerson(unusable.Why, run);
            if (PatchStates.Judge(choice, kernelNow) != PatchState.Due)
                return Next.Done("no patch is due on this node");
            module = ((PatchChoice.Found)choice).Module;
            var levels = policy.Levels();
            here = HereGates(module, kernelNow, policy).Where(r => levels.Of(r) == GateLevel.Refuse);
        }

        // First what can be seen without the token, so that a node that may not run does not hold up one that may.
        if (TimeGates(run, module, token, policy, now).Concat(here).FirstOrDefault() is { } refusal)
            return WaitFor(refusal, run);

        if (TokenGates.Judge(token, policy, now).FirstOrDefault() is { } notFree)
        {
            return token.State == TokenState.Held && !token.IsOlderThan(policy.LongestRun, now.Wall)
                ? Next.Wait(run.TurnSince is null ? run : run with { TurnSince = null }, IdlePoll, $"waiting for {token.Node}, which has the token since {token.Since}")
                : ForAPerson(notFree, run);
        }

        var view = Cluster.See();
        var failed = module is null ? [] : FleetGates.TooManyFailures(module, token.Failures, policy);
        var fleet = module is null ? [] : FleetGates.Judge(module, view, policy).Concat(RehearsalGates.Judge(wish, view, now.Wall));
        if (failed.Concat(ClusterGates.Judge(view)).Concat(fleet).Concat(FleetGates.AnotherIsAway(view)).FirstOrDefault() is { } notNow)
            return WaitFor(notNow, run);
        if (Order.Parse(policy.Order, out _) is { } order && policy.Order.Length > 0 && order.Next(view, Candidates(view)) is { } next && next != run.Node)
        {
            // It is a wish for an order and no lock: who does not come is not waited for.
            var since = run.TurnSince ?? now.Uptime;
            if (now.Uptime - since <= s_turnTimeout)
                return Next.Wait(run.TurnSince is null ? run with { TurnSince = since } : run, IdlePoll, $"waiting for {next}, whose turn it is");
        }

        var taken = module is null ? Token.HeldToRehearse(run.Node, run.Id, run.Boot, now.Wall, token.Failures) : Token.Held(run.Node, run.Id, run.Boot, now.Wall, token.Failures);
        return Tokens.Swap(token, taken)
            ? Go(run with { Taken = now.Wall }, Phase.Gate, now)
            : Next.Wait(run, TimeSpan.Zero, "another node was faster to take the token");
    }

    // Is this the time, by the calendar, by what people hold and, where a person did not ask for it, by what became of the last run?
    private IEnumerable<Refusal> TimeGates(Run run, PatchModule? module, Token token, Policy policy, Moment now)
    {
        var last = Journal.Last();
        return ScheduleGates.Records(Journal.Unknown()).Concat(module is null ? [] : ScheduleGates.BackOff(last, module, token.Failures, policy, now)).Concat(ScheduleGates.OutOfHours(policy.Timetable(), policy.Estimate(last), now))
            .Concat(ScheduleGates.Held(Holds.Read(), run.Node, now));
    }

    // Those that want the token and say that nothing else keeps them from taking it.
    private static IEnumerable<string> Candidates(ClusterView view) => view.Nodes
        .Where(n => n is { IsMember: true, Online: true, Standby: false, Maintenance: false } && (n.Name == view.LocalNode || StateWords.WantsTheToken(n.Attributes.GetValueOrDefault(FleetGates.StateAttribute, ""))))
        .Select(n => n.Name);

    private static Next WaitFor(Refusal refusal, Run run) =>
        refusal.NeedsPerson ? ForAPerson(refusal, run) : Next.Wait(run, IdlePoll, refusal.ToString());

    private static Next ForAPerson(Refusal refusal, Run run) => Next.Person(run, IdlePoll, $"{refusal}. {refusal.Remedy}") with { ToldByAnother = refusal.IsToldByAnother };

    /// <summary>
    /// That run has ended, and yet the token names it. Its release was undone: a partition's CIB won over the one that had it, or a CIB
    /// was pushed from a file. How the run ended is known, and is said again; but not that its patch is in force, where the kernel says otherwise.
    /// </summary>
    public static Run ReleaseAgain(Run ended, string boot, KernelView kernel, Moment now)
    {
        var run = ended with { Boot = boot, Ended = null, Again = true, Phase = Phase.Release, PhaseSince = now.Uptime };
        return ended.Verdict != Verdict.Patched || kernel.HasInForce(ended.Patch!) ? run
            : run with { Verdict = Verdict.Refused, Why = $"the token named a run again that had ended with: {ended.Why}" };
    }

    // The token names a run of this node that is not the journal's.
    private Next TakeUp(Token token, Run run, Moment now) => Journal.Ended(token.Run) is { } ended
        ? Next.Go(ReleaseAgain(ended, run.Boot, Kernel.See(), now))
        : Go(
            run with
            {
                Id = token.Run,
                Rehearsal = null,
                MarksInFlight = DrainMarks.Kinds,
                MarksToDelete = DrainMarks.Kinds,
                Verdict = Verdict.JournalLost,
                Why = $"{run.Node} was found holding the token for a run of which it knows nothing",
            },
            Phase.Unstandby,
            now);

    private Next Gate(Run run, Moment now)
    {
        if (!HasToken(run))
            return Go(run with { Verdict = Verdict.TakenAway, Why = "the token was taken away before anything was changed" }, Phase.Release, now);
        if (Host.AbortAsked())
            return Go(run with { Verdict = Verdict.Aborted, Why = "aborted by a person before anything was changed" }, Phase.Release, now);
        if (Host.Wanted() is not { } policy)
            return Go(run with { Verdict = Verdict.AgentStopped, Why = "the agent was stopped on this node" }, Phase.Release, now);

        if (IsCalledOff(run))
            return Go(run with { Verdict = Verdict.Cancelled, Why = "the rehearsal was called off before anything was changed" }, Phase.Release, now);

        var kernelNow = Kernel.See();
        var module = run.Rehearsal is null && Kernel.Choose(policy.Patch, kernelNow) is PatchChoice.Found there ? there.Module : null;
        if (run.Rehearsal is null && module is null)
            return Go(run with { Verdict = Verdict.Refused, Why = "the patch is no longer there" }, Phase.Release, now);
        run = run with { Patch = module };
        var view = Cluster.See();
        var levels = policy.Levels();
        var here = (module is null ? [] : HereGates(module, kernelNow, policy)).ToLookup(levels.Of);
        // A wish that came in the moment in which the token was taken is certain to be seen only now.
        var fleet = module is null ? [] : FleetGates.Judge(module, view, policy).Concat(RehearsalGates.Judge(Rehearsals.Read(), view, now.Wall));
        if (ClusterGates.Judge(view).Concat(here[GateLevel.Refuse]).Concat(fleet).FirstOrDefault() is { } refusal)
            return Go(run with { Verdict = Verdict.Refused, Why = refusal.ToString() }, Phase.Release, now);
        // Only a cluster at rest gives a baseline. And only a DC that answers proves that what the CIB says of the members is no
        // older than the take: on the side of a partition that lost the DC it is, until there is another one.
        if (!view.Settled)
        {
            return Elapsed(run, now) > s_settleTimeout
                ? Go(run with { Verdict = Verdict.Refused, Why = $"the cluster did not come to rest in {Seconds(s_settleTimeout)}" }, Phase.Release, now)
                : Next.Wait(run, Poll, "waiting until the cluster has come to rest");
        }

        run = run with { FoundInStandby = Cluster.SeeMarks().IsAdministrators, Policy = policy };
        var risks = RiskGates.Judge(run.Node, Foresight, view, policy, run.Drain, now).Concat(LockspacesAgainst(run, run.Drain, () => view)).ToLookup(levels.Of);
        if (risks[GateLevel.Refuse].FirstOrDefault() is { } risk)
            return Go(run with { Verdict = Verdict.Refused, Why = risk.ToString() }, Phase.Release, now);
        run = _rehearsing.Begin(run, risks[GateLevel.Warn], kernelNow, view);
        if (Complaint(run).FirstOrDefault() is { } complaint)
            return Go(run with { Verdict = Verdict.Refused, Why = $"{complaint.Why} (health.check)" }, Phase.Release, now);
        if (CommandGates.Judge(Host, kernelNow.Release, module, policy).FirstOrDefault() is { } objection)
            return Go(run with { Verdict = Verdict.Refused, Why = objection.ToString() }, Phase.Release, now);

        var marks = run.FoundInStandby ? [] : DrainMarks.Of(run.Drain);
        run = run with { Patch = module, MarksInFlight = marks, MarksToDelete = marks, Before = Baseline.Of(view), LocksBefore = run.Drain == DrainMode.None ? [] : [.. Lockspaces.See().Uses().Select(use => use.Key)] };
        var next = run.FoundInStandby ? Go(run, Phase.Drain, now)
            : run.Drain != DrainMode.None ? Go(run, Phase.Standby, now)
            : Drained(run, view, now, asked: true);
        return next with { Say = string.Join("; ", here[GateLevel.Warn].Concat(risks[GateLevel.Warn]).Select(warning => $"warning: {warning}")) };
    }

    private Next Standby(Run run, Moment now)
    {
        if (MustLeave(run, now) is { } leave)
            return leave;
        var marks = Cluster.SeeMarks();
        if (marks.HasOurs(run.Drain))
            return Go(run with { MarksInFlight = [] }, Phase.Drain, now);
        if (marks.IsAdministrators)
            return Go(run with { FoundInStandby = true }, Phase.Drain, now);
        // What a person mounted since the gate: by now it is too late to find it out in the drain.
        if (LockspacesAgainst(run, run.Drain, Cluster.See) is [var against, ..])
            return against.Id != LockspaceGates.Unknown || Elapsed(run, now) > s_standbyTimeout ? Leave(run, Verdict.Refused, against.ToString(), now) : Next.Wait(run, IdlePoll, against.Why);
        if (Elapsed(run, now) > s_standbyTimeout)
            return Leave(run, Verdict.DrainTooSlow, $"the attribute {DrainMarks.AttributeOf(run.Drain)} could not be set", now);
        Cluster.SetMark(run.Drain);
        return Next.Wait(run, ReadBack, run.Drain == DrainMode.Health ? $"marking {run.Node} as unhealthy" : $"putting {run.Node} in standby");
    }

    private Next Drain(Run run, Moment now)
    {
        if (MustLeave(run, now) is { } leave)
            return leave;
        if (WithoutMark(run) is { } cleared)
            return GoHome(cleared, now);
        var view = Cluster.See();
        var open = NotDrained(run, view).ToList();
        if (open.Count == 0)
            return Drained(run, view, now);
        // Came between the gate and now. Home at once: what is not being stopped yet need not be; what is, the way home does not make worse.
        if (open.Find(r => r.Id == LockspaceGates.Unmanaged) is { } armed)
            return Leave(run with { Armed = $"{armed.Why}. {armed.Remedy}; where dlm_controld is being stopped already, then also: killall -TERM dlm_controld" }, Verdict.Refused, armed.ToString(), now);
        var refusal = open[0];
        return Elapsed(run, now) > run.Policy.DrainTimeout
            ? Leave(run, Verdict.DrainTooSlow, $"not drained in {Seconds(run.Policy.DrainTimeout)}: {refusal.Why}", now)
            : Next.Wait(run, Poll, refusal.Why);
    }

    // Drained, or never to be.
    private Next Drained(Run run, ClusterView view, Moment now, bool asked = false)
    {
        run = run with { Moves = MoveNotes.WhenDrained(run, view, now) };
        return run.Rehearsal is not null ? _rehearsing.Drained(run, now)
            : run.Patch!.Package is null ? _atTheKernel.ToLoad(run, now, asked)
            : Go(run, Phase.Install, now);
    }

    private Next Unstandby(Run run, Moment now)
    {
        var marks = Cluster.SeeMarks();
        // Deleted once even where the CIB does not have it. Where the cluster's controller was killed here the CIB has lost it, and the
        // attribute daemon has not: that would bring it back with its next write of everything, and take no new one until then.
        if (DrainMarks.Kinds.Where(kind => marks.HasOurs(kind) || (marks.IsVacant(kind) && run.MarksToDelete.Contains(kind))).ToList() is [var mark, ..])
        {
            Cluster.ClearMark(mark);
            return Next.Wait(
                run with { MarksToDelete = [.. run.MarksToDelete.Where(kind => kind != mark)] }, ReadBack,
                mark == DrainMode.Health ? $"marking {run.Node} as unhealthy no longer" : $"taking {run.Node} out of standby");
        }

        // The attribute daemon answers first and writes to the CIB later. One that came after the token was given back would stay
        // for good: a standby stops our own agent on this node, who would have it cleared.
        return run.MarksInFlight.Count > 0 && Elapsed(run, now) < s_attributeLag
            ? Next.Wait(run, Poll, "making sure that no mark asked for earlier comes after all")
            : Go(run, Phase.Confirm, now);
    }

    // A copy that takes all its room first; then the older ones go; then the copy gets its name. So neither a full disk nor a power cut
    // leaves two patches, or half a one, to be loaded at boot.
    private Next Persist(Run run, Moment now)
    {
        var module = run.Patch!;
        if (run.Verdict != Verdict.Patched)
            return Go(run, Phase.Release, now);
        var boot = Boot.See(module);
        if (!boot.ServiceInstalled && run.Policy.Persist == Rollout.Persist.Auto)
            return Go(run, Phase.Release, now);
        var others = boot.Modules.Where(path => path != module.Path && PatchOrder.Compare(Path.GetFileNameWithoutExtension(path), module.Name) is not (null or 0)).ToList();
        if (others.Find(path => PatchOrder.Compare(Path.GetFileNameWithoutExtension(path), module.Name) > 0) is { } newer)
            return Go(run with { Verdict = Verdict.NotPersisted, Why = $"{module.Name} is in force, but at boot the newer {newer} would be loaded" }, Phase.Release, now);

        if (boot.Holds && others.Count == 0 && boot.ServiceEnabled)
            return Go(run, Phase.Release, now);
        var failure = !boot.Holds && !boot.Staged ? Boot.Stage(module)
            : others.Count > 0 ? Boot.Remove(others[0])
            : !boot.Holds ? Boot.Commit(module)
            : Boot.Enable();
        return failure is null ? Next.Wait(run, TimeSpan.Zero, $"having {module.Name} loaded at boot")
            : Elapsed(run, now) <= s_persistTimeout ? Next.Wait(run, IdlePoll, $"{module.Name} cannot be put where it is loaded at boot: {failure}")
            : Go(run with { Verdict = Verdict.NotPersisted, Why = $"{module.Name} is in force, but will not be after a boot: {failure}" }, Phase.Release, now);
    }

    private Next Parked(Run run, Moment now)
    {
        if (Host.AbortAsked())
            return GoHome(run, now);
        // Who freed the token, by hand or with an old configuration, did not make this kernel certain: it is said again, so that no other
        // node rolls on beside it. The same where it names an older run of this node. Else another node has it, or the rollout rests anyway.
        var why = run.Drain == DrainMode.None && run.MarksInFlight.Count == 0 ? $"{run.Why}; its resources are still active there (drain=none)" : run.Why;
        var token = Tokens.Read();
        if (token is null)
            Tokens.Create();
        else if (token.State == TokenState.Free || (token.IsHeldOn(run.Node) && !(token.State == TokenState.Parked && token.Run == run.Id)))
            Tokens.Swap(token, Token.Parked(run.Node, run.Id, run.Boot, now.Wall, why, token.Failures));
        return Next.Person(run, IdlePoll, $"parked: {why}. Look at the node; then reboot it, or bring it home with: pcmk-kpatch abort");
    }
}
