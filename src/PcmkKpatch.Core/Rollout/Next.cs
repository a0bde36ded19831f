namespace PcmkKpatch.Core.Rollout;

/// <summary>What a step says: the run as it is now, when to come back, and what to tell people meanwhile.</summary>
/// <param name="Run">The run; journalled before it is stepped again. Null where there is none.</param>
/// <param name="After">When to come back; null where the worker's work is done.</param>
/// <param name="Say">What is going on, in a sentence.</param>
public sealed record Next(Run? Run, TimeSpan? After, string Say)
{
    /// <summary>It will not get better by itself: a person must look.</summary>
    public bool NeedsPerson { get; private init; }

    /// <summary>The run as it was before the step; null where there was none.</summary>
    public Run? Before { get; init; }

    /// <summary>What a person must do is another node's to tell, and that one does.</summary>
    public bool ToldByAnother { get; init; }

    /// <summary>The run has ended, and the rollout is halted.</summary>
    public bool Halted { get; init; }

    /// <summary>The run has ended well, and by all that the nodes publish it was the last one of the rollout.</summary>
    public bool NoneIsDue { get; init; }

    /// <summary>Come back later, but it will not get better by itself.</summary>
    public static Next Person(Run run, TimeSpan after, string say) => new(run, after, say) { NeedsPerson = true };

    /// <summary>Nothing more to do.</summary>
    public static Next Done(string say, Run? ended = null) => new(ended, null, say);

    /// <summary>Go on at once.</summary>
    public static Next Go(Run run) => new(run, TimeSpan.Zero, "");

    /// <summary>Come back later.</summary>
    public static Next Wait(Run run, TimeSpan after, string say) => new(run, after, say);
}
