using System.Text;
using PcmkKpatch.Core.Rollout;

namespace PcmkKpatch.Tests.Simulation;

/// <summary>The last things that happened, kept cheaply and put into words only when a law was broken.</summary>
internal sealed class Trace
{
    private const int Kept = 256;
    private readonly (TimeSpan At, string Who, string What, object? Detail)[] _ring = new (TimeSpan, string, string, object?)[Kept];
    private long _count;

    public void Note(TimeSpan at, string who, string what, object? detail = null) => _ring[_count++ % Kept] = (at, who, what, detail);

    public override string ToString()
    {
        var text = new StringBuilder();
        for (var i = Math.Max(0, _count - Kept); i < _count; i++)
        {
            var (at, who, what, detail) = _ring[i % Kept];
            text.Append($"{at.TotalSeconds,9:0.000} {who,-8} {what} {Words(detail)}\n");
        }

        return text.ToString();
    }

    private static string? Words(object? detail) => detail is Run run ? $"[{run.Id} {run.Phase} {run.Verdict} {run.Why}]" : detail?.ToString();
}
