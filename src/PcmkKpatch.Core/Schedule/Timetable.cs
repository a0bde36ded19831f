using System.Globalization;

namespace PcmkKpatch.Core.Schedule;

/// <summary>When runs may be: in the windows, and not in a blackout.</summary>
/// <param name="Windows">The windows.</param>
/// <param name="Blackout">The days on which no run may be.</param>
/// <param name="Zone">The zone in whose time both are written.</param>
public sealed record Timetable(Windows Windows, Blackout Blackout, TimeZoneInfo Zone)
{
    /// <summary>How far ahead is looked, in days: a good two years.</summary>
    internal const int DaysLookedAt = 731;

    /// <summary>
    /// Until when runs may be: the window that is open now closes, or a blackout begins. <see cref="DateTimeOffset.MaxValue"/> where neither will happen;
    /// null where no run may be now.
    /// </summary>
    public DateTimeOffset? Open(DateTimeOffset now)
    {
        if (Blackout.Covers(now, Zone) is not null || Windows.Open(now, Zone) is not { } closes)
            return null;
        return Blackout.Next(now, Zone) is { } next && next < closes ? next : closes;
    }

    /// <summary>The first instant, from now on, from which a run of that length may be: now, where it may. Null where there is none in the next two years.</summary>
    public DateTimeOffset? NextOpening(DateTimeOffset now, TimeSpan length)
    {
        DateTimeOffset? at = now;
        while (at < now.AddDays(DaysLookedAt))
        {
            if (Open(at.Value) is not { } closes)
                at = Blackout.Covers(at.Value, Zone) ?? Windows.NextOpening(at.Value, Zone);
            else if (closes - at < length)
                at = closes;
            else
                return at;
        }

        return null;
    }

    /// <summary>The instant for people, to the minute: in UTC, and in the zone's own time.</summary>
    public string Say(DateTimeOffset instant)
    {
        var utc = instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        var local = TimeZoneInfo.ConvertTime(instant, Zone).ToString("ddd yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        return $"{utc} ({local} {Zone.Id})";
    }
}
