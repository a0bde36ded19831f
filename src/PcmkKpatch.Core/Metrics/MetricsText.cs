using PcmkKpatch.Core.Kernel;
using PcmkKpatch.Core.Readiness;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Core.Metrics;

/// <summary>
/// The metrics of this node, for Prometheus. Names, units and labels are its conventions: seconds, moments as seconds since 1970, texts as labels of an _info that
/// is 1, one of several states as a 1 among zeros. docs/metrics.md lists them.
/// </summary>
public static class MetricsText
{
    /// <summary>All of them.</summary>
    public static string Of(MetricsView view)
    {
        var all = new Exposition();
        all.Gauge("build_info", "The version of pcmk-kpatch on this node.", new Sample(1, ("version", view.Version)));
        all.Gauge("collected_timestamp_seconds", "When these metrics were collected, in seconds since 1970.", view.At);
        all.Gauge("unknown", "Whether something could not be read on this node, so that what is told of it is missing here.", Unknowns(view));
        Kernel(all, view);
        Agent(all, view);
        ThisRun(all, view.Journal.Run);
        LastRun(all, view.Last.IsKnown(out var last, out _) ? last : null);
        all.Gauge("cluster_up", "Whether the cluster answers on this node. Where it does not, nothing of the cluster is told.", view.Cluster.IsKnown(out var cluster, out _));
        if (cluster is not null)
            ClusterMetrics.Add(all, cluster);
        return all.ToString();
    }

    private static IEnumerable<Sample> Unknowns(MetricsView view)
    {
        foreach (var (what, known) in ((string, bool)[])
        [
            ("kernel", view.Kernel.IsKnown(out _, out _)),
            ("installed_kernels", view.Installed.IsKnown(out _, out _)),
            ("end_of_life", view.EndOfLife.IsKnown(out _, out _)),
            ("parameters", view.Wanted.IsKnown(out _, out _)),
            ("patch", view.Patch.IsKnown(out _, out _)),
            ("journal", view.Journal.Damaged is null),
            ("last_run", view.Last.IsKnown(out _, out _)),
            ("quarantine", view.Quarantined.IsKnown(out _, out _)),
        ])
            yield return Sample.Of(!known, ("what", what));
    }

    private static void Kernel(Exposition all, MetricsView view)
    {
        if (!view.Kernel.IsKnown(out var kernel, out _))
            return;
        all.Gauge("kernel_info", "The kernel that runs on this node.", new Sample(1, ("release", kernel.Release)));
        all.Gauge(
            "patch_info", "A live patch that is in force in this node's kernel, read from it.",
            kernel.Patches.Where(p => p.InForce).Select(p => new Sample(1, ("patch", p.Name), ("build_id", p.BuildId ?? ""))));
        all.Gauge("patches_in_force", "How many live patches are in force in this node's kernel.", kernel.Patches.Count(p => p.InForce));
        all.Gauge("patch_transition_running", "Whether a patch transition is under way in this node's kernel.", kernel.Patches.Any(p => p.InTransition));
        var ends = view.EndOfLife.IsKnown(out var table, out _) ? Ends(table, kernel).ToList() : [];
        all.Gauge(
            "end_of_life_timestamp_seconds", "Until when what runs on this node is kept up by its vendor, as the administrator wrote it, in seconds since 1970.",
            ends.Select(end => Sample.Of(end.Over, ("kind", end.Kind), ("name", end.Name))));
        all.Gauge("reboot_due", "Whether this node is to be rebooted into another kernel, which no live patch can replace, by reason.", RebootDue(view, kernel, ends));
    }

    private static IEnumerable<(string Kind, string Name, DateTimeOffset Over)> Ends(EndOfLife table, KernelView kernel)
    {
        if (table.OfKernel(kernel.Release) is { } end)
            yield return ("kernel", kernel.Release, Over(end));
        foreach (var patch in kernel.Patches.Where(p => p.InForce))
        {
            if (table.OfPatch(patch.Name) is { } last)
                yield return ("patch", patch.Name, Over(last));
        }
    }

    // The last day is one of those on which it is kept up.
    private static DateTimeOffset Over(DateOnly end) => new(end.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);

