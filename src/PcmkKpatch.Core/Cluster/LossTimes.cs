namespace PcmkKpatch.Core.Cluster;

/// <summary>How long it takes until a node that died is out of the cluster, by the cluster's own times. How long its journals are replayed after that nobody knows beforehand.</summary>
public sealed record LossTimes
{
    // What the cluster takes where stonith-timeout is not set.
    private const string UsualTimeout = "60s";
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>Until the others have noticed it.</summary>
    public required Fact<TimeSpan> Noticed { get; init; }

    /// <summary>How long it may take to fence it then, in one try.</summary>
    public required Fact<TimeSpan> Fenced { get; init; }

    /// <summary>How long one try to fence a node may take.</summary>
    /// <param name="timeouts">Every time after which it is given up, as it is written: by the cluster (stonith-timeout), and by a device for itself (pcmk_reboot_timeout, pcmk_off_timeout).</param>
    /// <param name="delays">Every time that a device waits before, as it is written (pcmk_delay_base, pcmk_delay_max): never longer than the longer of both. One for each node is written as n1:5s;n2:10s.</param>
    public static Fact<TimeSpan> Fence(IEnumerable<string> timeouts, IEnumerable<string> delays)
    {
        var timeout = Longest([.. timeouts.DefaultIfEmpty(UsualTimeout)]);
        var delay = Longest([.. delays.SelectMany(text => text.Split(';', ' ', ',')).Select(part => part.Split(':')[^1]).Where(part => part.Length > 0)]);
        return !timeout.IsKnown(out var tried, out _) ? timeout : !delay.IsKnown(out var waited, out _) ? delay : Fact.Known(waited + tried);
    }

    private static Fact<TimeSpan> Longest(IReadOnlyList<string> texts)
    {
        var times = texts.Select(text => DurationText.Parse(text, s_longest)).ToList();
        var odd = times.IndexOf(null);
        return odd >= 0 ? Fact.Unknown<TimeSpan>($"{texts[odd]} is not understood as a time") : Fact.Known(times.Max() ?? TimeSpan.Zero);
    }
}
