using System.Globalization;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Core.Gates;

/// <summary>Is this the time?</summary>
public static class ScheduleGates
{
    /// <summary>What speaks against beginning a run at this moment.</summary>
    public static IEnumerable<Refusal> Judge(Run? last, Policy policy, Moment now)
    {
        // An end that lies in the future was written before the clock was set back: it says nothing.
        if (last is { Ended: { } ended } && last.Verdict.BacksOff() && ended <= now.Wall && now.Wall < ended + policy.RetryDelay)
        {
            var until = (ended + policy.RetryDelay).UtcDateTime.ToString("HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
            yield return new("schedule.back-off", $"the last run here ended with: {last.Why}; waiting until {until}", "wait, or lower the parameter retry_delay");
        }
    }
}