    private static IEnumerable<Sample> RebootDue(MetricsView view, KernelView kernel, IReadOnlyList<(string Kind, string Name, DateTimeOffset Over)> ends)
    {
        if (view.Installed.IsKnown(out var installed, out _))
            yield return Sample.Of(KernelReadiness.NewerThan(kernel.Release, installed) is not null, ("reason", "newer_kernel_installed"));
        if (view.EndOfLife.IsKnown(out _, out _))
            yield return Sample.Of(ends.Any(end => end.Kind == "kernel" && end.Over <= view.At), ("reason", "end_of_life"));
    }

    private static void Agent(Exposition all, MetricsView view)
    {
        all.Gauge("agent_started", "Whether the agent is started on this node, so that a patch that is due is loaded.", view.Wanted.IsKnown(out var wanted, out _) ? wanted is not null : (bool?)null);
        var judged = view.Patch.IsKnown(out var patch, out _) ? patch : null;
        all.Gauge("patch_due", "Whether a patch is installed for this kernel, wanted, and not in force.", judged is { } state ? state == PatchState.Due : (bool?)null);
        all.Gauge("patch_unusable", "Whether the patch that is wanted cannot be used; see pcmk-kpatch status on this node.", judged is { } how ? how == PatchState.Unusable : (bool?)null);
        all.Gauge("worker_running", "Whether a worker is alive on this node: a run goes on, or waits for its turn.", view.WorkerRunning);
        all.Gauge("worker_stuck", "Whether the worker on this node is stopped or hangs.", view.WorkerStuck);
        all.Gauge("quarantined_patches", "How many patches this node refuses because it went down while they were on trial.", view.Quarantined.IsKnown(out var count, out _) ? count : (double?)null);
        all.Gauge("attention", "Whether a person must look, as pcmk-kpatch status on this node says it.", view.Attention is not null);
        all.Gauge("attention_info", "Why a person must look.", view.Attention is { } why ? [new Sample(1, ("reason", why))] : (Sample[])[]);
    }

    private static void ThisRun(Exposition all, Run? run)
    {
        all.Gauge(
            "run_phase", "What this node's unfinished run is about to try: 1 for that phase; 0 for all where there is none.",
            Enum.GetValues<Phase>().Select(phase => Sample.Of(run?.Phase == phase, ("phase", Word(phase)))));
        all.Gauge(
            "run_info", "This node's unfinished run.",
            run is null ? (Sample[])[] : [new Sample(1, ("run", run.Id), ("patch", run.Patch?.Name ?? ""), ("rehearsal", run.Rehearsal is null ? "false" : "true"))]);
        all.Gauge("run_start_timestamp_seconds", "When this node's unfinished run began, in seconds since 1970.", run?.Started);
    }

    private static void LastRun(Exposition all, Run? last)
    {
        if (last is null)
            return;
        all.Gauge("last_run_info", "The last run that ended on this node, and how.", new Sample(1, ("run", last.Id), ("verdict", Word(last.Verdict)), ("patch", last.Patch?.Name ?? "")));
        all.Gauge("last_run_success", "Whether the last run that ended on this node put its patch in force.", last.Verdict == Verdict.Patched);
        all.Gauge("last_run_start_timestamp_seconds", "When the last run that ended on this node began, in seconds since 1970.", last.Started);
        all.Gauge("last_run_end_timestamp_seconds", "When it ended, in seconds since 1970.", last.Ended);
        all.Gauge("last_run_duration_seconds", "How long it had the rollout token.", last is { Taken: { } taken, Ended: { } ended } && ended >= taken ? (ended - taken).TotalSeconds : (double?)null);
        all.Gauge("last_run_phase_duration_seconds", "How long it was in each of its phases; in acquire it waited for its turn.", Phases(last));
    }

    // By the calendar, as the run has noted it: a clock that was set in between gives no time below nothing.
    private static IEnumerable<Sample> Phases(Run last)
    {
        if (last.Ended is not { } ended)
            yield break;
        var ends = last.Timeline.Skip(1).Select(next => next.At).Append(ended);
        foreach (var phase in last.Timeline.Zip(ends, (start, end) => (start.Phase, Took: end - start.At)).GroupBy(part => part.Phase))
            yield return new Sample(Math.Max(0, phase.Sum(part => part.Took.TotalSeconds)), ("phase", Word(phase.Key)));
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
