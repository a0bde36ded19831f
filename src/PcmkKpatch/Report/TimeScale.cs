namespace PcmkKpatch.Report;

/// <summary>A long time in which nothing went on: the picture shows it shorter than it was, and says how long it was.</summary>
/// <param name="From">When it began.</param>
/// <param name="To">When it ended.</param>
/// <param name="Left">Where it begins in the picture, in percent of the width.</param>
/// <param name="Right">Where it ends there.</param>
internal sealed record Gap(DateTime From, DateTime To, double Left, double Right);

/// <summary>Where each moment is in a picture's width. What happened is as long as it was; a long time in which nothing did is not.</summary>
internal sealed class TimeScale
{
    /// <summary>Where the first moment is, in percent: room for half a label is left on both sides.</summary>
    public const double Left = 8.5;

    /// <summary>Where the last moment is.</summary>
    public const double Right = 100 - Left;

    // Of the time in which something went on.
    private const double LongGap = 0.2;
    private const double GapWidth = 0.08;
    private const double AllGaps = 0.5;
    private readonly List<(DateTime From, DateTime To, double Width)> _pieces = [];
    private readonly double _whole;

    /// <summary>The scale on which these times lie.</summary>
    public TimeScale(IEnumerable<(DateTime From, DateTime To)> busy)
    {
        var spells = new List<(DateTime From, DateTime To)>();
        foreach (var (from, to) in busy.OrderBy(spell => spell.From))
        {
            // Nothing is shorter than a second here, so that everything is somewhere.
            var end = to > from.AddSeconds(1) ? to : from.AddSeconds(1);
            if (spells is [.., var last] && from <= last.To)
                spells[^1] = (last.From, end > last.To ? end : last.To);
            else
                spells.Add((from, end));
        }

        var work = spells.Sum(spell => (spell.To - spell.From).TotalSeconds);
        var isLong = spells.Zip(spells.Skip(1)).Select(pair => (pair.Second.From - pair.First.To).TotalSeconds > work * LongGap).ToList();
        var cut = work * Math.Min(GapWidth, AllGaps / Math.Max(1, isLong.Count(l => l)));
        for (var i = 0; i < spells.Count; i++)
        {
            _pieces.Add((spells[i].From, spells[i].To, (spells[i].To - spells[i].From).TotalSeconds));
            if (i + 1 < spells.Count)
                _pieces.Add((spells[i].To, spells[i + 1].From, isLong[i] ? cut : (spells[i + 1].From - spells[i].To).TotalSeconds));
        }

        _whole = _pieces.Sum(piece => piece.Width);
        Spells = Together(spells, isLong);
        Gaps = [.. Spells.Zip(Spells.Skip(1)).Select(pair => new Gap(pair.First.To, pair.Second.From, At(pair.First.To), At(pair.Second.From)))];
        Unit = _whole / (Right - Left);
    }

    /// <summary>The times that are shown as long as they were.</summary>
    public IReadOnlyList<(DateTime From, DateTime To)> Spells { get; }

    /// <summary>The times that are shown shorter than they were.</summary>
    public IReadOnlyList<Gap> Gaps { get; }

    /// <summary>How many seconds a percent of the width is, where time is as long as it was.</summary>
    public double Unit { get; }

    /// <summary>Where that moment is, in percent of the width.</summary>
    public double At(DateTime moment)
    {
        var before = 0.0;
        foreach (var (from, to, width) in _pieces)
        {
            if (moment < to)
                return Place(before + (moment <= from ? 0 : width * ((moment - from) / (to - from))));
            before += width;
        }

        return Place(_whole);
    }

    private double Place(double seconds) => Left + ((Right - Left) * seconds / _whole);

    private static List<(DateTime From, DateTime To)> Together(List<(DateTime From, DateTime To)> spells, List<bool> isLong)
    {
        var together = new List<(DateTime From, DateTime To)>();
        for (var i = 0; i < spells.Count; i++)
        {
            if (i > 0 && !isLong[i - 1])
                together[^1] = (together[^1].From, spells[i].To);
            else
                together.Add(spells[i]);
        }

        return together;
    }
}
