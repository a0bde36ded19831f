using System.Globalization;
using PcmkKpatch.Core.Cluster;
using PcmkKpatch.Core.Gates;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Core.Watch;

/// <summary>How far a rollout is, and when it will have ended by what runs took before.</summary>
/// <param name="Done">How many members have nothing due.</param>
/// <param name="Members">How many members there are.</param>
/// <param name="Left">How long it will still take; null where no run has told.</param>
public sealed record Expectation(int Done, int Members, TimeSpan? Left)
{
    // The token is written, the DC looks, and the next node's worker, which waits for that, begins.
    private static readonly string s_pause = Phase.Pause.ToString().ToLowerInvariant();
    private static readonly TimeSpan s_betweenTwo = TimeSpan.FromSeconds(1);

    /// <summary>What is to be expected; null where no rollout goes on, or it is not known which nodes are still to come.</summary>
    /// <param name="view">The cluster.</param>
    /// <param name="token">The token.</param>
    /// <param name="histories">What the nodes tell of their last runs.</param>
    /// <param name="pause">How long each node pauses at home.</param>
    /// <param name="now">This moment, by the calendar.</param>
    public static Expectation? Of(ClusterView view, Token? token, IReadOnlyList<NodeHistory> histories, TimeSpan pause, DateTimeOffset now)
    {
        if (token is not { State: TokenState.Held, IsRehearsal: false })
            return null;
        var members = view.Nodes.Where(n => n.IsMember).ToList();
        var open = members.Where(n => n.Name == token.Node || StateWords.IsDue(n.Attributes.GetValueOrDefault(FleetGates.StateAttribute, "")) == true).Select(n => n.Name).ToList();
        var took = histories.Select(Took).OfType<TimeSpan>().ToList();
        return new Expectation(members.Count - open.Count, members.Count, took.Count == 0 ? null : Remaining(Middle(took) + pause, open.Count, token, now));
    }

    /// <summary>It in one line.</summary>
    /// <param name="now">This moment, by the calendar.</param>
    public string Words(DateTimeOffset now)
    {
        var done = string.Create(CultureInfo.InvariantCulture, $"{Done} of {Members} nodes done; ");
        return done + (Left is { } left
            ? string.Create(CultureInfo.InvariantCulture, $"the end is expected at {(now + left).UtcDateTime:HH:mm} UTC, in {Progress.About(left)}, by earlier runs")
            : "when it ends is not known: no run has ended well yet");
    }

    // A run that takes longer than most may end at any time.
    private static TimeSpan Remaining(TimeSpan one, int open, Token token, DateTimeOffset now)
    {
        var gone = CibText.Moment(token.Since) is { } since && now > since ? now - since : TimeSpan.Zero;
        return (gone < one ? one - gone : TimeSpan.Zero) + ((open - 1) * (one + s_betweenTwo));
    }

    // Of the last run of a node that went well, but for its pause, which the administrator may have changed since.
    private static TimeSpan? Took(NodeHistory history)
    {
        if (history.Runs.FirstOrDefault(run => run.IsGood) is not { } last)
            return null;
        var whole = last.Ended - last.Began;
        var marks = last.Phases.Append(new PhaseMark("", whole)).ToList();
        var paused = marks.FindIndex(mark => mark.Name == s_pause) is >= 0 and var at ? marks[at + 1].After - marks[at].After : TimeSpan.Zero;
        return whole - (paused > TimeSpan.Zero && paused < whole ? paused : TimeSpan.Zero);
    }

    private static TimeSpan Middle(List<TimeSpan> took) => took.Order().ElementAt(took.Count / 2);
}
