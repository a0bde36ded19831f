using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using PcmkKpatch.Cli;
using PcmkKpatch.Core;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Notices;
using PcmkKpatch.Core.Ocf;
using PcmkKpatch.Core.Rollout;
using PcmkKpatch.Host;
using PcmkKpatch.Livepatch;
using PcmkKpatch.Pacemaker;

namespace PcmkKpatch.Ocf;

/// <summary>
/// The OCF agent. Its operations look and hand over; none waits for the work. Pacemaker kills an operation with its process group and
/// waits for that, so nothing that can block runs in here.
/// </summary>
internal sealed class Agent(SysKernel kernel, ILogger log)
{
    private const int LongestReason = 2000;
    private const string ByTheCluster = "the agent";
    private readonly AttemptFiles _attempts = new();
    private readonly Packages _packages = new(log, () => ThisHost.Now().Uptime);
    private static readonly string[] s_tools = ["crm_mon", "cibadmin", "crm_attribute", "crm_node", "crmadmin", "attrd_updater", "systemctl", "systemd-run", "corosync-cmapctl"];

    /// <summary>Carries out an action.</summary>
    public ExitCode Execute(string? action)
    {
        // What needs no rights and no configuration always answers.
        if (action is "meta-data")
        {
            Console.Out.Write(Metadata.Of(ThisProgram.Version));
            return ExitCode.Success;
        }

        if (action is not ("start" or "stop" or "monitor" or "validate-all"))
            return Say(ExitCode.Unimplemented, $"no action \"{action}\": start, stop, monitor, meta-data and validate-all are there");
        try
        {
            if (action == "stop")
                return Stop();
            if (!Posix.IsRoot)
                return Say(ExitCode.Permission, "only root can load live patches: run this as root");
            return OcfEnvironment.ReadPolicy(out var errors) is not { } policy ? Say(ExitCode.NotConfigured, string.Join("; ", errors))
                : action == "start" ? Start(policy)
                : action == "monitor" ? Monitor(policy)
                : Validate(policy);
        }
        catch (Exception e) when (e is ToolFailedException or IOException or UnauthorizedAccessException)
        {
            return Failed(action, e.Message);
        }
        catch (Exception e) when (Unexpected.Note(e))
        {
            return Failed(action, Unexpected.Line(e));
        }
    }

    private static ExitCode Failed(string action, string why) => action switch
    {
        // Law 4: a stop that failed would have the node fenced.
        "stop" => ExitCode.Success,
        // The resource is started; that it cannot see is for a person, and nothing that a restart would mend.
        "monitor" => Say(ExitCode.Degraded, why),
        _ => Say(ExitCode.Generic, why),
    };

    // A member's executor is another program. By hand it is what is installed that tells: where that is both, the worker's gates do.
    private static bool OnRemoteNode => OcfEnvironment.IsByRemoteExecutor || (Tool.Find("pacemakerd") is null && Tool.Find("pacemaker-remoted") is not null);

    private ExitCode Validate(Policy policy)
    {
        // Nothing is loaded there, so nothing must be installed.
        if (OnRemoteNode)
            return ExitCode.Success;
        if (KpatchDnf.Warning() is { } warning)
            log.Warn(warning);
        if (policy.HealthCheck is { } check && RootOnly.Problem(check) is { } problem)
            return Say(ExitCode.Permission, $"health_check is run as root, and {problem}");
        if (policy.GateCommand is { } gate && RootOnly.Problem(gate) is { } changeable)
            return Say(ExitCode.Permission, $"gate_command is run as root, and {changeable}");
        if (policy.Notify is { } notify && RootOnly.Problem(notify) is { } others)
            return Say(ExitCode.Permission, $"notify is run as root, and {others}");
        if (Parameters.IsPackage(policy.Patch) && Dnf.Tools.Where(tool => Tool.Find(tool) is null).ToList() is { Count: > 0 } missingForPackages)
            return Say(ExitCode.NotInstalled, $"patch=package, but not installed on this node: {string.Join(", ", missingForPackages)}");
        var missing = s_tools.Where(tool => Tool.Find(tool) is null).ToList();
        if (missing.Count > 0)
            return Say(ExitCode.NotInstalled, $"not installed on this node: {string.Join(", ", missing)}; install Pacemaker's command line tools and systemd");
        if (policy.Loader == Loader.Kpatch && KpatchUtility.Missing is { } needed)
            return Say(ExitCode.NotInstalled, $"loader=kpatch, but {needed} is not installed on this node: install it, or set loader=auto");
        return Tool.Find("kpatch") is null && Tool.Find("insmod") is null
            ? Say(ExitCode.NotInstalled, "neither kpatch nor insmod is installed on this node: install kpatch (or kmod)")
            : ExitCode.Success;
    }

