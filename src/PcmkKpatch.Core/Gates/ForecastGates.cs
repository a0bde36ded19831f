using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Gates;

/// <summary>What would come of a drain, or of the node's loss? Law 4: no drain whose forecast holds a fence or a stranded resource.</summary>
public static class ForecastGates
{
    /// <summary>Stands for every resource in the list of those that may be without a home: the word of who has one node only, or no spare one.</summary>
    public const string Everything = "*";

    /// <summary>No forecast could be had, and without one nothing is drained.</summary>
    public static Refusal Unknown(ToolFailedException failure) =>
        new("drain.forecast-unknown", $"what a drain would do cannot be told: {failure.Message}", "see what crm_simulate --live-check says");

    /// <summary>What speaks against draining the node.</summary>
    /// <param name="forecast">The forecast of its drain.</param>
    /// <param name="view">The cluster, as seen when the forecast was made.</param>
    /// <param name="allowed">The ids of resources that may be without a home meanwhile.</param>
    public static IEnumerable<Refusal> JudgeDrain(Forecast forecast, ClusterView view, IReadOnlyCollection<string> allowed)
    {
        if (forecast.Pending.Count > 0)
            yield return new("drain.forecast-unsettled", $"the cluster has something to do before any drain: {Some(forecast.Pending)}", "wait until it is done; see crm_simulate --live-check");
        if (forecast.Fences.Count > 0)
            yield return new("drain.forecast-fence", $"to drain {forecast.Node} would fence {Some(forecast.Fences)}", "mend what has failed there; see crm_mon, and crm_simulate --live-check with that node in standby");
        if (Homeless(forecast, view, allowed) is { Count: > 0 } homeless)
            yield return new("drain.stranded", $"while {forecast.Node} is drained {Some(homeless)}", "let it run on another node too: see pcs constraint location; or allow it to stop meanwhile: pcs resource update kpatch allow_stranded=…");
    }

    /// <summary>What speaks against going on with a node that may crash: would everything have a home without it?</summary>
    /// <param name="forecast">The forecast of its loss.</param>
    /// <param name="view">The cluster, as seen when the forecast was made.</param>
    /// <param name="allowed">The ids of resources that may be without a home meanwhile.</param>
    public static IEnumerable<Refusal> JudgeLoss(Forecast forecast, ClusterView view, IReadOnlyCollection<string> allowed)
    {
        if (Homeless(forecast, view, allowed) is { Count: > 0 } homeless)
            yield return new("survivable.stranded", $"if {forecast.Node} died now {Some(homeless)}", "let it run on another node too: see pcs constraint location; or allow it to stop meanwhile: pcs resource update kpatch allow_stranded=…");
    }

    // A clone's instance that stops is no loss while another one serves, nor is a bundle's replica; nor is one that is demoted while another one is promoted.
    private static List<string> Homeless(Forecast forecast, ClusterView view, IReadOnlyCollection<string> allowed)
    {
        var others = view.Resources.Where(r => r.Active && r.Nodes.Any(n => n != forecast.Node)).ToList();
        var stops = forecast.Stops.Where(s => !IsServed(s)).Select(s => BundleOf(s) ?? s.Resource).Concat(forecast.StopsOfClones.Where(clone => !others.Any(o => o.Id == Plain(clone))));
        var demotions = forecast.Demotions.Where(d => d.Node == forecast.Node && !forecast.Promotions.Any(p => Plain(p.Resource) == Plain(d.Resource))
            && !others.Any(o => o.Id == Plain(d.Resource) && o.Promoted)).Select(d => d.Resource);
        return
        [
            .. stops.Where(IsNotAllowed).Distinct().Select(resource => $"{resource} would run nowhere"),
            .. demotions.Where(IsNotAllowed).Distinct().Select(resource => $"{resource} would be promoted nowhere"),
        ];

        // The scheduler names the parts of a replica one by one. Of each there must be another one that stays.
        string? BundleOf(Placed stop) => PartOf(stop)?.Bundle;

        ResourceView? PartOf(Placed stop) => view.Resources.FirstOrDefault(r => r.Bundle is not null && r.Id == Plain(stop.Resource));

        bool IsServed(Placed stop) => PartOf(stop) is { } part
            && view.Resources.Any(r => r.Active && r.Bundle == part.Bundle && r.Agent == part.Agent && !forecast.Stops.Any(s => r.Id == Plain(s.Resource) && r.Nodes.Contains(s.Node)));

        bool IsNotAllowed(string resource) => !allowed.Contains(Everything) && !allowed.Contains(resource) && !allowed.Contains(Plain(resource));
    }

    // Without the number of an instance, as crm_mon's resources are named in a view.
    private static string Plain(string resource) => resource.Split(':')[0];

    private static string Some(IReadOnlyList<string> words) => words.Count <= 4 ? string.Join(", ", words) : string.Join(", ", words.Take(4)) + " …";
}
