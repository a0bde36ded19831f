namespace PcmkKpatch.Core.Watch;

/// <summary>
/// How often may be looked, so that all looks together, with the tools that they start, take no more than a share of one processor: on a small cluster every few
/// seconds, on a large one, where crm_mon alone takes seconds, seldom.
/// </summary>
/// <param name="share">The share.</param>
/// <param name="atLeast">How long lies between two looks at the least.</param>
public sealed class Pace(double share, TimeSpan atLeast)
{
    private TimeSpan _notBefore;

    /// <summary>It was looked.</summary>
    /// <param name="elapsed">The time since it all began.</param>
    /// <param name="spent">The time of a processor that was taken since then.</param>
    public void Looked(TimeSpan elapsed, TimeSpan spent) => _notBefore = new[] { elapsed + atLeast, spent / share }.Max();

    /// <summary>How long to wait for the next look.</summary>
    public TimeSpan Until(TimeSpan elapsed) => _notBefore > elapsed ? _notBefore - elapsed : TimeSpan.Zero;
}
