using System.Text;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>The last things that happened, kept cheaply and put into words only when a law was broken.</summary>
internal sealed class Trace(int kept)
{
    private readonly (TimeSpan At, string Who, string What, object? Detail)[] _ring = new (TimeSpan, string, string, object?)[kept];
    private long _count;

    public void Note(TimeSpan at, string who, string what, object? detail = null) => _ring[_count++ % kept] = (at, who, what, detail);

    public override string ToString()
    {
        var text = new StringBuilder();
        for (var i = Math.Max(0, _count - kept); i < _count; i++)
        {
            var (at, who, what, detail) = _ring[i % kept];
            text.Append($"{at.TotalSeconds,9:0.000} {who,-8} {what} {Words(detail)}\n");
        }

        return text.ToString();
    }

    private static string? Words(object? detail) => detail is Run run ? $"[{run.Id} {run.Phase} {run.Verdict} {run.Why}]" : detail?.ToString();
}
