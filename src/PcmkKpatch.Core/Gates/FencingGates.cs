using System.Globalization;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Gates;

/// <summary>If this node hung in the load, would the cluster get rid of it in an orderly way? And is it busy with a node already?</summary>
public static class FencingGates
{
    private const string SeeHistory = "see stonith_admin --history '*' --verbose";

    /// <summary>What speaks against touching this node now.</summary>
    /// <param name="view">Fencing as seen in this moment.</param>
    /// <param name="quiet">For how long after a fence nothing is begun; zero for not at all.</param>
    /// <param name="now">The calendar's time.</param>
    public static IEnumerable<Refusal> Judge(FencingView view, TimeSpan quiet, DateTimeOffset now)
    {
        foreach (var why in view.Unknown.Count > 0 ? view.Unknown : Gaps(view))
            yield return Unknown(why);
        if (view.Enabled == false)
        {
            yield return new("fencing.disabled", "nodes are not fenced in this cluster: one that hangs in the load would not be taken out of it", "configure a fence device; then: pcs property set stonith-enabled=true");
            yield break;
        }

        foreach (var refusal in JudgeDevices(view).Concat(JudgeHistory(view.History ?? [], quiet, now)))
            yield return refusal;
    }

    private static IEnumerable<string> Gaps(FencingView view)
    {
        if (view.Enabled is null)
            yield return "the cluster does not say whether its nodes are fenced";
        if (view.Devices is null)
            yield return "the fence devices are not known";
        if (view.History is null)
            yield return "it is not known which nodes were fenced of late";
    }

    private static IEnumerable<Refusal> JudgeDevices(FencingView view)
    {
        if (view.Devices is not { } devices)
            yield break;
        var able = devices.Where(d => d.CanFence == true).ToList();
        if (able.Exists(d => d.Works) || view.Watchdog == true)
        {
            if (view.Last is { Result: FenceResult.Failed } last)
                yield return new("fencing.device-failed", $"the last attempt to fence {view.Node} failed, {Words(last)}", $"{SeeHistory}; mend the device; then: stonith_admin --history '*' --cleanup");
        }
        else if (devices.FirstOrDefault(d => d is { CanFence: null, Works: true }) is { } perhaps)
        {
            yield return Unknown($"it is not known whether {perhaps.Id} can fence {view.Node}: it may not run here, and its configuration does not name the nodes", $"pcs stonith update {perhaps.Id} pcmk_host_list=…");
        }
        else if (view.Watchdog is null)
        {
            yield return Unknown($"no device that works can fence {view.Node}, and it is not known whether its own watchdog would");
        }
        else if (able.Count == 0)
        {
            yield return new("fencing.no-device", $"nothing can fence {view.Node}: no device, and no watchdog", "configure one: pcs stonith create; see stonith_admin --list-registered");
        }
        else
        {
            yield return new("fencing.device-failed", $"nothing that works can fence {view.Node}: {string.Join(", ", able.Select(d => d.Id))} {(able.Count == 1 ? "is" : "are")} failed or not started", "see pcs stonith status; mend it; then: pcs stonith cleanup");
        }
    }

    private static IEnumerable<Refusal> JudgeHistory(IReadOnlyList<FenceEvent> history, TimeSpan quiet, DateTimeOffset now)
    {
        if (history.FirstOrDefault(e => e.Result == FenceResult.Pending) is { } pending)
            yield return new("fencing.pending", $"{pending.Target} is being fenced ({pending.Action})", $"wait until that has ended; {SeeHistory}");
        // What lies in the future was written by another clock, or before this one was set back: it says nothing.
        if (history.Where(e => e.TakesAway && e.Completed <= now && now - e.Completed < quiet).MaxBy(e => e.Completed) is { } recent)
            yield return new("fencing.recent", $"{recent.Target} was to be fenced a short while ago, {Words(recent)}", $"see that the cluster is well again; nothing is begun for {Seconds(quiet)} after a fence (fence_quiet)");
    }

    private static Refusal Unknown(string why, string remedy = "see pcs stonith status, and stonith_admin --list-registered") => new("fencing.unknown", why, remedy);

    private static string Words(FenceEvent e) => string.Create(CultureInfo.InvariantCulture, $"at {e.Completed?.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC{(string.IsNullOrEmpty(e.Reason) ? "" : $": {e.Reason}")}");

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.##} s");
}