    private ExitCode Start(Policy policy)
    {
        if (OnRemoteNode && OcfEnvironment.IsByHand)
            return Say(ExitCode.Generic, "this is a remote or guest node: no run begins here; see \"Remote nodes\" in pcmk-kpatch(8) (cluster.remote)");
        if (Validate(policy) is var valid and not ExitCode.Success)
            return valid;
        Paths.Prepare();
        Want(policy);
        // The cluster may have been stopped and started meanwhile, and its attributes be gone.
        NodeAttributes.Forget();
        AgesFile.See(before => before.SeenVersion(Versions.Installed(), DateTimeOffset.UtcNow));
        PublishUnlessAtWork(policy, WorkerLock.IsHeld(), RehearsalOutcome.Told(JournalFile.OfThisNode.Rehearsed(), CibOnDisk.See().Wish));
        if (OnRemoteNode)
            return ExitCode.Success;
        var began = DateTimeOffset.UtcNow;
        // Once at each start, whether a patch is due or not: whatever an earlier life left behind is put in order.
        if (!WorkerLock.IsHeld())
        {
            File.Delete(Paths.Attention);
            // A person who starts the agent anew wants what is new now.
            File.Delete(Paths.Package);
            SystemdRun.StartWorker(OcfEnvironment.IsByHand ? $"{Caller.BySudo ?? "root"}, with debug-start" : ByTheCluster);
        }

        return OcfEnvironment.IsByHand ? FollowByHand(began) : ExitCode.Success;
    }

    // A person tries the agent: show the run, and say how it ended, or what keeps it from beginning.
    private static ExitCode FollowByHand(DateTimeOffset began)
    {
        if (!Follow.UntilDone(began, OcfEnvironment.Timeout, isOver: () => File.Exists(Paths.Attention)))
            return ExitCode.Success;
        if (File.Exists(Paths.Attention))
            return Say(ExitCode.Generic, File.ReadAllText(Paths.Attention));
        var last = JournalFile.OfThisNode.LastEnded();
        return last is null || last.Ended < began || last.Verdict is Verdict.Patched or Verdict.Rehearsed ? ExitCode.Success : Say(ExitCode.Generic, last.Why);
    }

    private ExitCode Monitor(Policy policy)
    {
        if (!File.Exists(Paths.Wanted))
            return ExitCode.NotRunning;
        Want(policy);
        // A remote node's attributes go with the connection to it, and nothing restarts the agent there. But then it is looked for anew.
        if (OcfEnvironment.IsProbe)
            NodeAttributes.Forget();
        var atWork = WorkerLock.IsHeld();
        // Which rehearsals this node went through is asked while there is one: reading them costs more than all the rest.
        var (token, wish) = atWork ? default : CibOnDisk.See();
        var rehearsed = wish is null ? null : JournalFile.OfThisNode.Rehearsed();
        var look = PublishUnlessAtWork(policy, atWork, rehearsed is null ? null : RehearsalOutcome.Told(rehearsed, wish));
        if (OnRemoteNode)
            return look.ForAPerson is { } why ? Say(ExitCode.Degraded, why) : ExitCode.Success;
        // A worker that hangs says nothing of itself: its node may be drained, and all others wait for it.
        if (atWork && SignOfLife.Look() is { } stuck)
        {
            Tell(stuck, policy);
            return Say(ExitCode.Degraded, $"{stuck.Why}; see pcmk-kpatch status");
        }

        // It is the worker who asks dnf: that takes longer than an operation may.
        var lookIsDue = Parameters.IsPackage(policy.Patch) && _packages.IsLookDue(look.Release);
        if ((File.Exists(Paths.Journal) || look.State is PatchState.Due or PatchState.Unusable || lookIsDue || ProbationIsOver() || IsLeftBehind(token)
            || (wish is not null && RehearsalNotes.Wants(wish, OcfEnvironment.Node, rehearsed!, DateTimeOffset.UtcNow))) && !atWork)
        {
            try
            {
                SystemdRun.StartWorker(ByTheCluster);
            }
            catch (ToolFailedException e)
            {
                log.WorkerNotStarted(e.Message);
                return Say(ExitCode.Degraded, e.Message);
            }
        }

        return File.Exists(Paths.Attention) ? Say(ExitCode.Degraded, File.ReadAllText(Paths.Attention)) : ExitCode.Success;
    }

