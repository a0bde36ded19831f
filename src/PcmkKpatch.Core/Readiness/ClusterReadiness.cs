using System.Globalization;
using PcmkKpatch.Core.Cluster;

namespace PcmkKpatch.Core.Readiness;

/// <summary>The times after which a node that does not answer is given up, and what else the cluster's design says of a node's loss.</summary>
public sealed record ClusterDesign
{
    /// <summary>The configuration.</summary>
    public required Fact<ClusterConfig> Config { get; init; }

    /// <summary>The votes.</summary>
    public required Fact<VotesView> Votes { get; init; }

    /// <summary>After what time corosync gives a node up that is silent: its token timeout as it counts now.</summary>
    public required Fact<TimeSpan> Token { get; init; }

    /// <summary>After what time the watchdog resets a node whose sbd is kept from running, as sbd's own configuration has it.</summary>
    public required Fact<TimeSpan> Watchdog { get; init; }

    /// <summary>The clock of this node is kept in step with others.</summary>
    public required Fact<bool> ClockIsInStep { get; init; }
}

/// <summary>
/// Would the cluster bear a node that stands still for a moment, as one may in a load, and would it lose one in an orderly way? What the gates ask of fencing and
/// quorum in the moment of a run is not said again here.
/// </summary>
public static class ClusterReadiness
{
    // corosync's own default since 3.1; and sbd's.
    private static readonly TimeSpan s_token = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_watchdog = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>What is to be said of it.</summary>
    public static IEnumerable<Finding> Judge(ClusterDesign design)
    {
        // That the configuration is not known, the agent's part says.
        var properties = design.Config.IsKnown(out var config, out _) ? config.Properties : null;
        return [.. JudgeToken(design.Token), .. properties is null ? [] : JudgeWatchdog(properties, design.Watchdog, design.Token), .. JudgeVotes(design.Votes, properties), .. JudgeClock(design.ClockIsInStep)];
    }

    private static IEnumerable<Finding> JudgeToken(Fact<TimeSpan> token)
    {
        if (!token.IsKnown(out var time, out var unknown))
            yield return Finding.NotKnown("corosync", "corosync's token timeout", unknown, "see corosync-cmapctl runtime.config.totem.token");
        else if (time < s_token)
            yield return Finding.Warning("corosync.token", $"corosync gives a node up that is silent for {Text(time)}: a load that makes a large machine stand still may take as long", "pcs cluster config update totem token=3000");
    }

    private static IEnumerable<Finding> JudgeWatchdog(IReadOnlyDictionary<string, string> properties, Fact<TimeSpan> watchdog, Fact<TimeSpan> token)
    {
        if (properties.GetValueOrDefault("have-watchdog") != "true")
            yield break;
        if (!watchdog.IsKnown(out var time, out var unknown))
        {
            yield return Finding.NotKnown("sbd", "after what time sbd's watchdog resets a node", unknown, "see pcs stonith sbd config");
            yield break;
        }

        if (time < s_watchdog || (token.IsKnown(out var silent, out _) && time <= silent))
            yield return Finding.Warning("sbd.watchdog", $"the watchdog resets a node that stands still for {Text(time)}, before corosync would give it up, or sooner than sbd itself would have it", $"pcs stonith sbd enable SBD_WATCHDOG_TIMEOUT={Seconds(Larger(s_watchdog, token))}", "it counts when the cluster was stopped and started on every node");
        var waits = properties.GetValueOrDefault("fencing-watchdog-timeout") ?? properties.GetValueOrDefault("stonith-watchdog-timeout", "0");
        var command = $"pcs property set stonith-watchdog-timeout={Seconds(2 * time)}";
        // A negative one is twice sbd's own.
        if (waits.StartsWith('-'))
            yield break;
        if (DurationText.Parse(waits, s_longest) is not { } wait)
            yield return Finding.NotKnown("sbd", "how long the cluster waits for a watchdog", $"stonith-watchdog-timeout={waits} is not understood", command);
        else if (wait > TimeSpan.Zero && wait < 2 * time)
            yield return Finding.Error("sbd.stonith-watchdog-timeout", $"the cluster takes a node for down after {Text(wait)}, and its watchdog needs {Text(time)}: it is to wait twice as long", command);
    }

    private static IEnumerable<Finding> JudgeVotes(Fact<VotesView> votes, IReadOnlyDictionary<string, string>? properties)
    {
        if (properties?.GetValueOrDefault("no-quorum-policy") == "ignore")
            yield return Finding.Error("quorum.ignored", "no-quorum-policy=ignore: both halves of a cluster that is split go on", "pcs property set no-quorum-policy=stop");
        if (!votes.IsKnown(out var view, out var unknown))
            yield return Finding.NotKnown("quorum", "how quorum is designed", unknown, "see corosync-quorumtool -s");
        else if (view is { TwoNode: true, WaitForAll: false })
            yield return Finding.Warning("quorum.wait-for-all", "two_node without wait_for_all: a node that is started while it does not see the other one fences it", "pcs cluster stop --all && pcs quorum update wait_for_all=1 && pcs cluster start --all");
        else if (view is { TwoNode: false, Device: null } && view.Total % 2 == 0)
            yield return Finding.Warning("quorum.even", string.Create(CultureInfo.InvariantCulture, $"{view.Total} votes and no quorum device: where the cluster splits into halves, neither goes on{(view.AutoTieBreaker ? ", unless auto_tie_breaker helps one" : "")}"), remedy: "add a quorum device: pcs quorum device add model net host=HOST algorithm=ffsplit");
    }

    private static IEnumerable<Finding> JudgeClock(Fact<bool> isInStep)
    {
        if (!isInStep.IsKnown(out var inStep, out var unknown))
            yield return Finding.NotKnown("clock", "whether the clock is kept in step", unknown, "see timedatectl");
        else if (!inStep)
            yield return Finding.Warning("clock.unsynchronized", "the clock of this node is not kept in step with others: windows, holds and the quiet after a fence go by it", "timedatectl set-ntp true");
    }

    private static TimeSpan Larger(TimeSpan least, Fact<TimeSpan> token) => token.IsKnown(out var time, out _) && time >= least ? time + TimeSpan.FromSeconds(2) : least;

    private static string Text(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.##} s");

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds)}");
}