    // Once for each worker that is found so.
    private void Tell(StuckWorker stuck, Policy policy)
    {
        var notice = new Notice(Event.WorkerStuck, OcfEnvironment.Node, $"{stuck.What} (process {stuck.Process?.ToString(CultureInfo.InvariantCulture) ?? "unknown"})");
        if (Told.Already(notice))
            return;
        _ = JournalEntries.Write($"{notice.Node}: {notice.Why}; see pcmk-kpatch status", notice.Entry.Weight, notice);
        if (policy.Notify is { } program && Notifier.Start(program, notice) is { } failure)
            log.NotNotified(notice.Node, failure);
    }

    // The worker puts it away.
    private bool ProbationIsOver() => _attempts.Read() is { } attempt && !(attempt.ProvedAt > ThisHost.Now().Uptime);

    // The token names this node, which has no run: its release was undone, by a CIB that was pushed from a file, say. Where no patch is due
    // here nobody else would notice, and every other node would wait for this one. The worker gives it back.
    private static bool IsLeftBehind(Token? token) => token?.IsHeldOn(OcfEnvironment.Node) == true;

    private static ExitCode Stop()
    {
        if (!File.Exists(Paths.Wanted))
            return ExitCode.Success;
        File.Delete(Paths.Wanted);
        // A worker past the gate finishes its run: this stop is what its own standby asked for. One before it ends by itself.
        if (!WorkerLock.IsHeld())
        {
            File.Delete(Paths.Attention);
            NodeAttributes.Withdraw();
        }

        return ExitCode.Success;
    }

    // Written only where it differs: in the steady state a monitor changes nothing on disk.
    private static void Want(Policy policy)
    {
        var text = Parameters.Text(policy);
        if (!File.Exists(Paths.Wanted) || SmallFile.Text(Paths.Wanted) != text)
            Posix.Replace(Paths.Wanted, Encoding.UTF8.GetBytes(text));
    }

    // Looks at the kernel once: what it sees is published, and returned.
    private Look PublishUnlessAtWork(Policy policy, bool atWork, string? rehearsed)
    {
        var seen = kernel.Glance();
        var choice = kernel.Choose(policy.Patch, seen);
        var look = new Look(PatchStates.Judge(choice, seen), seen.Release, OnRemoteNode ? ForAPerson(choice, seen) : null);
        if (atWork)
            return look;
        try
        {
            var word = look.ForAPerson is { } why ? StateWords.NeedsAttention + why : look.State == PatchState.Due ? StateWords.Due : StateWords.Idle;
            NodeState.Publish(seen, _attempts.Quarantined(), rehearsed, word);
        }
        catch (ToolFailedException e)
        {
            log.NotPublished(e.Message);
        }

        return look;
    }

    // What nobody but a person will ever do, for on a remote node no run begins.
    private static string? ForAPerson(PatchChoice choice, KernelView seen) => choice switch
    {
        PatchChoice.Unusable unusable => unusable.Why.ToString(),
        PatchChoice.Found found when PatchStates.Judge(choice, seen) == PatchState.Due => StateWords.DueToAPerson(found.Module.Name),
        _ => null,
    };

    // What is told of the kernel, and on a remote node what a person must do there.
    private sealed record Look(PatchState State, string Release, string? ForAPerson);

    // Pacemaker keeps the last line of this form as the operation's exit reason, 128 bytes of it.
    private static ExitCode Say(ExitCode code, string why)
    {
        try
        {
            Console.Error.WriteLine($"ocf-exit-reason:{PlainText.Of(why.ReplaceLineEndings(" "), LongestReason)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nobody listens. The code counts more than the reason.
        }

        return code;
    }
}
